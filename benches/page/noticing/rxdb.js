import { createRxDatabase } from "rxdb";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";

const SCHEMA = {
  version: 0,
  primaryKey: "key",
  type: "object",
  properties: { key: { type: "string", maxLength: 20 }, n: { type: "number" }, at: { type: "number" } },
  required: ["key", "n", "at"],
};

export async function open(name) {
  const db = await createRxDatabase({
    name,
    storage: getRxStorageDexie({ chromeTransactionDurability: "relaxed" }),
    multiInstance: true,
    eventReduce: true,
  });
  const { watched } = await db.addCollections({ watched: { schema: SCHEMA } });
  return {
    set: (key, value) => watched.incrementalUpsert({ key, ...value }),
    watch: (key, tell) => watched.findOne(key).$.subscribe(({ n, at }) => tell({ n, at })),
    close: () => db.close(),
  };
}
