import { createRxDatabase } from "rxdb";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";

const SCHEMA = {
  version: 0,
  primaryKey: "key",
  type: "object",
  properties: {
    key: { type: "string", maxLength: 20 },
    status: { type: "string", maxLength: 20 },
    priority: { type: "number", minimum: 0, maximum: 10_000, multipleOf: 1 },
    owner: { type: "string" },
    title: { type: "string" },
    due: { type: "string" },
  },
  required: ["key", "status", "priority", "owner", "title", "due"],
};

/** An index is not added to a collection that has records, so there are two of them; `isIndexed` says which one is asked. */
export async function open(name, isIndexed) {
  const db = await createRxDatabase({
    name,
    storage: getRxStorageDexie({ chromeTransactionDurability: "relaxed" }),
    multiInstance: false,
    eventReduce: true,
  });
  const collections = await db.addCollections({
    plain: { schema: SCHEMA },
    indexed: { schema: { ...SCHEMA, indexes: ["priority", ["status", "priority"]] } },
  });
  const tasks = isIndexed ? collections.indexed : collections.plain;
  const find = (query) => tasks.find(query).exec();
  return {
    async fill(entries) {
      for (const collection of Object.values(collections)) {
        const { error } = await collection.bulkInsert(entries.map(([key, task]) => ({ key, ...task })));
        if (error.length > 0) throw new Error(`RxDB: ${error.length} tasks were not written`);
      }
    },
    openBelow: (below) => find({ selector: { status: "open", priority: { $lt: below } } }),
    first: (limit) => find({ sort: [{ priority: "asc" }], limit }),
    between: (from, below) => find({ selector: { priority: { $gte: from, $lt: below } } }),
    firstOpen: (limit) => find({ selector: { status: "open" }, sort: [{ priority: "asc" }], limit }),
    /** A document's fields are made when they are asked for; that is left to the verification. */
    plain(found) {
      const { key, ...task } = found.toJSON();
      return [key, task];
    },
    close: () => db.close(),
  };
}
