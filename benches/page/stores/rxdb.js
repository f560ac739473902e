import { createRxDatabase } from "rxdb";
import { getRxStorageDexie } from "rxdb/plugins/storage-dexie";

const text = { type: "string" };
const SCHEMA = {
  version: 0,
  primaryKey: "key",
  type: "object",
  properties: {
    key: { type: "string", maxLength: 100 },
    id: text,
    role: text,
    content: text,
    createdAt: text,
    tokens: { type: "number" },
    temperature: { type: "number" },
    pinned: { type: "boolean" },
    tags: { type: "array", items: text },
  },
  required: ["id", "role", "content", "createdAt"],
};

export async function load() {}

export async function open(name, durability) {
  const db = await createRxDatabase({
    name,
    storage: getRxStorageDexie({ chromeTransactionDurability: durability }),
    multiInstance: false,
    eventReduce: true,
  });
  const { messages } = await db.addCollections({ messages: { schema: SCHEMA } });
  const withPrefix = (prefix) => messages.find({ selector: { key: { $gte: prefix, $lt: `${prefix}\uffff` } } });
  const written = ({ error }) => {
    if (error.length > 0) throw new Error(`RxDB: ${error.length} records were not written`);
  };
  return {
    // Every record here is new, so an insert does what the others' put does.
    set: (key, value) => messages.insert({ key, ...value }),
    setMany: async (entries) => written(await messages.bulkInsert(entries.map(([key, value]) => ({ key, ...value })))),
    get: (key) => messages.findOne(key).exec(),
    async getMany(keys) {
      const found = await messages.findByIds(keys).exec();
      return keys.map((key) => found.get(key));
    },
    listKeys: async (prefix) => (await withPrefix(prefix).exec()).map((found) => found.primary),
    readAll: () => messages.find().exec(),
    deletePrefix: async (prefix) => void (await withPrefix(prefix).remove()),
    close: () => db.close(),
    /** A document's fields are made when they are asked for; that is left to the verification. */
    plain: (found) => found?.toJSON(),
  };
}
