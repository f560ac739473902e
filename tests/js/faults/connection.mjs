import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, failed, freshName, newPage } from "./harness.mjs";

describe("connection", LIMIT, () => {
  for (const [way, cut] of Object.entries({
    "closed under our feet": (connection) => connection.close(),
    "told that it was closed": (connection) => {
      connection.close();
      connection.dispatchEvent(new Event("close"));
    },
  })) {
    test(`a connection ${way} is opened once more, for the next read and for the next write`, async (context) => {
      const page = await newPage(context);
      const result = await page.evaluate(
        async ([name, source]) => {
          const cut = eval(source);
          const { db, store, connections } = await t.openAndWatch(name);
          await store.setMany({ a: 1, b: 2 });
          const opened = [connections.length];
          cut(connections.at(-1));
          // What is in memory would be read without a connection.
          const read = await t.outcome(db.refresh().then(() => store.get("a")));
          opened.push(connections.length);
          cut(connections.at(-1));
          const write = await t.outcome(store.set("a", 3));
          opened.push(connections.length);
          const values = [...(await store.getMany(["a", "b"]))];
          return { read, write, values, opened };
        },
        [freshName(), String(cut)],
      );
      assert.deepEqual(result, {
        read: { value: 1 },
        write: { value: undefined },
        values: [["a", 3], ["b", 2]],
        opened: [1, 2, 3],
      });
    });
  }

  test("every method works after the connection was cut", async (context) => {
    const page = await newPage(context);
    const outcomes = await page.evaluate(async (name) => {
      const { db, store, connections } = await t.openAndWatch(name);
      await store.set("k", 1);
      const text = await store.exportDocuments();
      const calls = {
        get: () => store.get("k"),
        has: () => store.has("k"),
        getRecord: () => store.getRecord("k"),
        getMany: () => store.getMany(["k"]),
        listKeys: () => store.listKeys(),
        listNamespaces: () => store.listNamespaces(),
        list: () => store.list(),
        count: () => store.count(),
        entries: () => store.entries().next(),
        exportDocuments: () => store.exportDocuments(),
        set: () => store.set("k", 2),
        setMany: () => store.setMany({ k: 2 }),
        delete: () => store.delete("k"),
        importDocuments: () => store.importDocuments(text),
        deleteMany: () => store.deleteMany(["k"]),
        clear: () => store.clear(),
        flush: () => db.flush(),
        refresh: () => db.refresh(),
        close: () => db.close(),
      };
      const failures = [];
      for (const [method, call] of Object.entries(calls)) {
        connections.at(-1).close();
        const { code, message } = await t.outcome(call());
        if (code) failures.push(`${method}: ${code} ${message}`);
      }
      return failures;
    }, freshName());
    assert.deepEqual(outcomes, []);
  });

  test("fifty calls at once after a cut all succeed", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const { db, store, connections } = await t.openAndWatch(name);
      await store.set("k", 1);
      connections[0].close();
      const calls = Array.from({ length: 50 }, (_, place) => (place % 2 ? store.get("k") : store.set(`k${place}`, place)));
      const codes = (await Promise.all(calls.map(t.outcome))).map((each) => each.code).filter(Boolean);
      const keys = (await store.listKeys()).length;
      await db.close();
      // Nothing may be left open: a version change would wait for it.
      return { codes, keys, destroyed: await t.outcome(ads.destroy(name)) };
    }, freshName());
    assert.deepEqual(result, { codes: [], keys: 26, destroyed: { value: undefined } });
  });

  test("an InvalidStateError at the start of a transaction heals once, and for ever is CONNECTION_LOST until it ends", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      const store = db.dataStore();
      await store.set("k", 1);
      const refuse = (times) =>
        t.patch(IDBDatabase.prototype, "transaction", (transaction) => function (...parameters) {
          if (times-- > 0) throw new DOMException("The database connection is closing.", "InvalidStateError");
          return transaction.apply(this, parameters);
        });
      const result = {};
      let restore = refuse(1);
      result.readOnce = await t.outcome(db.refresh());
      restore();
      restore = refuse(1);
      result.writeOnce = await t.outcome(store.set("k", 2));
      restore();
      restore = refuse(Infinity);
      result.readEver = await t.outcome(db.refresh());
      result.fromMemory = await t.outcome(store.get("k"));
      result.writeEver = await t.outcome(store.set("k", 3));
      result.clearEver = await t.outcome(store.clear());
      // Nothing was sent, and that is known.
      result.unsent = await store.set("k", 3).catch(({ outcome }) => String(outcome));
      restore();
      result.readAfter = await t.outcome(store.get("k"));
      result.writeAfter = await t.outcome(store.set("k", 4));
      result.value = await store.get("k");
      await db.close();
      result.destroyed = await t.outcome(ads.destroy(name));
      return result;
    }, freshName());
    const { readEver, fromMemory, writeEver, clearEver, unsent, ...others } = result;
    assert.equal(unsent, "undefined");
    for (const each of [readEver, fromMemory, writeEver, clearEver]) failed(each, "CONNECTION_LOST", "InvalidStateError");
    assert.deepEqual(others, {
      readOnce: { value: undefined },
      writeOnce: { value: undefined },
      readAfter: { value: 2 },
      writeAfter: { value: undefined },
      value: 4,
      destroyed: { value: undefined },
    });
  });

  test("a reopening that fails rejects with its own code, and the next call tries again", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const { db, store, connections } = await t.openAndWatch(name);
      await store.set("k", 1);
      connections.at(-1).close();
      const restore = t.patch(IDBFactory.prototype, "open", () => () => {
        throw new DOMException("denied", "SecurityError");
      });
      const denied = [await t.outcome(db.refresh()), await t.outcome(store.get("k")), await t.outcome(store.set("k", 2))];
      restore();
      return { denied, read: await t.outcome(store.get("k")), write: await t.outcome(store.set("k", 3)) };
    }, freshName());
    for (const each of result.denied) failed(each, "UNAVAILABLE");
    assert.deepEqual([result.read, result.write], [{ value: 1 }, { value: undefined }]);
  });

  test("destroying a database that another page has open closes it there; its later calls are DATA_LOSS and recreate nothing", async (context) => {
    const [owner, other] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await owner.evaluate(async (name) => {
      globalThis.db = await ads.open({ name });
      globalThis.store = db.dataStore();
      await store.set("k", 1);
    }, name);
    assert.deepEqual(await other.evaluate((name) => t.outcome(ads.destroy(name)), name), { value: undefined });
    for (const call of ["store.get('k')", "store.set('k', 2)", "store.listKeys()", "store.clear()", "store.setMany({ a: 1 })"]) {
      failed(await owner.evaluate((call) => t.outcome(eval(call)), call), "DATA_LOSS");
    }
    assert.equal(name in (await other.evaluate(() => t.databases())), false, "the database was created again");
    assert.deepEqual(await owner.evaluate(() => t.outcome(db.close())), { value: undefined });
    const anew = await owner.evaluate(async (name) => (await ads.open({ name })).dataStore().listKeys(), name);
    assert.deepEqual(anew, []);
  });

  test("destroying a database that is open in the same page works too", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      const store = db.dataStore();
      const write = store.set("k", 1);
      const destroyed = await t.outcome(ads.destroy(name));
      return { destroyed, write: (await t.outcome(write)).code ?? "written", later: await t.outcome(store.get("k")), left: name in (await t.databases()) };
    }, freshName());
    assert.deepEqual(result.destroyed, { value: undefined });
    assert.ok(["written", "DATA_LOSS"].includes(result.write), result.write);
    failed(result.later, "DATA_LOSS");
    assert.equal(result.left, false);
  });

  test("site data that the user clears is DATA_LOSS, never an empty store", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => {
      globalThis.store = (await ads.open({ name })).dataStore();
      await store.setMany({ a: 1, b: 2 });
    }, name);
    const session = await page.context().newCDPSession(page);
    const origin = await page.evaluate(() => location.origin);
    await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
    failed(await page.evaluate(() => t.outcome(store.get("a"))), "DATA_LOSS");
    failed(await page.evaluate(() => t.outcome(store.set("a", 1))), "DATA_LOSS");
    assert.equal(name in (await page.evaluate(() => t.databases())), false);
  });

  test("a newer version of the software in another tab is let through; this one is NEWER_VERSION from then on", async (context) => {
    const [page, newer] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await page.evaluate(async (name) => {
      globalThis.store = (await ads.open({ name })).dataStore();
      await store.set("k", 1);
    }, name);
    await newer.evaluate(async (name) => (await t.openRaw(name, 5)).close(), name);
    failed(await page.evaluate(() => t.outcome(store.get("k"))), "NEWER_VERSION", "VersionError");
    failed(await page.evaluate(() => t.outcome(store.set("k", 2))), "NEWER_VERSION", "VersionError");
  });
});
