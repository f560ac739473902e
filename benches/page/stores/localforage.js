import localforage from "localforage";

export async function load() {}

// Its public API has neither bulk calls nor durability.
export async function open(name) {
  const store = localforage.createInstance({ name, storeName: "messages", driver: localforage.INDEXEDDB });
  await store.ready();
  const listKeys = async (prefix) => (await store.keys()).filter((key) => key.startsWith(prefix));
  return {
    set: (key, value) => store.setItem(key, value),
    setMany: (entries) => Promise.all(entries.map(([key, value]) => store.setItem(key, value))),
    get: (key) => store.getItem(key),
    getMany: (keys) => Promise.all(keys.map((key) => store.getItem(key))),
    listKeys,
    async readAll() {
      const values = [];
      await store.iterate((value) => void values.push(value));
      return values;
    },
    deletePrefix: async (prefix) => Promise.all((await listKeys(prefix)).map((key) => store.removeItem(key))),
    close: async () => {},
  };
}
