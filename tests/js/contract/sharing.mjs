import { equal, same } from "./assert.mjs";

/** What an expression gives once it is not undefined any more. */
async function eventually(read) {
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    // Reads from memory alone would never let a notice come in.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

export default [
  {
    name: "refresh resolves to undefined, at once and many times too",
    async run(api) {
      const db = await api.open();
      equal(await db.refresh(), undefined);
      await db.dataStore().set("k", 1);
      same(await Promise.all([db.refresh(), db.refresh(), db.flush()]), [undefined, undefined, undefined]);
      equal(await db.dataStore().get("k"), 1);
    },
  },
  {
    name: "after refresh reads see every write that was complete when it was called",
    backends: ["indexeddb"],
    async run(api) {
      const [one, other] = [await api.open(), await api.open()];
      for (let round = 0; round < 20; round++) {
        await one.dataStore().setMany({ a: round, b: round });
        await other.refresh();
        same([...(await other.dataStore().getMany(["a", "b"]))], [["a", round], ["b", round]]);
        await other.dataStore({ user: "ada" }).set("k", round);
        await one.refresh();
        equal(await one.dataStore({ user: "ada" }).get("k"), round);
      }
      await other.dataStore().clear();
      await one.refresh();
      same(await one.dataStore().listKeys(), []);
    },
  },
  {
    name: "writes of others come by themselves, in their order, each whole",
    backends: ["indexeddb"],
    async run(api) {
      const [one, other] = [await api.open(), await api.open()];
      const writing = (async () => {
        for (let round = 1; round <= 30; round++) await one.dataStore().setMany({ a: round, b: round });
      })();
      let last = 0;
      while (last < 30) {
        const seen = await eventually(async () => {
          const pair = await other.dataStore().getMany(["a", "b"]);
          return pair.size === 0 ? undefined : pair;
        });
        equal(seen.get("a"), seen.get("b"), "half a batch was seen:");
        if (seen.get("a") < last) throw new Error(`${seen.get("a")} was seen after ${last}`);
        last = seen.get("a");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await writing;
    },
  },
  {
    name: "a change that depends on what is stored sees what others wrote, without a refresh",
    backends: ["indexeddb"],
    async run(api) {
      const [one, other] = [(await api.open()).dataStore(), (await api.open()).dataStore()];
      await one.set("k", 1, { metadata: { one: true } });
      await other.set("k", 2, { metadata: { other: true } });
      same((await other.getRecord("k")).metadata, { one: true, other: true });
      equal(await one.delete("k"), true);
      equal(await other.delete("k"), false);
      await one.setMany({ a: 1, b: 2 });
      equal(await other.clear(), 2);
    },
  },
];
