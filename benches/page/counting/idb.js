import { openDB } from "idb";

const TABLE = "counters";

export async function open(name) {
  const db = await openDB(name, 1, { upgrade: (made) => void made.createObjectStore(TABLE) });
  return {
    set: (key, value) => db.put(TABLE, value, key),
    get: (key) => db.get(TABLE, key),
    async add(key) {
      const { store, done } = db.transaction(TABLE, "readwrite", { durability: "relaxed" });
      await store.put((await store.get(key)) + 1, key);
      await done;
    },
    close: async () => db.close(),
  };
}
