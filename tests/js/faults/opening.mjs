import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../e2e/serve.mjs";
import { LIMIT, failed, freshName, newPage, prepare } from "./harness.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Opens, and tells the outcome. */
const open = (page, options) => page.evaluate((options) => t.outcome(ads.open(options).then((db) => db.close())), options);
const destroy = (page, name) => page.evaluate((name) => t.outcome(ads.destroy(name)), name);

describe("opening", LIMIT, () => {
  test("without indexedDB, opening and destroying are UNAVAILABLE, and memory still works", async (context) => {
    const init = () => Object.defineProperty(window, "indexedDB", { value: undefined });
    const page = await newPage(context, { init });
    failed(await open(page, { name: "x" }), "UNAVAILABLE");
    failed(await open(page), "UNAVAILABLE");
    failed(await destroy(page, "x"), "UNAVAILABLE");
    assert.deepEqual(await open(page, { backend: "memory" }), { value: undefined });
  });

  test("in a sandboxed page or frame it is UNAVAILABLE, with the browser's SecurityError as cause", async (context) => {
    const folders = { "/": folder(".."), "/pkg": folder("../../../pkg/web") };
    const shared = { "access-control-allow-origin": "*" };
    const servers = [await serve(folders, { ...shared, "content-security-policy": "sandbox allow-scripts" }), await serve(folders, shared)];
    context.after(() => Promise.all(servers.map((each) => each.close())));
    const [sandbox, open_] = servers.map((each) => each.origin);

    const page = await newPage(context, { origin: sandbox });
    const outer = await newPage(context, { origin: open_ });
    await outer.evaluate((url) => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.src = url;
      const loaded = new Promise((resolve) => (frame.onload = resolve));
      document.body.append(frame);
      return loaded;
    }, `${open_}/blank.html`);
    const frame = await prepare(outer.frames()[1], open_);

    for (const place of [page, frame]) {
      assert.deepEqual(await open(place, { backend: "memory" }), { value: undefined });
      failed(await destroy(place, "x"), "UNAVAILABLE", "SecurityError");
      failed(await open(place, { name: "x" }), "UNAVAILABLE", "SecurityError");
    }
  });

  test("a database of a newer version is NEWER_VERSION and left untouched", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => {
      const db = await t.openRaw(name, 99, (db) => db.createObjectStore("future").put("content", "key"));
      db.close();
    }, name);
    failed(await open(page, { name }), "NEWER_VERSION", "VersionError");
    const found = await page.evaluate(async (name) => {
      const db = await t.openRaw(name);
      const content = await t.done(db.transaction("future").objectStore("future").get("key"));
      const result = { version: db.version, stores: [...db.objectStoreNames], content };
      db.close();
      return result;
    }, name);
    assert.deepEqual(found, { version: 99, stores: ["future"], content: "content" });
  });

  test("a database of our version without our object stores is CORRUPT, and is not held open", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => (await t.openRaw(name, 4, (db) => db.createObjectStore("log"))).close(), name);
    failed(await open(page, { name }), "CORRUPT");
    assert.deepEqual(await destroy(page, name), { value: undefined });
  });

  test("a database of the layout before the first release is CORRUPT, says so, and is left untouched", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => {
      const db = await t.openRaw(name, 2, (db) => {
        db.createObjectStore("entry").put("value", "key");
        db.createObjectStore("meta").put(1, "head");
      });
      db.close();
    }, name);
    for (let attempt = 0; attempt < 2; attempt++) {
      const outcome = await open(page, { name });
      failed(outcome, "CORRUPT");
      assert.match(outcome.message, /pre-release.*left untouched/);
    }
    const found = await page.evaluate(async (name) => {
      const db = await t.openRaw(name);
      const content = await t.done(db.transaction("entry").objectStore("entry").get("key"));
      const result = { version: db.version, stores: [...db.objectStoreNames], content };
      db.close();
      return result;
    }, name);
    assert.deepEqual(found, { version: 2, stores: ["entry", "meta"], content: "value" });
    assert.deepEqual(await destroy(page, name), { value: undefined });
    assert.deepEqual(await open(page, { name }), { value: undefined });
  });

  test("a database without the number drawn at its creation is CORRUPT", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => {
      const areas = ["log", "page", "value", "meta", "trash", "guard"];
      const db = await t.openRaw(name, 4, (db) => areas.forEach((area) => db.createObjectStore(area)));
      db.close();
    }, name);
    const outcome = await open(page, { name });
    failed(outcome, "CORRUPT");
    assert.match(outcome.message, /identity/);
    assert.deepEqual(await destroy(page, name), { value: undefined });
  });

  test("what a bare indexedDB.open leaves behind is upgraded like a new database", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    await page.evaluate(async (name) => (await t.openRaw(name)).close(), name);
    const value = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      await db.dataStore().set("k", 1);
      return db.dataStore().get("k");
    }, name);
    assert.equal(value, 1);
    assert.equal((await page.evaluate(() => t.databases()))[name], 4);
  });

  test("an upgrade that fails leaves no database, and the next open works", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    const outcomes = await page.evaluate(async (name) => {
      const restore = t.patch(IDBDatabase.prototype, "createObjectStore", () => () => {
        throw new DOMException("no room", "QuotaExceededError");
      });
      const first = await t.outcome(ads.open({ name }));
      restore();
      const left = name in (await t.databases());
      return { first, left, second: await t.outcome(ads.open({ name }).then((db) => db.close())) };
    }, name);
    assert.equal(outcomes.first.isError, true);
    assert.ok(["STORAGE", "QUOTA_EXCEEDED"].includes(outcomes.first.code), JSON.stringify(outcomes.first));
    assert.equal(outcomes.left, false);
    assert.deepEqual(outcomes.second, { value: undefined });
  });

  test("an old connection that does not let go is BLOCKED, and once it has gone opening works", async (context) => {
    const [holder, page] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await holder.evaluate(async (name) => {
      globalThis.held = await t.openRaw(name, 1);
    }, name);
    failed(await open(page, { name, openTimeoutMs: 300 }), "BLOCKED");
    // The browser tells only the first who waits that it is blocked.
    failed(await open(page, { name, openTimeoutMs: 300 }), "TIMEOUT");
    await holder.evaluate(() => held.close());
    assert.deepEqual(await open(page, { name }), { value: undefined });
    assert.deepEqual(await destroy(page, name), { value: undefined }, "no late connection is left open");
  });

  test("a browser that does not answer in time is TIMEOUT, and its late answer leaves no connection open", async (context) => {
    const [holder, page] = [await newPage(context), await newPage(context)];
    const name = freshName();
    // An upgrade that goes on makes every other open wait, without telling it that it is blocked.
    await holder.evaluate((name) => {
      globalThis.ended = new Promise((resolve) => {
        globalThis.end = false;
        const upgrading = new Promise((begun) => {
          const opened = t.openRaw(name, 1, (db) => {
            const store = db.createObjectStore("busy");
            const again = () => {
              if (!globalThis.end) store.get(1).onsuccess = again;
            };
            again();
            begun();
          });
          opened.then((db) => {
            db.close();
            resolve();
          });
        });
        globalThis.upgrading = upgrading;
      });
      return globalThis.upgrading;
    }, name);
    failed(await open(page, { name, openTimeoutMs: 200 }), "TIMEOUT");
    await holder.evaluate(() => {
      globalThis.end = true;
      return globalThis.ended;
    });
    assert.deepEqual(await open(page, { name }), { value: undefined });
    assert.deepEqual(await destroy(page, name), { value: undefined });
  });

  test("an open that is never answered is TIMEOUT", async (context) => {
    const page = await newPage(context);
    const outcomes = await page.evaluate(async (name) => {
      // A request for another database, whose events are kept from everybody.
      t.patch(IDBFactory.prototype, "open", (open) => function () {
        const request = open.call(this, `${name} elsewhere`);
        for (const type of ["success", "error", "upgradeneeded", "blocked"]) {
          request.addEventListener(type, (event) => event.stopImmediatePropagation(), true);
        }
        return request;
      });
      return t.outcome(ads.open({ name, openTimeoutMs: 100 }));
    }, freshName());
    failed(outcomes, "TIMEOUT");
  });

  test("a database that somebody holds open is BLOCKED for destroy, and is gone once they let go", async (context) => {
    const [holder, page] = [await newPage(context), await newPage(context)];
    const name = freshName();
    await holder.evaluate(async (name) => {
      globalThis.held = await t.openRaw(name, 1);
    }, name);
    failed(await destroy(page, name), "BLOCKED");
    await holder.evaluate(() => held.close());
    assert.deepEqual(await destroy(page, name), { value: undefined });
    assert.equal(name in (await page.evaluate(() => t.databases())), false);
  });

  test("opening the same database many times at once works", async (context) => {
    const page = await newPage(context);
    const values = await page.evaluate(async (name) => {
      const all = await Promise.all(Array.from({ length: 20 }, () => ads.open({ name })));
      await all[0].dataStore().set("k", 1);
      await Promise.all(all.map((db) => db.refresh()));
      const values = await Promise.all(all.map((db) => db.dataStore().get("k")));
      await Promise.all(all.map((db) => db.close()));
      return values;
    }, freshName());
    assert.deepEqual(values, Array(20).fill(1));
  });
});
