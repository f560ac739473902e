// Common key-value stores behind the same few calls, each as its documentation says. `append` reads and writes at once where the store has a way
// to; where there is no call for many records they are written one by one.

const script = async (path) => import(`/modules/${path}`);

const appended = (list, item) => [...(list ?? []), item];

/** What has no faults and is compared with. */
export const map = {
  async open() {
    const records = new Map();
    return {
      db: records,
      set: async (key, value) => void records.set(key, value),
      setMany: async (entries) => entries.forEach(([key, value]) => records.set(key, value)),
      get: async (key) => records.get(key) ?? null,
      getMany: async (keys) => keys.map((key) => records.get(key) ?? null),
      append: async (key, item) => void records.set(key, appended(records.get(key), item)),
      delete: async (key) => void records.delete(key),
      keys: async () => [...records.keys()].sort(),
    };
  },
};

const orNull = (value) => value ?? null;

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** All records, as the script looks at them, without the library, which may share what is broken among its objects. */
async function readRaw(name) {
  const db = await done(indexedDB.open(name));
  const store = db.transaction("records").objectStore("records");
  const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
  db.close();
  return [keys, values.map(orNull)];
}

export const keyval = {
  async "idb-keyval"() {
    const { createStore, del, get, getMany, keys, set, setMany, update } = await script("idb-keyval/dist/index.js");
    return {
      reference: map,
      readRaw,
      async open(name) {
        const store = createStore(name, "records");
        return {
          db: store,
          set: (key, value) => set(key, value, store),
          setMany: (entries) => setMany(entries, store),
          get: async (key) => orNull(await get(key, store)),
          getMany: async (wanted) => (await getMany(wanted, store)).map(orNull),
          append: (key, item) => update(key, (list) => appended(list, item), store),
          delete: (key) => del(key, store),
          keys: async () => (await keys(store)).sort(),
        };
      },
      async close() {},
    };
  },

  async localForage() {
    await script("localforage/dist/localforage.js");
    const { localforage } = globalThis;
    return {
      reference: { open: async () => ({ ...(await map.open()), setMany: undefined }) },
      readRaw,
      async open(name) {
        const store = localforage.createInstance({ name, storeName: "records", driver: localforage.INDEXEDDB });
        await store.ready();
        return {
          db: store,
          set: async (key, value) => void (await store.setItem(key, value)),
          get: (key) => store.getItem(key),
          getMany: (keys) => Promise.all(keys.map((key) => store.getItem(key))),
          append: async (key, item) => void (await store.setItem(key, appended(await store.getItem(key), item))),
          delete: (key) => store.removeItem(key),
          keys: async () => (await store.keys()).sort(),
        };
      },
      async close() {},
    };
  },

  async Dexie() {
    const { default: Dexie } = await script("dexie/dist/dexie.mjs");
    return {
      reference: map,
      readRaw,
      async open(name) {
        const db = new Dexie(name);
        db.version(1).stores({ records: "" });
        await db.open();
        const table = db.table("records");
        return {
          db,
          set: async (key, value) => void (await table.put(value, key)),
          setMany: async (entries) => void (await table.bulkPut(entries.map(([, value]) => value), entries.map(([key]) => key))),
          get: async (key) => orNull(await table.get(key)),
          getMany: async (keys) => (await table.bulkGet(keys)).map(orNull),
          append: (key, item) => db.transaction("rw", table, async () => void (await table.put(appended(await table.get(key), item), key))),
          delete: (key) => table.delete(key),
          keys: () => table.toCollection().primaryKeys(),
        };
      },
      close: async ({ db }) => db.close(),
    };
  },

  async "agent-datastore, the same calls"() {
    const { load, ours } = await import("./ours.mjs");
    await load();
    return {
      ...ours,
      reference: map,
      async open(name, options) {
        const { db, data } = await ours.open(name, options);
        return {
          db,
          set: (key, value) => data.set(key, value),
          setMany: async (entries) => void (await data.setMany(entries)),
          get: (key) => data.get(key, null),
          getMany: async (keys) => {
            const found = await data.getMany(keys);
            return keys.map((key) => found.get(key) ?? null);
          },
          append: async (key, item) => data.set(key, appended(await data.get(key), item)),
          delete: async (key) => void (await data.delete(key)),
          keys: () => data.listKeys(),
        };
      },
    };
  },
};
