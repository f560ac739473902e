import Dexie from "dexie";

export async function load() {}

export async function open(name, durability) {
  const db = new Dexie(name, { chromeTransactionDurability: durability });
  // No key within the value and no index: the least that Dexie has to do.
  db.version(1).stores({ messages: "" });
  await db.open();
  const table = db.table("messages");
  return {
    set: (key, value) => table.put(value, key),
    setMany: (entries) => table.bulkPut(entries.map(([, value]) => value), entries.map(([key]) => key)),
    get: (key) => table.get(key),
    getMany: (keys) => table.bulkGet(keys),
    listKeys: (prefix) => table.where(":id").startsWith(prefix).primaryKeys(),
    readAll: () => table.toArray(),
    deletePrefix: (prefix) => table.where(":id").startsWith(prefix).delete(),
    close: async () => db.close(),
  };
}
