import init, { open as openDatabase } from "agent-datastore";

const PAGE_SIZE = 1000;

export const load = () => init();

export async function open(name, durability) {
  const db = await openDatabase({ name, durability, user: "ada", agent: "planner" });
  const store = db.dataStore({ namespace: "messages" });
  return {
    set: (key, value) => store.set(key, value),
    setMany: (entries) => store.setMany(entries),
    get: (key) => store.get(key),
    getMany: async (keys) => [...(await store.getMany(keys)).values()],
    listKeys: (prefix) => store.listKeys(prefix),
    async readAll() {
      const values = [];
      for await (const [, value] of store.entries({ pageSize: PAGE_SIZE })) values.push(value);
      return values;
    },
    deletePrefix: (prefix) => store.deleteByPrefix(prefix),
    close: () => db.close(),
  };
}
