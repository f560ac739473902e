import { collect, equal, rejects, same, throws } from "./assert.mjs";

const NOT_TEXT = [null, 5, true, {}, [], () => "a", Symbol("s")];
const NOT_OBJECT = [null, "text", 5, true, [], new Map(), new Date(), () => 1, Symbol("s")];
const NOT_WHOLE = [0, -1, 1.5, NaN, Infinity, 2 ** 31, "100", null, true, 5n];
const NOT_FLAG = [null, 0, 1, "true", {}, []];

const WRONG = {
  open: {
    name: NOT_TEXT,
    backend: [null, "", "IndexedDB", "idb", 5, {}, ["memory"]],
    user: NOT_TEXT,
    agent: NOT_TEXT.filter((agent) => agent !== null),
    durability: [null, "", "eventual", 5, true],
    trackAccess: NOT_FLAG,
    openTimeoutMs: NOT_WHOLE,
    cacheBytes: NOT_WHOLE,
  },
  dataStore: {
    user: NOT_TEXT,
    agent: NOT_TEXT.filter((agent) => agent !== null),
    namespace: NOT_TEXT,
    trackAccess: NOT_FLAG,
  },
  entries: {
    prefix: NOT_TEXT,
    pageSize: NOT_WHOLE,
    signal: [null, {}, 5, true, "abort", new AbortController(), new EventTarget()],
  },
  exportDocuments: { allNamespaces: NOT_FLAG },
  importDocuments: { existing: [null, "", "merge", true, {}] },
  set: {},
  setMany: {},
};

export default [
  {
    name: "an option of the wrong type is refused by name",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const calls = {
        open: (options) => api.module.open(options),
        exportDocuments: (options) => store.exportDocuments(options),
        importDocuments: (options) => store.importDocuments("[]", options),
        dataStore: (options) => db.dataStore(options),
        entries: (options) => store.entries(options),
      };
      for (const [operation, call] of Object.entries(calls)) {
        for (const [name, values] of Object.entries(WRONG[operation])) {
          for (const value of values) {
            const message = new RegExp(`${operation}.*${name}`);
            const check = operation === "dataStore" || operation === "entries" ? throws : rejects;
            try {
              await check(() => call({ [name]: value }), "INVALID_ARGUMENT", message);
            } catch (error) {
              throw new Error(`${operation}({ ${name}: ${String(value?.constructor?.name)} ${String(value)} }): ${error.message}`);
            }
          }
        }
      }
    },
  },
  {
    name: "a message about a wrong option shows what would be right",
    async run(api) {
      const store = (await api.open()).dataStore();
      await rejects(() => api.module.open({ backend: "idb" }), "INVALID_ARGUMENT", /"indexeddb" or "memory"/);
      await rejects(() => api.module.open({ durability: "x" }), "INVALID_ARGUMENT", /"relaxed" or "strict"/);
      await rejects(() => store.importDocuments("[]", { existing: "x" }), "INVALID_ARGUMENT", /"replace" or "skip"/);
      await rejects(() => api.module.open({ trackAccess: 1 }), "INVALID_ARGUMENT", /boolean/);
      throws(() => store.entries({ pageSize: 0 }), "INVALID_ARGUMENT", /whole number from 1/);
      await rejects(() => api.module.open({ backend: "memory", usr: "ada" }), "INVALID_ARGUMENT", /"usr".*user/);
    },
  },
  {
    name: "an unknown option is refused by name, and so are options that are no object",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const calls = {
        open: (options) => api.module.open(options),
        set: (options) => store.set("k", 1, options),
        setMany: (options) => store.setMany({ k: 1 }, options),
        exportDocuments: (options) => store.exportDocuments(options),
        importDocuments: (options) => store.importDocuments("[]", options),
        dataStore: (options) => db.dataStore(options),
        entries: (options) => store.entries(options),
      };
      for (const [operation, call] of Object.entries(calls)) {
        const check = operation === "dataStore" || operation === "entries" ? throws : rejects;
        for (const name of ["nonsense", "toString", "__proto__", "constructor", ""]) {
          const options = JSON.parse(`{${JSON.stringify(name)}: 1}`);
          await check(() => call(options), "INVALID_ARGUMENT", new RegExp(`${JSON.stringify(name)}`));
        }
        for (const options of NOT_OBJECT) {
          if (operation === "entries" && options === "text") continue;
          await check(() => call(options), "INVALID_ARGUMENT", /options/);
        }
      }
      same(await store.listKeys(), []);
    },
  },
  {
    name: "an option that is undefined counts as left out",
    async run(api) {
      const { open } = api.module;
      const all = { user: undefined, agent: undefined, durability: undefined, trackAccess: undefined };
      Object.assign(all, { openTimeoutMs: undefined, cacheBytes: undefined });
      const db = await open({ ...all, name: api.name, backend: api.backend });
      const store = db.dataStore({ user: undefined, agent: undefined, namespace: undefined, trackAccess: undefined });
      same([store.user, store.agent, store.namespace], ["anonymous", "unknown", "default"]);
      await store.set("k", 1, { metadata: undefined });
      same(await collect(store.entries({ prefix: undefined, pageSize: undefined, signal: undefined })), [["k", 1]]);
      same(await store.importDocuments("[]", { existing: undefined }), { imported: 0, skipped: 0 });
      equal(JSON.parse(await store.exportDocuments({ allNamespaces: undefined })).length, 1);
      await db.close();
    },
  },
  {
    name: "defaults are those of the types, and a store takes what it is not given from open",
    async run(api) {
      const plain = await api.module.open({ backend: api.backend });
      same([plain.name, plain.backend], ["agent-datastore", api.backend]);
      const store = plain.dataStore();
      same([store.user, store.agent, store.namespace], ["anonymous", "unknown", "default"]);
      await plain.close();
      if (api.backend === "indexeddb") await api.module.destroy();

      const db = await api.open({ user: "ada", agent: "planner", trackAccess: true });
      equal(db.name, api.name);
      same([db.dataStore().user, db.dataStore().agent], ["ada", "planner"]);
      const own = db.dataStore({ user: "bob", agent: "coder", namespace: "n", trackAccess: false });
      same([own.user, own.agent, own.namespace], ["bob", "coder", "n"]);
      for (const agent of [null, ""]) equal(db.dataStore({ agent }).agent, null);
      equal(db.dataStore({ user: "", namespace: "" }).user, "");
      equal(db.dataStore({ user: "", namespace: "" }).namespace, "");

      const nobody = await api.open({ agent: null });
      equal(nobody.dataStore().agent, null);
      equal(nobody.dataStore({ agent: "x" }).agent, "x");
    },
  },
  {
    name: "strict durability keeps the same promises",
    async run(api) {
      const db = await api.open({ durability: "strict" });
      const store = db.dataStore();
      await Promise.all([store.set("a", 1), store.setMany({ b: 2 }), store.set("a", 3)]);
      await db.flush();
      same(await store.getMany(["a", "b"]), new Map([["a", 3], ["b", 2]]));
      equal(await store.clear(), 2);
    },
  },
  {
    name: "however little is kept in memory, what comes back is the same",
    async run(api) {
      for (const cacheBytes of [1, 100_000, 2 ** 31 - 1]) {
        const db = await api.open({ cacheBytes });
        const store = db.dataStore();
        const items = Array.from({ length: 40 }, (_, place) => [`k${place}`, `${cacheBytes} ${"x".repeat(place * 2_000)}`]);
        await store.setMany(items);
        same(await store.getMany(items.map(([key]) => key)), new Map(items));
        equal(await store.get("k39"), items[39][1]);
        await db.close();
      }
    },
  },
  {
    name: "flush resolves to undefined, with nothing to write too",
    async run(api) {
      const db = await api.open();
      equal(await db.flush(), undefined);
      await db.dataStore().set("k", 1);
      same(await Promise.all([db.flush(), db.flush()]), [undefined, undefined]);
    },
  },
  {
    name: "options may have no prototype, or be of another realm",
    async run(api) {
      const db = await api.open();
      equal(db.dataStore(Object.assign(Object.create(null), { user: "bare" })).user, "bare");
      equal(db.dataStore(api.foreign("({ user: 'foreign' })")).user, "foreign");
    },
  },
];
