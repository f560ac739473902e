import init, { open as openDatabase } from "agent-datastore";

/** More than is found, so that all of it is one page. */
const ALL = 1000;

export async function open(name) {
  await init();
  const db = await openDatabase({ name, durability: "relaxed" });
  const tasks = db.dataStore({ namespace: "tasks" });
  const find = async (options) => (await tasks.find(options)).entries;
  return {
    fill: (entries) => tasks.setMany(entries),
    openBelow: (below) => find({ where: { status: "open", priority: { $lt: below } }, limit: ALL }),
    first: (limit) => find({ orderBy: "priority", limit }),
    between: (from, below) => find({ where: { priority: { $gte: from, $lt: below } }, limit: ALL }),
    firstOpen: (limit) => find({ where: { status: "open" }, orderBy: "priority", limit }),
    async declare() {
      await tasks.createIndex("priority", ["priority"], { covering: true });
      await tasks.createIndex("status and priority", ["status", "priority"], { covering: true });
    },
    plain: ({ key, value }) => [key, value],
    close: () => db.close(),
  };
}
