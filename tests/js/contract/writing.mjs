import { equal, ok, rejects, same } from "./assert.mjs";

const five = Array.from({ length: 5 }, (_, place) => [`k${place}`, place]);
const fiveKeys = five.map(([key]) => key);

export default [
  {
    name: "set resolves to undefined, and replaces the value whole",
    async run(api) {
      const store = (await api.open()).dataStore();
      equal(await store.set("k", { a: 1, b: 2 }), undefined);
      equal(await store.set("k", { b: 3 }), undefined);
      same(await store.get("k"), { b: 3 });
    },
  },
  {
    name: "values, items and metadata are taken at the time of the call",
    async run(api) {
      const store = (await api.open()).dataStore();
      const value = { list: [1] };
      const metadata = { tags: ["a"] };
      const items = new Map([["m", value]]);
      const calls = [store.set("k", value, { metadata }), store.setMany(items, { metadata })];
      value.list.push(2);
      metadata.tags.push("b");
      items.set("n", 1);
      await Promise.all(calls);
      same(await store.listKeys(), ["k", "m"]);
      for (const key of ["k", "m"]) {
        const record = await store.getRecord(key);
        same(record.value, { list: [1] });
        same(record.metadata, { tags: ["a"] });
      }
    },
  },
  {
    name: "metadata is merged: new fields win, others stay, nested objects are replaced whole",
    async run(api) {
      const store = (await api.open()).dataStore();
      const metadata = async () => (await store.getRecord("k")).metadata;
      await store.set("k", 1, { metadata: { a: 1, nested: { x: 1, y: 2 } } });
      await store.set("k", 2, { metadata: { b: 2, nested: { z: 3 } } });
      same(await metadata(), { a: 1, b: 2, nested: { z: 3 } });
      for (const left of [undefined, null, {}]) {
        await store.set("k", 3, { metadata: left });
        same(await metadata(), { a: 1, b: 2, nested: { z: 3 } });
      }
      await store.set("k", 4, {});
      await store.set("k", 5, undefined);
      await store.set("k", 6, { metadata: { a: null } });
      same(await metadata(), { a: null, b: 2, nested: { z: 3 } });
    },
  },
  {
    name: "metadata keeps strange names, and __proto__ in it stays data",
    async run(api) {
      const store = (await api.open()).dataStore();
      const strange = JSON.parse('{"__proto__": {"admin": true}, "": 1, "constructor": 2, "😀": 3}');
      await store.set("k", 1, { metadata: { plain: true } });
      await store.set("k", 2, { metadata: strange });
      const { metadata } = await store.getRecord("k");
      same(metadata, JSON.parse('{"plain": true, "__proto__": {"admin": true}, "": 1, "constructor": 2, "😀": 3}'));
      equal(metadata.admin, undefined);
      equal({}.admin, undefined);
    },
  },
  {
    name: "metadata that is not a JSON object is refused, and nothing is written",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const metadata of [[], [1], "text", 5, true, new Map(), new Date(), () => 1, NaN, 5n]) {
        await rejects(() => store.set("k", 1, { metadata }), "INVALID_VALUE", /metadata/);
        await rejects(() => store.setMany({ k: 1 }, { metadata }), "INVALID_VALUE", /metadata/);
      }
      const deep = { a: { b: [1, undefined] } };
      await rejects(() => store.set("k", 1, { metadata: deep }), "INVALID_VALUE", /^metadata\.a\.b\[1\] /);
      same(await store.listKeys(), []);
    },
  },
  {
    name: "setMany takes a plain object, a Map, pairs and a generator, and resolves to their number",
    async run(api) {
      const store = (await api.open()).dataStore();
      function* pairs() {
        yield* five;
      }
      const shapes = [
        Object.fromEntries(five),
        Object.assign(Object.create(null), Object.fromEntries(five)),
        new Map(five),
        five,
        new Set(five),
        pairs(),
        five.values(),
        api.foreign(`(${JSON.stringify(Object.fromEntries(five))})`),
        api.foreign(`new Map(${JSON.stringify(five)})`),
        api.foreign(`(${JSON.stringify(five)})`),
      ];
      for (const items of shapes) {
        equal(await store.setMany(items), 5);
        same(await store.getMany(fiveKeys), new Map(five));
        equal(await store.clear(), 5);
      }
      for (const items of [{}, new Map(), []]) equal(await store.setMany(items), 0);
      same(await store.listKeys(), []);
    },
  },
  {
    name: "setMany applies its metadata to every item, and of a key named twice the last value counts",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("a", 0, { metadata: { old: true } });
      await store.setMany([["a", 1], ["b", 2], ["a", 3]], { metadata: { batch: 7 } });
      same(await store.getMany(["a", "b"]), new Map([["a", 3], ["b", 2]]));
      same((await store.getRecord("a")).metadata, { old: true, batch: 7 });
      same((await store.getRecord("b")).metadata, { batch: 7 });
    },
  },
  {
    name: "setMany refuses other shapes, and writes not one item of a batch that it refuses",
    async run(api) {
      const store = (await api.open()).dataStore();
      class Items {}
      for (const items of [undefined, null, "ab", 5, true, new Date(), new Items(), () => 1, Symbol("s")]) {
        await rejects(() => store.setMany(items), "INVALID_ARGUMENT", /items/);
      }
      for (const pair of ["ab", ["a"], ["a", 1, 2], [], { 0: "a", 1: 1, length: 2 }, null, 5]) {
        await rejects(() => store.setMany([["fine", 1], pair]), "INVALID_ARGUMENT", /pairs/);
      }
      await rejects(() => store.setMany([["fine", 1], [5, 1]]), "INVALID_KEY");
      await rejects(() => store.setMany(new Map([["fine", 1], [null, 1]])), "INVALID_KEY");
      await rejects(() => store.setMany({ fine: 1, "\ud800": 1 }), "INVALID_KEY", /surrogate/);
      await rejects(() => store.setMany({ fine: 1, bad: NaN }), "INVALID_VALUE", /^items\["bad"\] /);
      await rejects(() => store.setMany([["fine", 1], ["x", undefined]]), "INVALID_VALUE", /^items\["x"\] /);
      await rejects(() => store.setMany([["fine", 1], ["x".repeat(70_000), 1]]), "LIMIT_EXCEEDED");
      same(await store.listKeys(), []);
    },
  },
  {
    name: "delete and deleteMany tell what existed, each key once",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(five);
      equal(await store.delete("k0"), true);
      equal(await store.delete("k0"), false);
      equal(await store.deleteMany(["k1", "x", "k2", "k1"]), 2);
      equal(await store.deleteMany(["k1", "k2"]), 0);
      equal(await store.deleteMany([]), 0);
      equal(await store.deleteMany(new Set(["k3"])), 1);
      same(await store.listKeys(), ["k4"]);
    },
  },
  {
    name: "clear empties this namespace only, and resolves to how many keys there were",
    async run(api) {
      const db = await api.open();
      const [a, ab, other] = [db.dataStore({ namespace: "a" }), db.dataStore({ namespace: "ab" }), db.dataStore({ user: "other", namespace: "a" })];
      for (const store of [a, ab, other]) await store.setMany(five);
      equal(await a.clear(), 5);
      equal(await a.clear(), 0);
      same(await a.listKeys(), []);
      same(await ab.listKeys(), fiveKeys);
      same(await other.listKeys(), fiveKeys);
    },
  },
  {
    name: "deleteByPrefix removes what begins so in this namespace only, and needs a prefix",
    async run(api) {
      const db = await api.open();
      const [a, other] = [db.dataStore({ namespace: "a" }), db.dataStore({ user: "other", namespace: "a" })];
      for (const store of [a, other]) await store.setMany({ "chat:1": 1, "chat:2": 2, chat: 3, "chau:1": 4 });
      equal(await a.deleteByPrefix("chat:"), 2);
      equal(await a.deleteByPrefix("chat:"), 0);
      same(await a.listKeys(), ["chat", "chau:1"]);
      equal((await other.listKeys()).length, 4);
      await rejects(() => a.deleteByPrefix(), "INVALID_KEY", /prefix/);
      same(await a.listKeys(), ["chat", "chau:1"]);
      equal(await a.deleteByPrefix(""), 2);
    },
  },
  {
    name: "calls on one key take effect in the order in which they were made",
    async run(api) {
      const db = await api.open();
      const stores = [db.dataStore(), db.dataStore({ agent: "other" })];
      const calls = Array.from({ length: 100 }, (_, place) => stores[place % 2].set("k", place));
      const removed = stores[0].delete("k");
      const last = stores[1].setMany({ k: "last", l: 1 });
      await Promise.all(calls);
      equal(await removed, true);
      await last;
      equal(await stores[0].get("k"), "last");
    },
  },
  {
    name: "clear takes its place among the calls on its keys",
    async run(api) {
      const store = (await api.open()).dataStore();
      const first = [store.set("a", 1), store.setMany({ b: 1, c: 1 })];
      const cleared = store.clear();
      const later = store.set("c", 2);
      await Promise.all(first);
      equal(await cleared, 3, "keys cleared:");
      await later;
      same(await store.listKeys(), ["c"]);
    },
  },
  {
    name: "importDocuments takes its place among the calls on its keys",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", "exported");
      const text = await store.exportDocuments();
      const calls = [store.set("k", 1), store.importDocuments(text), store.set("l", 2)];
      await Promise.all(calls);
      equal(await store.get("k"), "exported");
      await Promise.all([store.importDocuments(text), store.set("k", 3)]);
      equal(await store.get("k"), 3);
    },
  },
  {
    name: "two hundred merges of metadata made at once lose none",
    async run(api) {
      const store = (await api.open()).dataStore();
      const marks = Array.from({ length: 200 }, (_, place) => `m${place}`);
      await Promise.all(marks.map((mark) => store.set("k", mark, { metadata: { [mark]: true } })));
      same(Object.keys((await store.getRecord("k")).metadata).sort(), marks.sort());
    },
  },
  {
    name: "five thousand items are written, read, listed and removed at once",
    async run(api) {
      const store = (await api.open()).dataStore();
      const items = new Map(Array.from({ length: 5_000 }, (_, place) => [`key-${String(place).padStart(4, "0")}`, { place }]));
      equal(await store.setMany(items), 5_000);
      same(await store.listKeys(), [...items.keys()]);
      same(await store.getMany(items.keys()), items);
      equal(await store.deleteMany([...items.keys()].slice(0, 2_500)), 2_500);
      equal(await store.clear(), 2_500);
      ok(!(await store.has("key-0000")));
    },
  },
];
