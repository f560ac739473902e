import { equal, fail, ok, rejects, same } from "./assert.mjs";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/;

export default [
  {
    name: "get gives the value, undefined for a missing key, and the fallback only for a missing key",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("null", null);
      await store.set("zero", 0);
      await store.set("empty", "");
      await store.set("false", false);
      for (const [key, value] of [["null", null], ["zero", 0], ["empty", ""], ["false", false]]) {
        equal(await store.get(key), value);
        equal(await store.get(key, "fallback"), value);
      }
      equal(await store.get("missing"), undefined);
      equal(await store.get("missing", undefined), undefined);
      equal(await store.get("missing", null), null);
      const fallback = { not: () => "JSON" };
      equal(await store.get("missing", fallback), fallback, "the fallback itself:");
    },
  },
  {
    name: "what get returns belongs to the caller",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("list", [1, 2]);
      (await store.get("list")).push(3);
      same(await store.get("list"), [1, 2]);
      (await store.getRecord("list")).value.push(4);
      (await store.getMany(["list"])).get("list").push(5);
      same(await store.get("list"), [1, 2]);
    },
  },
  {
    name: "has tells whether a key exists, whatever its value",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("null", null);
      equal(await store.has("null"), true);
      equal(await store.has("nul"), false);
      await store.delete("null");
      equal(await store.has("null"), false);
    },
  },
  {
    name: "getRecord gives the record with all that is known about it, or undefined",
    async run(api) {
      const before = Date.now();
      const db = await api.open({ user: "ada", agent: "planner" });
      const store = db.dataStore({ namespace: "plans" });
      await store.set("k", { deep: [1] }, { metadata: { source: "test" } });
      const record = await store.getRecord("k");
      const times = [record.createdAt, record.updatedAt, record.lastAccessedAt];
      for (const time of times) {
        ok(TIME.test(time), `not ISO 8601 in UTC: ${time}`);
        ok(Date.parse(time) >= before && Date.parse(time) <= Date.now(), `not the time of the call: ${time}`);
      }
      same(record, {
        user: "ada",
        namespace: "plans",
        key: "k",
        value: { deep: [1] },
        metadata: { source: "test" },
        createdByAgent: "planner",
        lastAccessedByAgent: "planner",
        accessCount: 0,
        createdAt: times[0],
        updatedAt: times[0],
        lastAccessedAt: times[0],
        expiresAt: null,
        version: (await store.getEntry("k")).version,
      });
      equal(await store.getRecord("missing"), undefined);
    },
  },
  {
    name: "without an agent a record has no creator and no access",
    async run(api) {
      for (const agent of [null, ""]) {
        const store = (await api.open({ agent })).dataStore({ namespace: `agent ${agent}` });
        equal(store.agent, null);
        await store.set("k", 1);
        const record = await store.getRecord("k");
        equal(record.createdByAgent, null);
        equal(record.lastAccessedByAgent, null);
        equal(record.lastAccessedAt, null);
        same(record.metadata, {});
      }
    },
  },
  {
    name: "a later write keeps what tells of the creation, and tells of itself",
    async run(api) {
      const db = await api.open({ agent: "first" });
      await db.dataStore().set("k", 1, { metadata: { a: 1 } });
      const created = await db.dataStore().getRecord("k");
      await db.dataStore({ agent: "second" }).set("k", 2);
      const record = await db.dataStore().getRecord("k");
      equal(record.createdByAgent, "first");
      equal(record.createdAt, created.createdAt);
      equal(record.lastAccessedByAgent, "second");
      equal(record.lastAccessedAt, record.updatedAt);
      ok(Date.parse(record.updatedAt) >= Date.parse(created.updatedAt));
      equal(record.value, 2);
      same(record.metadata, { a: 1 });
      await db.dataStore({ agent: null }).set("k", 3);
      equal((await db.dataStore().getRecord("k")).lastAccessedByAgent, "second");
      await db.dataStore().delete("k");
      await db.dataStore({ agent: "third" }).set("k", 4);
      const anew = await db.dataStore().getRecord("k");
      equal(anew.createdByAgent, "third");
      same(anew.metadata, {});
    },
  },
  {
    name: "getMany gives a Map of the keys that exist, in the order in which they are first named",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany({ a: 1, b: null, c: [3], __proto__: null });
      same(await store.getMany(["c", "x", "a", "c", "b", "a"]), new Map([["c", [3]], ["a", 1], ["b", null]]));
      same(await store.getMany([]), new Map());
      same(await store.getMany(["x"]), new Map());
      same(await store.getMany(new Set(["b", "a"])), new Map([["b", null], ["a", 1]]));
      function* keys() {
        yield "a";
        yield "c";
      }
      same(await store.getMany(keys()), new Map([["a", 1], ["c", [3]]]));
    },
  },
  {
    name: "getMany refuses what is not an iterable of strings, and closes a generator that it refuses",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const keys of [undefined, null, "ab", 5, {}, Symbol("s"), { length: 1, 0: "a" }]) {
        await rejects(() => store.getMany(keys), "INVALID_ARGUMENT", /iterable of strings/);
        await rejects(() => store.deleteMany(keys), "INVALID_ARGUMENT", /iterable of strings/);
      }
      await rejects(() => store.getMany(["a", 5]), "INVALID_KEY", /keys\[1\]/);
      await rejects(() => store.getMany([, "a"]), "INVALID_KEY", /keys\[0\]/);
      await rejects(() => store.deleteMany(["a", null]), "INVALID_KEY", /keys\[1\]/);
      let closed = false;
      function* keys() {
        try {
          yield 5;
          fail("asked on after a refusal");
        } finally {
          closed = true;
        }
      }
      await rejects(() => store.getMany(keys()), "INVALID_KEY", /keys\[0\]/);
      ok(closed, "the generator was left hanging");
    },
  },
  {
    name: "keys are taken at the time of the call",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany({ a: 1, b: 2 });
      const keys = ["a"];
      const read = store.getMany(keys);
      keys.push("b");
      same(await read, new Map([["a", 1]]));
      const names = ["a"];
      const removal = store.deleteMany(names);
      names[0] = "b";
      equal(await removal, 1);
      same(await store.listKeys(), ["b"]);
    },
  },
];
