import { openDB } from "idb";
import { rangeOf } from "./raw.js";

const TABLE = "messages";

export async function load() {}

export async function open(name, durability) {
  const db = await openDB(name, 1, { upgrade: (made) => void made.createObjectStore(TABLE) });
  const write = async (requests) => {
    const transaction = db.transaction(TABLE, "readwrite", { durability });
    await Promise.all([...requests(transaction.store), transaction.done]);
  };
  return {
    set: (key, value) => write((table) => [table.put(value, key)]),
    setMany: (entries) => write((table) => entries.map(([key, value]) => table.put(value, key))),
    get: (key) => db.get(TABLE, key),
    getMany: (keys) => {
      const { store } = db.transaction(TABLE);
      return Promise.all(keys.map((key) => store.get(key)));
    },
    listKeys: (prefix) => db.getAllKeys(TABLE, rangeOf(prefix)),
    readAll: () => db.getAll(TABLE),
    deletePrefix: (prefix) => write((table) => [table.delete(rangeOf(prefix))]),
    close: async () => db.close(),
  };
}
