import { equal, ok, rejects, same } from "./assert.mjs";

const callsOf = (store) => ({
  get: () => store.get("k"),
  has: () => store.has("k"),
  getRecord: () => store.getRecord("k"),
  getMany: () => store.getMany(["k"]),
  set: () => store.set("k", 2),
  setMany: () => store.setMany({ k: 2 }),
  delete: () => store.delete("k"),
  deleteMany: () => store.deleteMany(["k"]),
  deleteByPrefix: () => store.deleteByPrefix("k"),
  clear: () => store.clear(),
  listKeys: () => store.listKeys(),
  listNamespaces: () => store.listNamespaces(),
  list: () => store.list(),
  count: () => store.count(),
  find: () => store.find(),
  explain: () => store.explain(),
  createIndex: () => store.createIndex("i", ["a"]),
  dropIndex: () => store.dropIndex("i"),
  listIndexes: () => store.listIndexes(),
  entries: () => store.entries().next(),
  exportDocuments: () => store.exportDocuments(),
  importDocuments: () => store.importDocuments('[{"userId":"anonymous","key":"k","value":2}]'),
});

export default [
  {
    name: "after close every call rejects with CLOSED, those that would change nothing too",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.set("k", 1);
      equal(await db.close(), undefined);
      for (const each of [store, store.useNamespace("n"), db.dataStore()]) {
        for (const call of Object.values(callsOf(each))) await rejects(call, "CLOSED");
      }
      const idle = { setMany: () => store.setMany({}), getMany: () => store.getMany([]), deleteMany: () => store.deleteMany([]) };
      for (const call of Object.values(idle)) await rejects(call, "CLOSED");
      await rejects(() => db.flush(), "CLOSED");
      await rejects(() => db.refresh(), "CLOSED");
      await rejects(() => db.verify(), "CLOSED");
      await rejects(() => db.compact(), "CLOSED");
      same([db.name, db.backend, store.user], [api.name, api.backend, "anonymous"]);
      await rejects(() => store.set(5, 1), "INVALID_KEY");
    },
  },
  {
    name: "closing again, at once or later, does nothing",
    async run(api) {
      const db = await api.open({ trackAccess: true });
      await db.dataStore().set("k", 1);
      await db.dataStore().get("k");
      same(await Promise.all([db.close(), db.close(), db[Symbol.asyncDispose]()]), [undefined, undefined, undefined]);
      equal(await db.close(), undefined);
    },
  },
  {
    name: "Symbol.asyncDispose closes",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      equal(typeof db[Symbol.asyncDispose], "function");
      equal(await db[Symbol.asyncDispose](), undefined);
      await rejects(() => store.get("k"), "CLOSED");
    },
  },
  {
    name: "close ends running calls first",
    async run(api) {
      const prepared = await api.open({ trackAccess: true });
      await prepared.dataStore().setMany(Array.from({ length: 300 }, (_, place) => [`k${place}`, place]));
      for (let place = 0; place < 200; place++) await prepared.dataStore({ namespace: `n${place}` }).set("k", 1);
      await prepared.close();
      for (const name of Object.keys(callsOf({}))) {
        const db = await api.open({ trackAccess: true });
        const store = db.dataStore();
        if (api.backend === "memory") await store.set("k", 1);
        const reads = [store.get("k"), store.getMany(["k0"])];
        const call = callsOf(store)[name]();
        const closed = db.close();
        await Promise.all(reads);
        try {
          await call;
        } catch (error) {
          throw new Error(`${name} was made before close and rejected with ${error.code}`);
        }
        await closed;
      }
    },
  },
  {
    name: "writes made before close are there when the database is opened again",
    backends: ["indexeddb"],
    async run(api) {
      const db = await api.open();
      const writes = Array.from({ length: 50 }, (_, place) => db.dataStore().set(`k${place}`, place));
      await db.close();
      await Promise.all(writes);
      equal((await (await api.open()).dataStore().listKeys()).length, 50);
    },
  },
  {
    name: "closing one database leaves another on the same data alone",
    backends: ["indexeddb"],
    async run(api) {
      const [one, other] = [await api.open(), await api.open()];
      await one.dataStore().set("k", 1);
      await one.close();
      await other.refresh();
      equal(await other.dataStore().get("k"), 1);
      await other.dataStore().set("k", 2);
    },
  },
  {
    name: "databases in memory share nothing",
    backends: ["memory"],
    async run(api) {
      const [one, other] = [await api.open(), await api.open()];
      await one.dataStore().set("k", 1);
      equal(await other.dataStore().get("k"), undefined);
    },
  },
  {
    name: "destroy removes a database with all that is in it, and resolves where there is none",
    backends: ["indexeddb"],
    async run(api) {
      const db = await api.open();
      await db.dataStore().set("k", 1);
      await db.close();
      equal(await api.module.destroy(api.name), undefined);
      const names = (await indexedDB.databases()).map((each) => each.name);
      ok(!names.includes(api.name), "the database is still there");
      equal(await api.module.destroy(api.name), undefined);
      equal(await (await api.open()).dataStore().get("k"), undefined);
    },
  },
  {
    name: "a database's name may be any string",
    backends: ["indexeddb"],
    async run(api) {
      for (const name of ["", "😀", "a/b:c?d", "__proto__", "x".repeat(1_000)]) {
        const db = await api.module.open({ name });
        equal(db.name, name);
        await db.dataStore().set("k", name);
        await db.close();
        const again = await api.module.open({ name });
        equal(await again.dataStore().get("k"), name);
        await again.close();
        await api.module.destroy(name);
      }
    },
  },
  {
    name: "destroy and salvage take a string",
    async run(api) {
      for (const name of [null, 5, {}, [], Symbol("s")]) {
        await rejects(() => api.module.destroy(name), "INVALID_ARGUMENT", /name/);
        await rejects(() => api.module.salvage(name), "INVALID_ARGUMENT", /name/);
      }
    },
  },
  {
    name: "stores and databases work when their methods are called late and out of order",
    async run(api) {
      const db = await api.open();
      const { get, set } = db.dataStore();
      const store = db.dataStore();
      await set.call(store, "k", 1);
      equal(await get.call(store, "k"), 1);
      const many = Array.from({ length: 500 }, () => db.dataStore());
      await Promise.all(many.map((each, place) => each.set(`k${place}`, place)));
      equal((await store.listKeys()).length, 501);
    },
  },
];
