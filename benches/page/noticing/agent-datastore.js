import init, { open as openDatabase } from "agent-datastore";

export async function open(name) {
  await init();
  const db = await openDatabase({ name, durability: "relaxed" });
  const store = db.dataStore();
  return {
    set: (key, value) => store.set(key, value),
    watch: (key, tell) => store.subscribe(key, ({ changes }) => tell(changes.at(-1).value)),
    close: () => db.close(),
  };
}
