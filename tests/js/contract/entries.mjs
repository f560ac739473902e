import { collect, equal, ok, rejection, rejects, same } from "./assert.mjs";

const fill = async (store, count) => {
  const pairs = Array.from({ length: count }, (_, place) => [`k${String(place).padStart(3, "0")}`, place]);
  await store.setMany(pairs);
  return pairs;
};

export default [
  {
    name: "entries walks all records in key order, whatever the size of a page",
    async run(api) {
      const store = (await api.open()).dataStore();
      same(await collect(store.entries()), []);
      const pairs = await fill(store, 250);
      same(await collect(store.entries()), pairs);
      for (const pageSize of [1, 2, 3, 124, 125, 249, 250, 251, 2 ** 31 - 1]) {
        same(await collect(store.entries({ pageSize })), pairs, `pages of ${pageSize}:`);
      }
    },
  },
  {
    name: "entries takes a prefix as its argument or as an option",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany({ "src/a": 1, "src/b": 2, "srd": 3, src: 4, "": 5 });
      const expected = [["src/a", 1], ["src/b", 2]];
      same(await collect(store.entries("src/")), expected);
      same(await collect(store.entries({ prefix: "src/", pageSize: 1 })), expected);
      equal((await collect(store.entries(""))).length, 5);
      equal((await collect(store.entries({ prefix: "" }))).length, 5);
      equal((await collect(store.entries({}))).length, 5);
      same(await collect(store.entries("nothing")), []);
    },
  },
  {
    name: "entries is an async iterator of its own each time",
    async run(api) {
      const store = (await api.open()).dataStore();
      const pairs = await fill(store, 3);
      const [first, second] = [store.entries({ pageSize: 1 }), store.entries({ pageSize: 1 })];
      equal(first[Symbol.asyncIterator](), first);
      same(await first.next(), { value: pairs[0], done: false });
      same(await second.next(), { value: pairs[0], done: false });
      same(await Promise.all([first.next(), first.next(), first.next(), first.next()]), [
        { value: pairs[1], done: false },
        { value: pairs[2], done: false },
        { value: undefined, done: true },
        { value: undefined, done: true },
      ]);
      equal((await collect(second)).length, 2);
    },
  },
  {
    name: "a walk that is left early ends, and the store goes on",
    async run(api) {
      const store = (await api.open()).dataStore();
      await fill(store, 10);
      const iterator = store.entries({ pageSize: 2 });
      for await (const [key] of iterator) if (key === "k003") break;
      same(await iterator.next(), { value: undefined, done: true });
      const returned = store.entries();
      same(await returned.return("x"), { value: "x", done: true });
      same(await returned.next(), { value: undefined, done: true });
      const thrown = store.entries({ pageSize: 1 });
      await thrown.next();
      const own = new Error("mine");
      equal(await rejection(() => thrown.throw(own)), own);
      same(await thrown.next(), { value: undefined, done: true });
      equal((await collect(store.entries())).length, 10);
    },
  },
  {
    name: "a signal ends the walk with its reason, before it and in the middle of it",
    async run(api) {
      const store = (await api.open()).dataStore();
      await fill(store, 10);
      const own = new Error("enough");
      equal(await rejection(() => store.entries({ signal: AbortSignal.abort(own) }).next()), own);
      equal((await rejection(() => store.entries({ signal: AbortSignal.abort() }).next())).name, "AbortError");

      for (const pageSize of [1, 3, 100]) {
        const controller = new AbortController();
        const seen = [];
        const walk = async () => {
          for await (const [key] of store.entries({ signal: controller.signal, pageSize })) {
            seen.push(key);
            if (seen.length === 3) controller.abort(own);
          }
        };
        equal(await rejection(walk), own);
        same(seen, ["k000", "k001", "k002"]);
      }

      const controller = new AbortController();
      const iterator = store.entries({ signal: controller.signal });
      const pending = iterator.next();
      controller.abort(own);
      equal(await rejection(() => pending), own, "aborted while the first page is read:");
      same(await iterator.next(), { value: undefined, done: true });
    },
  },
  {
    name: "a signal that never fires changes nothing",
    async run(api) {
      const store = (await api.open()).dataStore();
      const pairs = await fill(store, 5);
      const { signal } = new AbortController();
      same(await collect(store.entries({ signal, pageSize: 2 })), pairs);
    },
  },
  {
    name: "what is written during a walk never makes a key come twice, nor ends it early",
    async run(api) {
      const store = (await api.open()).dataStore();
      await fill(store, 20);
      const seen = [];
      for await (const [key] of store.entries({ pageSize: 3 })) {
        seen.push(key);
        if (seen.length > 100) break;
        await store.set(key, "again");
        await store.delete("k010");
        await store.set(`${key}+`, "after the current one");
        await store.set("a", "before all");
        if (key === "k004") await store.delete("k004");
      }
      equal(new Set(seen).size, seen.length, "keys that came twice:");
      same(seen, [...seen].sort());
      for (let place = 0; place < 20; place++) {
        const key = `k${String(place).padStart(3, "0")}`;
        if (key !== "k010") ok(seen.includes(key), `${key} did not come`);
      }
    },
  },
  {
    name: "a pair belongs to the caller, who may change it",
    async run(api) {
      const store = (await api.open()).dataStore();
      await fill(store, 6);
      const seen = [];
      for await (const pair of store.entries({ pageSize: 2 })) {
        seen.push(pair[0]);
        if (seen.length > 20) break;
        pair.reverse();
      }
      same(seen, ["k000", "k001", "k002", "k003", "k004", "k005"]);
    },
  },
  {
    name: "a walk on a closed database rejects with CLOSED",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await fill(store, 4);
      const iterator = store.entries({ pageSize: 2 });
      await iterator.next();
      await db.close();
      same(await iterator.next(), { value: ["k001", 1], done: false }, "from the page that was read:");
      await rejects(() => iterator.next(), "CLOSED");
      same(await iterator.next(), { value: undefined, done: true });
      await rejects(() => store.entries().next(), "CLOSED");
    },
  },
];
