import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, failed, freshName, newPage } from "./harness.mjs";

const FINE = { state: "open", source: "own", reconnections: 0, generation: 1, dataLoss: null, lastError: null };

describe("health", LIMIT, () => {
  test("a new database is well, and says so; a closed one is closed", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const events = [];
      const db = await ads.open({ name, onEvent: (event) => events.push(event) });
      const open = db.health();
      await db.close();
      return { open, closed: db.health().state, memory: (await ads.open({ backend: "memory" })).health(), events };
    }, freshName());
    assert.deepEqual(result, { open: FINE, closed: "closed", memory: FINE, events: [] });
  });

  test("a connection that was cut is told when there is another", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const events = [];
      const { db, store, connections } = await t.openAndWatch(name, { onEvent: ({ type }) => events.push(type) });
      await store.set("k", 1);
      connections[0].close();
      await store.set("k", 2);
      return { events, health: db.health(), value: await store.get("k") };
    }, freshName());
    assert.deepEqual(result, { events: ["reconnected"], health: { ...FINE, reconnections: 1 }, value: 2 });
  });

  test("where nothing reaches the storage any more there is one event, calls reject, and once it is back all goes on", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const events = [];
      const options = { openTimeoutMs: 1_000, onEvent: ({ type }) => events.push(type) };
      const { db, store, connections } = await t.openAndWatch(name, options);
      await store.set("k", 1);
      // Also in frames, which would reach it.
      const original = document.createElement;
      const dead = () => function () {
        throw new DOMException("Connection to Indexed Database server lost. Refresh the page to try again", "UnknownError");
      };
      const restore = t.patch(IDBFactory.prototype, "open", dead);
      document.createElement = function (...parameters) {
        const frame = original.apply(this, parameters);
        Object.defineProperty(frame, "contentWindow", { value: { indexedDB } });
        return frame;
      };
      connections.at(-1).close();
      const outcomes = [await t.outcome(store.set("k", 2)), await t.outcome(store.set("k", 3))];
      const { state, lastError } = db.health();
      restore();
      document.createElement = original;
      const after = await t.outcome(store.set("k", 4));
      const health = db.health();
      const frames = document.querySelectorAll("iframe").length;
      await db.close();
      // It stays until what was sent has ended.
      for (let times = 0; times < 50 && document.querySelector("iframe"); times++) await new Promise((resolve) => setTimeout(resolve, 10));
      return { events, outcomes, state, lastError, after, health, frames, left: document.querySelectorAll("iframe").length };
    }, freshName());
    for (const outcome of result.outcomes) failed(outcome, "STORAGE", "UnknownError");
    assert.match(result.lastError, /STORAGE/);
    const { outcomes, lastError, ...others } = result;
    // What WebKit says of its own storage is true until the page is loaded again: from there on frames are used.
    assert.deepEqual(others, {
      events: ["needs-reload", "reconnected"],
      state: "needs-reload",
      after: { value: undefined },
      health: { ...FINE, source: "frame", reconnections: 1 },
      frames: 1,
      left: 0,
    });
  });

  test("a database that the browser has lost is told, once, and not taken for new", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const events = [];
      const onEvent = (event) => events.push(event.type);
      const open = async () => {
        const db = await ads.open({ name, onEvent });
        const health = db.health();
        // What is remembered is written behind.
        await new Promise((resolve) => setTimeout(resolve, 300));
        await db.close();
        return health.dataLoss;
      };
      const told = [await open()];
      await t.done(indexedDB.deleteDatabase(name));
      told.push(await open(), await open());
      await ads.destroy(name);
      told.push(await open());
      return { told: told.map((each) => each !== null), events };
    }, freshName());
    assert.deepEqual(result, { told: [false, true, false, false], events: ["data-loss"] });
  });

  test("a database whose records are gone, as after a power cut, is told, once; one that never had any is not", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const events = [];
      const open = async (use = async () => {}) => {
        const db = await ads.open({ name, onEvent: (event) => events.push(event.type) });
        const { dataLoss } = db.health();
        await use(db.dataStore());
        await db.close();
        return dataLoss !== null;
      };
      const empty = async () => {
        const raw = await t.openRaw(name);
        const stores = Array.from(raw.objectStoreNames);
        const transaction = raw.transaction(stores, "readwrite");
        for (const store of stores) transaction.objectStore(store).clear();
        await new Promise((resolve) => (transaction.oncomplete = resolve));
        raw.close();
      };
      const told = [await open(), await open()];
      await empty();
      told.push(await open((store) => store.set("k", 1)), await open((store) => store.delete("k")), await open());
      await empty();
      told.push(await open(), await open((store) => store.set("k", 2)), await open());
      return { told, events };
    }, freshName());
    assert.deepEqual(result, { told: [false, false, false, false, false, true, false, false], events: ["data-loss"] });
  });

  test("a worker knows of it too", async (context) => {
    const page = await newPage(context);
    const told = await page.evaluate(async (name) => {
      const source = `
        onmessage = async ({ data: [origin, name] }) => {
          const ads = await import(origin + "/pkg/agent_datastore.js");
          await ads.default();
          const open = async () => {
            const db = await ads.open({ name });
            const { dataLoss } = db.health();
            await new Promise((resolve) => setTimeout(resolve, 300));
            await db.close();
            return dataLoss !== null;
          };
          const told = [await open()];
          await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
          postMessage([...told, await open()]);
        };`;
      const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
      worker.postMessage([location.origin, name]);
      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
    }, freshName());
    assert.deepEqual(told, [false, true]);
  });

  test("a database that can never be opened: STORAGE, or the next generation; destroy makes room for one too", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      await db.dataStore().set("k", "old");
      await db.close();
      // Frames have factories of their own.
      const broken = (method) => {
        const change = (original) => function (asked, ...rest) {
          if (asked === name) throw new DOMException("Internal error opening backing store", "UnknownError");
          return original.call(this, asked, ...rest);
        };
        return t.patch(IDBFactory.prototype, method, change);
      };
      const create = document.createElement;
      document.createElement = function (...parameters) {
        const frame = create.apply(this, parameters);
        Object.defineProperty(frame, "contentWindow", { value: { indexedDB } });
        return frame;
      };
      const restore = [broken("open")];
      const events = [];
      const onEvent = ({ type }) => events.push(type);
      const fails = await t.outcome(ads.open({ name, openTimeoutMs: 1_000 }));
      const next = await ads.open({ name, openTimeoutMs: 1_000, unopenable: "next-generation", onEvent });
      const found = await next.dataStore().get("k");
      await next.dataStore().set("k", "new");
      const { generation, dataLoss } = next.health();
      await next.close();
      const again = await ads.open({ name, openTimeoutMs: 1_000 });
      const kept = [again.health().generation, await again.dataStore().get("k")];
      await again.close();
      restore.push(broken("deleteDatabase"));
      const destroyed = await t.outcome(ads.destroy(name));
      const third = await ads.open({ name, openTimeoutMs: 1_000 });
      const last = [third.health().generation, await third.dataStore().get("k", "nothing")];
      await third.close();
      restore.forEach((each) => each());
      document.createElement = create;
      // Though it can be opened again, the newest one counts.
      const healed = await ads.open({ name });
      last.push(healed.health().generation);
      await healed.close();
      const raw = await t.openRaw(name);
      const untouched = (await t.done(raw.transaction("log").objectStore("log").getAllKeys())).length > 0;
      raw.close();
      await ads.destroy(name);
      const left = Object.keys(await t.databases()).filter((each) => each.startsWith(name));
      return { fails, found, generation, lost: dataLoss !== null, events, kept, destroyed, last, untouched, left };
    }, freshName());
    const { fails, found, ...others } = result;
    failed(fails, "STORAGE", "UnknownError");
    assert.equal(found, undefined);
    assert.deepEqual(others, {
      generation: 2,
      lost: true,
      events: ["data-loss", "generation"],
      kept: [2, "new"],
      destroyed: { value: undefined },
      last: [3, "nothing", 3],
      untouched: true,
      left: [],
    });
  });

  test("a call that takes long is told of a good while before it times out", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const events = [];
      const db = await ads.open({ name, callTimeoutMs: 1_800, onEvent: ({ type }) => events.push(type) });
      const raw = await t.openRaw(name);
      const transaction = raw.transaction([...raw.objectStoreNames], "readwrite");
      let held = true;
      const hold = () => {
        if (held) transaction.objectStore("meta").get(0).onsuccess = hold;
      };
      hold();
      const write = db.dataStore().set("k", 1);
      await new Promise((resolve) => setTimeout(resolve, 700));
      const told = [...events];
      held = false;
      await write;
      raw.close();
      return told;
    }, freshName());
    assert.deepEqual(result, ["stalled"]);
  });

  test("a listener that throws harms nobody but itself", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const uncaught = [];
      addEventListener("error", (event) => {
        event.preventDefault();
        uncaught.push(event.message);
      });
      const onEvent = () => {
        throw new Error("mine");
      };
      const { store, connections } = await t.openAndWatch(name, { onEvent });
      await store.set("k", 1);
      connections[0].close();
      await store.set("k", 2);
      return { uncaught, value: await store.get("k") };
    }, freshName());
    assert.deepEqual(result, { uncaught: ["Uncaught Error: mine"], value: 2 });
  });

  test("how much room there is, and asking to keep it", async (context) => {
    const page = await newPage(context);
    const result = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      await db.dataStore().set("k", "x".repeat(100_000));
      const { usageBytes, quotaBytes, persisted } = await db.storage();
      const asked = await db.requestPersistence({ timeoutMs: 5_000 });
      // Some browsers ask the user, who does not answer.
      const restore = t.patch(StorageManager.prototype, "persist", () => () => new Promise(() => {}));
      const unanswered = await db.requestPersistence({ timeoutMs: 50 });
      restore();
      const mistake = await t.outcome(db.requestPersistence({ timeoutMs: "soon" }));
      return { numbers: usageBytes > 0 && quotaBytes > usageBytes, persisted, asked: typeof asked, unanswered, mistake };
    }, freshName());
    const { mistake, ...others } = result;
    failed(mistake, "INVALID_ARGUMENT");
    assert.deepEqual(others, { numbers: true, persisted: false, asked: "boolean", unanswered: false });
  });

  test("a page that is hidden flushes what is only relaxed, once", async (context) => {
    const page = await newPage(context);
    const strict = await page.evaluate(async (name) => {
      const db = await ads.open({ name });
      let strict = 0;
      t.patch(IDBDatabase.prototype, "transaction", (begin) => function (...parameters) {
        if (parameters[2]?.durability === "strict") strict++;
        return begin.apply(this, parameters);
      });
      const hide = async () => {
        Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
        await new Promise((resolve) => setTimeout(resolve, 200));
        return strict;
      };
      const counts = [await hide()];
      await db.dataStore().set("k", 1);
      // What a new database begins with is strict by itself.
      while (strict === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await db.dataStore().set("k", 2);
      counts.push(await hide(), await hide());
      await db.close();
      counts.push(await hide());
      return counts;
    }, freshName());
    assert.deepEqual(strict, [0, 2, 2, 2]);
  });
});
