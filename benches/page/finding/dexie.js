import Dexie from "dexie";

const INDEXED = "key, priority, [status+priority]";

export async function open(name, isIndexed) {
  const db = new Dexie(name, { chromeTransactionDurability: "relaxed" });
  db.version(1).stores({ tasks: "key" });
  if (isIndexed) db.version(2).stores({ tasks: INDEXED });
  await db.open();
  const tasks = () => db.table("tasks");
  return {
    fill: (entries) => tasks().bulkPut(entries.map(([key, task]) => ({ key, ...task }))),
    // All of them at once are read sooner than one by one with a cursor, as `filter` of a table does.
    openBelow: async (below) => (await tasks().toArray()).filter(({ status, priority }) => status === "open" && priority < below),
    first: async (limit) => (await tasks().toCollection().sortBy("priority")).slice(0, limit),
    between: (from, below) => tasks().where("priority").between(from, below).toArray(),
    firstOpen: (limit) => tasks().where("[status+priority]").between(["open", Dexie.minKey], ["open", Dexie.maxKey]).limit(limit).toArray(),
    /** As an application's next version does it. */
    async declare() {
      db.close();
      db.version(2).stores({ tasks: INDEXED });
      await db.open();
    },
    plain: ({ key, ...task }) => [key, task],
    close: async () => db.close(),
  };
}
