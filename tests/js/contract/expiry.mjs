// Records that expire, by the clock of the browser.
import { equal, ok, rejects, same, throws } from "./assert.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it is later than a time. */
const until = async (time) => {
  while (Date.now() < time) await pause(Math.max(1, time - Date.now()));
};

export default [
  {
    name: "compact removes what is not needed any more, and changes nothing that can be read",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.setMany({ a: 1, b: 2, c: 3 }, { expiresInMs: 3_600_000 });
      for (let n = 0; n < 50; n++) await store.set("often", "x".repeat(5_000) + n);
      await store.clear();
      await store.set("kept", 4);
      const before = (await db.verify()).entries;
      equal(await db.compact(), 3);
      const { entries, damage } = await db.verify();
      same([entries, damage, await store.listKeys()], [before - 3, [], ["kept"]]);
      equal(await db.compact(), 0);
    },
  },
  {
    name: "what is set with a time is there until then, and getRecord tells when that is",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const at = new Date(Date.now() + 400);
      await store.set("date", 1, { expiresAt: at });
      await store.set("text", 1, { expiresAt: at.toISOString(), metadata: { a: 1 } });
      await store.setMany({ one: 1, two: 2 }, { expiresInMs: 60_000 });
      await store.set("kept", 1);
      equal(Date.parse((await store.getRecord("date")).expiresAt), at.getTime());
      same((await store.getRecord("text")).metadata, { a: 1 });
      equal((await store.getRecord("kept")).expiresAt, null);
      const left = Date.parse((await store.getRecord("two")).expiresAt) - Date.now();
      ok(left > 50_000 && left <= 60_000, `${left} ms left`);
      if (Date.now() < at.getTime() - 100) same(await store.listKeys(), ["date", "kept", "one", "text", "two"]);
      await until(at.getTime());
      same(await store.listKeys(), ["kept", "one", "two"]);
      same([await store.get("date"), await store.has("text"), await store.getEntry("date")], [undefined, false, undefined]);
      same([...(await store.getMany(["date", "kept"]))], [["kept", 1]]);
      await store.set("one", 1);
      equal((await store.getRecord("one")).expiresAt, null, "a set without a time keeps it");
      await store.update("two", (two) => two + 1);
      ok((await store.getRecord("two")).expiresAt, "an update leaves the time as it is");
    },
  },
  {
    name: "a store can have a time for all that it sets, and a call another one",
    async run(api) {
      const db = await api.open();
      const cache = db.dataStore({ namespace: "cache", expiresInMs: 300 });
      await cache.set("short", 1);
      await cache.set("long", 1, { expiresInMs: 60_000 });
      await cache.useNamespace("other").set("short", 1);
      const at = Date.parse((await cache.getRecord("short")).expiresAt);
      await db.atomic({ namespace: "cache" }).set("atomic", 1, { expiresAt: new Date(at) }).sum("short", 1).commit();
      equal(Date.parse((await cache.getRecord("atomic")).expiresAt), at);
      await until(at + 300);
      same(await cache.listKeys(), ["long"]);
      same(await cache.listNamespaces(), ["cache"]);
    },
  },
  {
    name: "it goes by itself at its time, and watchers see it go",
    async run(api) {
      const store = (await api.open()).dataStore();
      const events = store.watch("k");
      // Neither what is watched nor what expires keeps Node running.
      const awake = setInterval(() => {}, 1_000);
      await events.next();
      const at = Date.now() + 150;
      await store.set("k", "there", { expiresAt: new Date(at) });
      equal((await events.next()).value.changes[0].value, "there");
      const { changes } = (await events.next()).value;
      const late = Date.now() - at;
      same([changes[0].oldValue, "value" in changes[0]], ["there", false]);
      ok(late >= 0 && late < 2_000, `told ${late} ms after its time`);
      clearInterval(awake);
      await events.return();
    },
  },
  {
    name: "documents keep when they expire",
    async run(api) {
      const store = (await api.open()).dataStore();
      const at = "2999-01-01T00:00:00Z";
      await store.set("k", 1, { expiresAt: at });
      const text = await store.exportDocuments();
      equal(JSON.parse(text)[0].expiresAt, "2999-01-01T00:00:00");
      await store.clear();
      await store.importDocuments(text);
      equal((await store.getRecord("k")).expiresAt, at);
    },
  },
  {
    name: "a time that is none is refused, and nothing is written",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      for (const options of [{ expiresInMs: 0 }, { expiresInMs: 1.5 }, { expiresInMs: "1" }, { expiresInMs: 2 ** 53 }, { expiresInMs: Number.MAX_SAFE_INTEGER }, { expiresAt: "tomorrow" }, { expiresAt: new Date(NaN) }, { expiresAt: 5 }, { expiresAt: new Date(), expiresInMs: 1 }]) {
        await rejects(() => store.set("k", 1, options), "INVALID_ARGUMENT");
        await rejects(() => store.setMany({ k: 1 }, options), "INVALID_ARGUMENT");
      }
      throws(() => db.atomic().set("k", 1, { expiresInMs: -1 }), "INVALID_ARGUMENT");
      throws(() => db.dataStore({ expiresInMs: 0 }), "INVALID_ARGUMENT");
      same(await store.listKeys(), []);
      await store.set("past", 1, { expiresAt: new Date(0) });
      equal(await store.has("past"), false);
    },
  },
];
