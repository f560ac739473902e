import init, { open as openDatabase } from "agent-datastore";

export async function open(name) {
  await init();
  const db = await openDatabase({ name, durability: "relaxed" });
  const store = db.dataStore();
  return {
    set: (key, value) => store.set(key, value),
    get: (key) => store.get(key),
    add: (key) => store.update(key, (count) => count + 1),
    close: () => db.close(),
  };
}
