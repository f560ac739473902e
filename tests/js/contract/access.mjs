import { equal, ok, same } from "./assert.mjs";

const count = async (store, key = "k") => (await store.getRecord(key)).accessCount;

export default [
  {
    name: "reads are counted where asked, with the agent who read",
    async run(api) {
      const db = await api.open({ agent: "writer" });
      const [writer, reader] = [db.dataStore(), db.dataStore({ agent: "reader", trackAccess: true })];
      await writer.set("k", 1);
      const before = await writer.getRecord("k");
      equal(await reader.get("k"), 1);
      equal(await reader.get("k", 2), 1);
      await reader.get("missing");
      await db.flush();
      const record = await writer.getRecord("k");
      same([record.accessCount, record.lastAccessedByAgent], [2, "reader"]);
      ok(record.lastAccessedAt >= before.lastAccessedAt);
      same([record.updatedAt, record.createdAt], [before.updatedAt, before.createdAt]);
      await writer.set("k", 2);
      equal(await count(writer), 2, "writes are not counted:");
    },
  },
  {
    name: "the last of a read and a write is the last access, within one millisecond too",
    async run(api) {
      const db = await api.open({ agent: "writer" });
      const [writer, reader] = [db.dataStore(), db.dataStore({ agent: "reader", trackAccess: true })];
      const clock = Date.now;
      const now = clock();
      Date.now = () => now;
      try {
        await writer.set("k", 1);
        await reader.get("k");
        equal((await writer.getRecord("k")).lastAccessedByAgent, "reader", "after the read:");
        await writer.set("k", 2);
        equal((await writer.getRecord("k")).lastAccessedByAgent, "writer", "after the write:");
      } finally {
        Date.now = clock;
      }
    },
  },
  {
    name: "getMany counts every naming of a key that exists",
    async run(api) {
      const store = (await api.open({ trackAccess: true })).dataStore();
      await store.setMany({ a: 1, b: 2 });
      await store.getMany(["a", "b", "a", "missing"]);
      same([await count(store, "a"), await count(store, "b")], [2, 1]);
      equal(await store.getRecord("missing"), undefined);
    },
  },
  {
    name: "has, getRecord, lists, writes and stores that do not track count nothing",
    async run(api) {
      const db = await api.open({ trackAccess: true });
      const store = db.dataStore();
      await store.set("k", 1);
      await store.has("k");
      await store.getRecord("k");
      await store.listKeys();
      await store.listNamespaces();
      await store.listNamespaces({ details: true });
      await store.list();
      await store.count();
      await store.exportDocuments();
      await store.set("k", 2);
      await db.dataStore({ trackAccess: false }).get("k");
      await db.dataStore({ agent: null }).get("k");
      await db.dataStore({ agent: "", trackAccess: true }).getMany(["k"]);
      await db.flush();
      equal(await count(store), 0);
      await store.useNamespace("default").get("k");
      equal(await count(store), 1);
    },
  },
  {
    name: "by default nothing is counted",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", 1);
      await store.get("k");
      equal(await count(store), 0);
    },
  },
  {
    name: "counts are of the record: kept by later writes, seen by export, and gone with it, written or not",
    async run(api) {
      const store = (await api.open({ trackAccess: true })).dataStore();
      await store.set("k", 1);
      await store.get("k");
      await store.set("k", 2);
      await store.get("k");
      equal(JSON.parse(await store.exportDocuments())[0].accessCount, 2);
      await store.get("k");
      await store.delete("k");
      await store.set("k", 3);
      equal(await count(store), 0);
      await store.get("k");
      equal(await store.clear(), 1);
      await store.set("k", 4);
      equal(await count(store), 0);
    },
  },
  {
    name: "two thousand five hundred counted reads are all written",
    async run(api) {
      const db = await api.open({ trackAccess: true });
      const store = db.dataStore();
      const keys = Array.from({ length: 2_500 }, (_, place) => `k${place}`);
      await store.setMany(keys.map((key) => [key, 1]));
      await Promise.all([store.getMany(keys), ...keys.slice(0, 50).map((key) => store.get(key))]);
      await db.flush();
      const counts = JSON.parse(await store.exportDocuments()).map((document) => document.accessCount);
      equal(counts.reduce((sum, each) => sum + each), 2_550);
    },
  },
  {
    name: "flush writes the counts where another connection sees them",
    backends: ["indexeddb"],
    async run(api) {
      const [db, other] = [await api.open({ trackAccess: true }), await api.open()];
      await db.dataStore().set("k", 1);
      await Promise.all([db.dataStore().get("k"), db.dataStore().get("k")]);
      await db.flush();
      await other.refresh();
      equal(await count(other.dataStore()), 2);
    },
  },
  {
    name: "who flushes or asks for a record while counts are being written waits for them",
    async run(api) {
      const db = await api.open({ trackAccess: true });
      const store = db.dataStore();
      const other = api.backend === "memory" ? db : await api.open();
      await store.set("k", 1);
      await store.get("k");
      const first = db.flush();
      await db.flush();
      await other.refresh();
      equal(await count(other.dataStore()), 1, "after the second of two flushes:");
      await first;
      await store.get("k");
      const second = db.flush();
      equal(await count(store), 2, "during a flush:");
      await second;
    },
  },
  {
    name: "counts are written by themselves a little after the read",
    backends: ["indexeddb"],
    async run(api) {
      const [db, other] = [await api.open({ trackAccess: true }), await api.open()];
      const store = db.dataStore();
      for (const round of [1, 2]) {
        await store.set("k", round);
        await Promise.all([store.get("k"), store.getMany(["k"])]);
        // Reading through another connection leaves the first one's buffer alone.
        do await other.refresh();
        while ((await count(other.dataStore())) < 2 * round);
        equal(await count(other.dataStore()), 2 * round);
      }
    },
  },
  {
    name: "close writes the counts",
    backends: ["indexeddb"],
    async run(api) {
      const db = await api.open({ trackAccess: true });
      await db.dataStore().set("k", 1);
      await db.dataStore().get("k");
      await db.close();
      equal(await count((await api.open()).dataStore()), 1);
    },
  },
  {
    name: "a read that is not awaited before close is counted",
    backends: ["indexeddb"],
    async run(api) {
      const db = await api.open({ trackAccess: true });
      const store = db.dataStore();
      await store.setMany({ k: 1, l: 2 });
      const reads = [store.get("k"), store.getMany(["k", "l"])];
      await db.close();
      await Promise.all(reads);
      const again = (await api.open()).dataStore();
      same([await count(again, "k"), await count(again, "l")], [2, 1]);
    },
  },
];
