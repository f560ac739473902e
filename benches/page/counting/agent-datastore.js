import init, { open as openDatabase } from "agent-datastore";

export async function open(name) {
  await init();
  const db = await openDatabase({ name, durability: "relaxed" });
  const store = db.dataStore();
  return {
    set: (key, value) => store.set(key, value),
    // A plain read may be late by what another tab has just written.
    async get(key) {
      await db.refresh();
      return store.get(key);
    },
    add: (key) => store.update(key, (count) => count + 1),
    close: () => db.close(),
  };
}
