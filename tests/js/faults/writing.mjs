import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serveTests } from "../chromium.mjs";
import { LIMIT, failed, freshName, newPage } from "./harness.mjs";

describe("writing", LIMIT, () => {
  test("at the quota a whole setMany is QUOTA_EXCEEDED, what was there stays, reads go on, and with room again writes and deletes", async (context) => {
    // The quota is of an origin, and counts only if it is set before the origin's first use of IndexedDB.
    const own = await serveTests();
    context.after(() => own.close());
    const page = await newPage(context, { origin: own.origin });
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: own.origin, quotaSize: 3_000_000 });
    const result = await page.evaluate(async (name) => {
      // The disk may compress, so the text is random.
      const noise = (length) => {
        let text = "";
        while (text.length < length) text += Math.random().toString(36).slice(2);
        return text.slice(0, length);
      };
      globalThis.db = await ads.open({ name });
      globalThis.store = db.dataStore();
      const fill = noise(400_000);
      let written = 0;
      let full;
      await store.set("small", "old", { metadata: { first: true } });
      do {
        full = await t.outcome(store.set(`fill ${written}`, fill));
        if (!full.code) written += 1;
      } while (!full.code && written < 50);
      const batch = Object.fromEntries(Array.from({ length: 5 }, (_, place) => [`batch ${place}`, noise(400_000)]));
      const whole = await t.outcome(store.setMany({ small: "new", ...batch }, { metadata: { second: true } }));
      const record = await store.getRecord("small");
      const intact = (await store.getMany(Array.from({ length: written }, (_, place) => `fill ${place}`))).values();
      const result = {
        full,
        whole,
        written,
        keys: (await store.listKeys()).length,
        small: [record.value, record.metadata],
        intact: [...intact].every((value) => value === fill),
        text: (await store.exportDocuments()).length > 400_000 * written,
      };
      result.deleted = await t.outcome(store.deleteMany(["fill 0", "fill 1", "fill 2"]));
      return result;
    }, freshName());
    failed(result.full, "QUOTA_EXCEEDED", "QuotaExceededError");
    failed(result.whole, "QUOTA_EXCEEDED", "QuotaExceededError");
    const { full, whole, written, deleted, ...others } = result;
    // A deletion is a record of the log: it takes a few bytes, which may not be there.
    if (deleted.code) failed(deleted, "QUOTA_EXCEEDED", "QuotaExceededError");
    else assert.equal(deleted.value, 3);
    assert.ok(written >= 3 && written < 50, `${written} writes fitted`);
    assert.deepEqual(others, {
      keys: written + 1,
      small: ["old", { first: true }],
      intact: true,
      text: true,
    });
    await session.send("Storage.overrideQuotaForOrigin", { origin: own.origin });
    const later = await page.evaluate(async () => {
      // The browser notices with some delay that there is room again.
      for (let attempt = 0; attempt < 2_000; attempt++) {
        const { code } = await t.outcome(store.set("later", "x".repeat(10_000)));
        if (!code) {
          await store.deleteMany(["fill 0", "fill 1", "fill 2"]);
          const left = (await store.listKeys()).filter((key) => ["fill 0", "fill 1", "fill 2"].includes(key));
          return [left, (await store.get("later")).length];
        }
        if (code !== "QUOTA_EXCEEDED") return code;
      }
      return "still full";
    });
    assert.deepEqual(later, [[], 10_000]);
  });

  test("a commit that the browser aborts is STORAGE, nothing of it is written, and the next one works", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const store = (await ads.open({ name })).dataStore();
      await store.setMany({ a: 1, b: 1 });
      // A second, impossible request fails after everything was asked for, and takes the transaction with it. It looks
      // as if another tab had been faster, but nobody was.
      const restore = t.patch(IDBObjectStore.prototype, "add", (add) => function (value, key) {
        const request = add.call(this, value, key);
        add.call(this, value, key);
        return request;
      });
      const set = await t.outcome(store.set("a", 2));
      const many = await t.outcome(store.setMany({ a: 2, b: 2, c: 2 }));
      restore();
      const during = [...(await store.getMany(["a", "b", "c"]))];
      await store.set("a", 3);
      return { set, many, during, after: await store.get("a") };
    }, freshName());
    failed(result.set, "STORAGE", "ConstraintError");
    failed(result.many, "STORAGE", "ConstraintError");
    assert.deepEqual([result.during, result.after], [[["a", 1], ["b", 1]], 3]);
  });

  test("a transaction aborted in the middle of a commit is STORAGE, and nothing of it is written", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const store = (await ads.open({ name })).dataStore();
      await store.setMany({ a: 1, b: 1 });
      const restore = t.patch(IDBObjectStore.prototype, "add", (add) => function (value, key) {
        const request = add.call(this, value, key);
        this.transaction.abort();
        return request;
      });
      const many = await t.outcome(store.setMany({ a: 2, b: 2, c: 2 }));
      restore();
      return { many, during: [...(await store.getMany(["a", "b", "c"]))], after: await t.outcome(store.set("a", 3)) };
    }, freshName());
    failed(result.many, "STORAGE");
    assert.deepEqual([result.during, result.after], [[["a", 1], ["b", 1]], { value: undefined }]);
  });

  test("whichever request of a commit keeps throwing, the whole call is rejected, and the next one works", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      const store = db.dataStore();
      await store.set("a", 1);
      // Two values that are written in blobs of their own, one of them in two: with the log four requests.
      const items = { a: 2, b: "b".repeat(30_000), c: "c".repeat(80_000), d: 2 };
      const outcomes = [];
      let all = 0;
      for (const kind of ["QuotaExceededError", "DataCloneError", "UnknownError"]) {
        for (let place = 1; place <= 4; place++) {
          let adds = 0;
          const restore = t.patch(IDBObjectStore.prototype, "add", (add) => function (...parameters) {
            if (++adds >= place) throw new DOMException("patched", kind);
            return add.apply(this, parameters);
          });
          outcomes.push([kind, await t.outcome(store.setMany(items))]);
          restore();
          all = Math.max(all, adds);
        }
      }
      const result = { outcomes, all, keys: await store.listKeys(), value: await store.get("a") };
      await db.refresh();
      result.again = await store.listKeys();
      result.after = await t.outcome(store.setMany(items));
      const anew = (await ads.open({ name })).dataStore();
      result.lengths = [...(await anew.getMany(["b", "c"])).values()].map((text) => text.length);
      return result;
    }, freshName());
    const codes = { QuotaExceededError: "QUOTA_EXCEEDED", DataCloneError: "STORAGE", UnknownError: "STORAGE" };
    const { outcomes, all, ...others } = result;
    assert.equal(outcomes.length, 12);
    assert.ok(all >= 4, "every request was reached");
    for (const [kind, outcome] of outcomes) failed(outcome, codes[kind], kind);
    assert.deepEqual(others, { keys: ["a"], value: 1, again: ["a"], after: { value: 4 }, lengths: [30_000, 80_000] });
  });

  test("a commit whose request throws once, or that the browser takes back once, is sent again and succeeds", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const { db, store, connections } = await t.openAndWatch(name);
      await store.set("a", 0);
      const once = async (prototype, method, change) => {
        let isFirst = true;
        const restore = t.patch(prototype, method, (original) => function (...parameters) {
          const call = isFirst ? change : (original, parameters) => original.apply(this, parameters);
          isFirst = false;
          return call.call(this, original, parameters);
        });
        const outcome = await t.outcome(store.set("a", (await store.get("a")) + 1));
        restore();
        return outcome;
      };
      const outcomes = [
        await once(IDBObjectStore.prototype, "add", () => {
          throw new DOMException("patched", "UnknownError");
        }),
        await once(IDBTransaction.prototype, "commit", function () {
          this.abort();
        }),
        await once(IDBTransaction.prototype, "commit", () => {
          throw new DOMException("patched", "InvalidStateError");
        }),
      ];
      return { outcomes, value: await store.get("a"), health: db.health().state, connections: connections.length };
    }, freshName());
    const fine = { value: undefined };
    assert.deepEqual(result, { outcomes: [fine, fine, fine], value: 3, health: "open", connections: 3 });
  });

  test("a commit that took effect although the browser says that it failed is neither lost nor made twice", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      const chats = db.messageStore();
      const { id } = await chats.createConversation();
      // The answer is lost: who listens to `complete` hears of an abort instead.
      const restore = t.patch(IDBDatabase.prototype, "transaction", (begin) => function (...parameters) {
        const transaction = begin.apply(this, parameters);
        if (parameters[1] !== "readwrite") return transaction;
        let aborted;
        Object.defineProperty(transaction, "onabort", { set: (listener) => (aborted = listener) });
        Object.defineProperty(transaction, "oncomplete", { set() {} });
        Object.defineProperty(transaction, "error", { value: new DOMException("lost", "UnknownError") });
        transaction.addEventListener("complete", () => aborted(new Event("abort")));
        return transaction;
      });
      const outcomes = [];
      for (const text of ["one", "two", "three"]) outcomes.push((await t.outcome(chats.addMessage(id, text))).code);
      restore();
      const again = (await ads.open({ name })).messageStore();
      const { messages } = await again.getMessages(id);
      return { outcomes, texts: messages.map(({ content }) => content) };
    }, freshName());
    assert.deepEqual(result, { outcomes: [undefined, undefined, undefined], texts: ["one", "two", "three"] });
  });

  test("reads go on although their counts cannot be written, and the counts are written later", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name, trackAccess: true });
      const store = db.dataStore();
      await store.set("k", 1);
      const restore = t.patch(IDBObjectStore.prototype, "add", () => () => {
        throw new DOMException("full", "QuotaExceededError");
      });
      const calls = {
        get: () => store.get("k"),
        getMany: () => store.getMany(["k"]).then((map) => map.size),
        getRecord: () => store.getRecord("k").then((record) => record.value),
        exportDocuments: () => store.exportDocuments().then((text) => JSON.parse(text).length),
      };
      const codes = {};
      for (const [method, call] of Object.entries(calls)) codes[method] = (await t.outcome(call())).code ?? "read";
      const flushed = await t.outcome(db.flush());
      restore();
      await db.flush();
      return { codes, flushed, count: (await store.getRecord("k")).accessCount };
    }, freshName());
    failed(result.flushed, "QUOTA_EXCEEDED");
    assert.equal(result.count, 2);
    assert.deepEqual(result.codes, { get: "read", getMany: "read", getRecord: "read", exportDocuments: "read" });
  });

  test("close rejects where it cannot write the counts, closes all the same, and closing again does nothing", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name, trackAccess: true });
      await db.dataStore().set("k", 1);
      await db.dataStore().get("k");
      t.patch(IDBObjectStore.prototype, "add", () => () => {
        throw new DOMException("full", "QuotaExceededError");
      });
      return { first: await t.outcome(db.close()), again: await t.outcome(db.close()), destroyed: await t.outcome(ads.destroy(name)) };
    }, freshName());
    failed(result.first, "QUOTA_EXCEEDED");
    assert.deepEqual([result.again, result.destroyed], [{ value: undefined }, { value: undefined }]);
  });
});
