import init, { open as openDatabase } from "agent-datastore";

export async function open(name) {
  await init();
  const db = await openDatabase({ name, durability: "relaxed" });
  const store = db.dataStore();
  return {
    set: (key, value) => store.set(key, value),
    // Of a record that this tab does not know of yet, the first event has nothing.
    watch: (key, tell) => store.subscribe(key, ({ changes }) => changes.forEach(({ value }) => tell(value))),
    close: () => db.close(),
  };
}
