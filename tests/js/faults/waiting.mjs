import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, failed, freshName, newPage } from "./harness.mjs";

describe("waiting", LIMIT, () => {
  test("while somebody else keeps a transaction, calls are TIMEOUT and close settles; then all works again", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name, callTimeoutMs: 400 });
      const store = db.dataStore();
      await store.set("k", 1);
      const raw = await t.openRaw(name);
      const transaction = raw.transaction([...raw.objectStoreNames], "readwrite");
      let held = true;
      const hold = () => {
        if (held) transaction.objectStore("meta").get(0).onsuccess = hold;
      };
      hold();
      const calls = [store.set("k", 2), store.set("k", 3), store.delete("other"), store.clear(), db.flush(), db.refresh()];
      const fromMemory = await t.outcome(store.get("k"));
      const outcomes = await Promise.all(calls.map(t.outcome));
      const closed = await t.outcome(db.close());
      held = false;
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      raw.close();
      const again = (await ads.open({ name })).dataStore();
      return { fromMemory, outcomes, closed, again: [await t.outcome(again.set("k", 4)), await again.get("k")] };
    }, freshName());
    for (const outcome of result.outcomes) failed(outcome, "TIMEOUT");
    assert.deepEqual([result.fromMemory, result.closed], [{ value: 1 }, { value: undefined }]);
    assert.deepEqual(result.again, [{ value: undefined }, 4]);
  });

  test("a commit whose event never comes is looked up, and the same database goes on with a new connection", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const { store, connections } = await t.openAndWatch(name, { callTimeoutMs: 400 });
      await store.set("k", 1);
      const restore = t.patch(IDBDatabase.prototype, "transaction", (begin) => function (...parameters) {
        const transaction = begin.apply(this, parameters);
        if (parameters[1] === "readwrite") {
          Object.defineProperty(transaction, "oncomplete", { set() {} });
        }
        return transaction;
      });
      const opened = connections.length;
      const lost = await t.outcome(store.set("k", 2));
      restore();
      const later = await t.outcome(store.set("k", 3));
      return { lost, later, value: await store.get("k"), opened: connections.length - opened };
    }, freshName());
    assert.deepEqual([result.lost, result.later, result.value, result.opened], [{ value: undefined }, { value: undefined }, 3, 1]);
  });

  test("a database that was deleted and made anew by another page is DATA_LOSS, and not taken for the old one", async (context) => {
    const [page, other] = [await newPage(context), await newPage(context)];
    const name = freshName();
    const store = await page.evaluateHandle(async (name) => (await ads.open({ name })).dataStore(), name);
    await store.evaluate((store) => store.set("k", "old"));
    await other.evaluate(async (name) => {
      await ads.destroy(name);
      await (await ads.open({ name })).dataStore().set("k", "new");
    }, name);
    for (const call of ["get", "set", "clear"]) {
      failed(await store.evaluate((store, call) => t.outcome(store[call]("k", "mine")), call), "DATA_LOSS");
    }
    const kept = await other.evaluate(async (name) => (await ads.open({ name })).dataStore().get("k"), name);
    assert.equal(kept, "new");
  });
});
