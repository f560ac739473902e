import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, freshName, newPage } from "./harness.mjs";

/** Inside the page: lets what WebAssembly calls next throw below its frames, until the function it returns is called. */
const killing = () => {
  globalThis.stopClock = () => {
    const originals = [[Date, "now"], [performance, "now"], [globalThis, "queueMicrotask"]].map(([object, name]) => {
      const original = object[name];
      object[name] = () => {
        throw new Error("no clock");
      };
      return () => (object[name] = original);
    });
    return () => originals.forEach((restore) => restore());
  };
};

describe("a dead instance", LIMIT, () => {
  test("holds nothing: no locks, no connections, and others need not wait for it", async (context) => {
    const [page, other] = [await newPage(context, { init: killing }), await newPage(context)];
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    const name = freshName();
    const before = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      globalThis.store = db.dataStore();
      await store.set("a", 1);
      const stream = await (async () => {
        const messages = db.messageStore();
        await messages.createConversation({ id: "c" });
        return messages.beginMessage("c");
      })();
      stream.append("held by a lock");
      await new Promise((resolve) => setTimeout(resolve, 300));
      return navigator.locks.request("who I am", async () => {
        const { held } = await navigator.locks.query();
        const { clientId } = held.find((lock) => lock.name === "who I am");
        return { clientId, locks: held.filter((lock) => lock.clientId === clientId).length - 1 };
      });
    }, name);
    assert.ok(before.locks >= 2, `${before.locks} locks`);
    await other.evaluate(async (name) => {
      globalThis.db = await ads.open({ name });
    }, name);
    const outcome = await page.evaluate(async () => {
      const start = stopClock();
      const outcome = await t.outcome(store.set("a", 2));
      start();
      return outcome;
    });
    assert.equal(outcome.code, "INSTANCE_LOST");
    const after = await other.evaluate(async () => (await navigator.locks.query()).held);
    assert.deepEqual(after.filter(({ clientId }) => clientId === before.clientId), []);
    // Events of what is gone concern nobody: others' commits, a page that is hidden, a time that is over.
    const removed = await other.evaluate(async (name) => {
      await db.dataStore().set("b", 1);
      await db.close();
      const start = performance.now();
      await ads.destroy(name);
      return performance.now() - start;
    }, name);
    assert.ok(removed < 2_000, `${removed} ms`);
    await page.evaluate(async () => {
      document.dispatchEvent(new Event("visibilitychange"));
      dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    assert.deepEqual(errors, []);
  });

  test("dies in an event too: every call that waits rejects, of a write the whole or nothing is there", async (context) => {
    const page = await newPage(context, { init: killing });
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.code ?? error.message));
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      const store = db.dataStore();
      await store.set("a", 1);
      // The next transaction that is complete finds no clock.
      let start;
      const complete = new Promise((resolve) => {
        t.patch(IDBDatabase.prototype, "transaction", (transaction) =>
          function (...parameters) {
            const made = transaction.apply(this, parameters);
            made.addEventListener("complete", () => {
              start ??= stopClock();
              resolve();
            });
            return made;
          });
      });
      const calls = [store.setMany({ a: 2, b: 2, c: 2 }), store.set("d", 3), db.flush(), store.set("a", 4)];
      const outcomes = await Promise.race([
        Promise.all(calls.map(t.outcome)),
        complete.then(() => new Promise((resolve) => setTimeout(resolve, 5_000, "they never settle"))),
      ]);
      start();
      const again = (await ads.open({ name })).dataStore();
      return { outcomes, kept: Object.fromEntries(await again.getMany(["a", "b", "c", "d"])) };
    }, freshName());
    const codes = result.outcomes.map(({ code }) => code ?? "done");
    assert.ok(codes.includes("INSTANCE_LOST") && codes.every((code) => ["done", "INSTANCE_LOST"].includes(code)), codes.join());
    const { a, b, c, d } = result.kept;
    assert.ok((b === 2 && c === 2) || (a === 1 && b === undefined && c === undefined), JSON.stringify(result.kept));
    if (codes[0] === "done") assert.equal(b, 2);
    if (codes[1] === "done") assert.equal(d, 3);
    assert.ok(errors.length <= 1, errors.join());
  });

  test("leaves other pages alone, and what it had stored is there when it is opened again", async (context) => {
    const [page, other] = [await newPage(context, { init: killing }), await newPage(context)];
    const name = freshName();
    for (const each of [page, other]) {
      await each.evaluate(async (name) => {
        globalThis.db = await ads.open({ name });
        globalThis.store = db.dataStore();
      }, name);
    }
    for (let round = 0; round < 5; round++) {
      const code = await page.evaluate(async ([name, round]) => {
        await store.set(`mine ${round}`, round);
        const start = stopClock();
        const { code } = await t.outcome(store.set("lost", round));
        start();
        globalThis.db = await ads.open({ name });
        globalThis.store = db.dataStore();
        return code;
      }, [name, round]);
      assert.equal(code, "INSTANCE_LOST");
      await other.evaluate((round) => store.set(`theirs ${round}`, round), round);
    }
    const keys = [0, 1, 2, 3, 4].flatMap((round) => [`mine ${round}`, `theirs ${round}`]).sort();
    for (const each of [page, other]) {
      const found = await each.evaluate(async () => {
        await db.refresh();
        return (await store.listKeys()).filter((key) => key !== "lost");
      });
      assert.deepEqual(found.sort(), keys);
    }
  });
});
