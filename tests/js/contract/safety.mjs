import { equal, ok, rejects, same } from "./assert.mjs";

export default [
  {
    name: "verify counts what there is, finds nothing wrong and changes nothing",
    async run(api) {
      const db = await api.open();
      same(await db.verify(), { ...(await db.verify()), entries: 0, damage: [] });
      const store = db.dataStore();
      await store.setMany(Array.from({ length: 50 }, (_, place) => [`k${place}`, "x".repeat(place * 1_000)]));
      await store.set("k0", 1);
      await store.delete("k49");
      await db.dataStore({ user: "bob" }).set("k", 1);
      const [report, again] = await Promise.all([db.verify(), db.verify(), store.set("k1", 2)]);
      same(Object.keys(report).sort(), ["blobs", "bytes", "damage", "entries"]);
      same([report.entries, report.damage, again.damage], [50, [], []]);
      equal(report.blobs > 0 && report.bytes > 0, api.backend === "indexeddb");
      equal((await store.listKeys()).length, 49);
    },
  },
  {
    name: "salvage gives the documents of a sound database as an export does",
    backends: ["indexeddb"],
    async run(api) {
      const { salvage } = api.module;
      const db = await api.open({ trackAccess: true });
      const [ada, bob] = [db.dataStore({ user: "ada" }), db.dataStore({ user: "bob", namespace: "n" })];
      await ada.setMany({ a: 1, b: { c: ["d", "😀"] }, large: "x".repeat(100_000) }, { metadata: { m: true } });
      await bob.set("k", null);
      await ada.get("a");
      await db.flush();
      await ada.delete("nothing");
      const text = await ada.exportDocuments({ allNamespaces: true });
      const all = await salvage(api.name);
      same([all.records, all.others, all.damage], [4, 0, []]);
      same(JSON.parse(all.documents), [...JSON.parse(text), ...JSON.parse(await bob.exportDocuments())]);
      const hers = await salvage(api.name, { user: "ada" });
      same([hers.documents, hers.records, hers.others], [text, 3, 1]);
      same((await salvage(api.name, { user: "ada", namespace: "n" })).records, 0);
      await db.close();
      equal((await salvage(api.name, { user: "ada", openTimeoutMs: 5_000 })).documents, text);
      const anew = (await api.module.open({ backend: "memory" })).dataStore({ user: "ada" });
      same(await anew.importDocuments(hers.documents), { imported: 3, skipped: 0 });
      equal(await anew.exportDocuments(), text);
    },
  },
  {
    name: "salvage refuses wrong options, and a database that is not there",
    async run(api) {
      const { salvage } = api.module;
      await rejects(() => salvage(api.name, { users: "ada" }), "INVALID_ARGUMENT", /"users".*user/);
      await rejects(() => salvage(api.name, { user: 5 }), "INVALID_ARGUMENT", /salvage: user/);
      await rejects(() => salvage(api.name, null), "INVALID_ARGUMENT", /options/);
      const error = await rejects(() => salvage(`${api.name} not there`), api.backend === "memory" ? "UNAVAILABLE" : "DATA_LOSS");
      ok(error.message !== "");
    },
  },
];
