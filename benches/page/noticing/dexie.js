import Dexie, { liveQuery } from "dexie";

export async function open(name) {
  const db = new Dexie(name, { chromeTransactionDurability: "relaxed" });
  db.version(1).stores({ watched: "" });
  await db.open();
  const table = db.table("watched");
  return {
    set: (key, value) => table.put(value, key),
    watch: (key, tell) => liveQuery(() => table.get(key)).subscribe(tell),
    close: async () => db.close(),
  };
}
