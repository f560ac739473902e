// Watching records: as an iterator, as a function that is called, and as a value that changes.
import { equal, ok, rejects, same, throws } from "./assert.mjs";

const pause = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether a promise stays pending for a while. */
const waits = (promise) => Promise.race([promise.then(() => false, () => false), pause(50).then(() => true)]);

const said = ({ changes }) => changes.map(({ key, value, oldValue }) => [key, oldValue, value]);

/** What is told next. */
const next = async (events) => said((await events.next()).value);

export default [
  {
    name: "a watch hands out the state, then each change with the old and the new value",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany({ a: 1, "ä\n\"": { __proto__: null, b: [null] } });
      const told = [];
      const writing = (async () => {
        await pause(20);
        await store.set("a", null);
        await store.delete("a");
        await store.set("z", "end");
      })();
      for await (const event of store.watch()) {
        same(Object.keys(event), ["type", "version", "changes"]);
        ok(Number.isSafeInteger(event.version) && event.version > (told.at(-1)?.version ?? 0));
        told.push(event);
        if (event.changes.some(({ key }) => key === "z")) break;
      }
      await writing;
      same(told.map(({ type }) => type), ["state", "change", "change", "change"]);
      same(told.map(said), [
        [["a", undefined, 1], ["ä\n\"", undefined, { b: [null] }]],
        [["a", 1, null]],
        [["a", null, undefined]],
        [["z", undefined, "end"]],
      ]);
      same(Object.keys(told[1].changes[0]), ["key", "value", "oldValue", "version"]);
      same(Object.keys(told[2].changes[0]), ["key", "oldValue", "version"]);
      equal(told[3].changes[0].version, (await store.getEntry("z")).version);
    },
  },
  {
    name: "a key, keys, a prefix or the namespace is watched, and nothing else",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore({ namespace: "n" });
      await store.set("a/1", 0);
      const targets = ["a/1", { key: "a/1" }, { keys: new Set(["b", "a/1", "b"]) }, { prefix: "a/" }, {}, undefined];
      const watches = targets.map((target) => store.watch(target));
      for (const watch of watches) same(await next(watch), [["a/1", undefined, 0]]);
      await db.dataStore({ namespace: "other" }).set("a/1", 1);
      await db.dataStore({ namespace: "n", user: "other" }).set("a/1", 1);
      const keys = ["a/1", "a/2", "b", "c"];
      for (const key of keys) await store.set(key, 1);
      const expected = [["a/1"], ["a/1"], ["a/1", "b"], ["a/1", "a/2"], keys, keys];
      for (const [place, watch] of watches.entries()) {
        for (const key of expected[place]) equal((await next(watch))[0][0], key);
        ok(await waits(watch.next()));
        await watch.return();
      }
    },
  },
  {
    name: "a watch ends by return, by its signal and with its database, also while it waits",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const controller = new AbortController();
      const [returned, aborted, closed] = [store.watch("k"), store.watch({ key: "k", signal: controller.signal }), store.watch("k")];
      for (const each of [returned, aborted, closed]) same(await next(each), []);
      const waiting = [returned, aborted, closed].map((each) => each.next());
      ok(await waits(Promise.race(waiting)));
      same(await returned.return("x"), { done: true, value: "x" });
      same(await waiting[0], { done: true, value: undefined });
      same(await returned.next(), { done: true, value: undefined });
      controller.abort(new Error("enough"));
      equal(await waiting[1].catch(({ message }) => message), "enough");
      await store.set("k", 1);
      same(said((await waiting[2]).value), [["k", undefined, 1]]);
      const last = closed.next();
      await db.close();
      same(await last, { done: true, value: undefined });
      const before = AbortSignal.abort(new Error("before"));
      equal(await store.watch({ signal: before }).next().catch(({ message }) => message), "before");
    },
  },
  {
    name: "events that were asked for at once come one after the other",
    async run(api) {
      const store = (await api.open()).dataStore();
      const events = store.watch("k");
      equal(events[Symbol.asyncIterator](), events);
      const asked = [1, 2, 3].map(() => next(events));
      await pause(20);
      await store.set("k", 1);
      await store.set("k", 2);
      same(await Promise.all(asked), [[], [["k", undefined, 1]], [["k", 1, 2]]]);
      await events.return();
    },
  },
  {
    name: "a slow reader gets the latest state, and not an endless queue",
    async run(api) {
      const store = (await api.open()).dataStore();
      const events = store.watch("k");
      same(await next(events), []);
      for (let number = 0; number <= 1_000; number++) await store.set("k", number);
      same(await next(events), [["k", undefined, 1_000]]);
      await store.set("k", "after");
      same(await next(events), [["k", 1_000, "after"]]);
      await events.return();
    },
  },
  {
    name: "a subscriber is called in order, waited for, and never again once it has ended",
    async run(api) {
      const store = (await api.open()).dataStore();
      const told = [];
      let running = 0;
      const end = store.subscribe({ prefix: "k" }, async (event) => {
        equal(++running, 1);
        told.push(said(event));
        // User code may call the store.
        if (told.length === 2) await store.set("k2", "from within");
        await pause(10);
        running--;
      });
      await pause(30);
      for (const number of [1, 2, 3]) await store.set("k", number);
      while (told.length < 5) await pause(5);
      same(told.slice(0, 2), [[], [["k", undefined, 1]]]);
      same(told.slice(2).map(([[key]]) => key).sort(), ["k", "k", "k2"]);
      end();
      await store.set("k", 4);
      await pause(30);
      equal(told.length, 5);
    },
  },
  {
    name: "a live value has what is there, the same object until it changes, and is watched while somebody listens",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany({ "t/b": { done: false }, "t/\u{1f600}": 1 });
      const [one, all] = [store.live("t/b"), store.live({ prefix: "t/" })];
      const { subscribe, getSnapshot } = one;
      equal(getSnapshot(), undefined);
      let calls = 0;
      const until = async (holds) => {
        while (!holds()) await pause(5);
      };
      const ends = [subscribe(() => calls++), all.subscribe(() => {}), subscribe(() => calls++)];
      await until(() => getSnapshot() && all.getSnapshot());
      same([getSnapshot(), getSnapshot() === getSnapshot(), calls], [{ done: false }, true, 2]);
      await store.set("t/\uffff", 2);
      await store.set("t/a", 3);
      await until(() => all.getSnapshot().size === 4);
      same([...all.getSnapshot().keys()], ["t/a", "t/b", "t/\uffff", "t/\u{1f600}"]);
      equal(calls, 2);
      const before = all.getSnapshot();
      await store.set("t/b", { done: true });
      await until(() => getSnapshot().done);
      await until(() => all.getSnapshot() !== before);
      same([before.get("t/b"), all.getSnapshot().get("t/b"), calls], [{ done: false }, { done: true }, 4]);
      await store.delete("t/b");
      await until(() => getSnapshot() === undefined && !all.getSnapshot().has("t/b"));
      for (const end of [...ends, ...ends]) end();
      await store.set("t/b", "again");
      await pause(20);
      equal(getSnapshot(), undefined);
      const end = subscribe(() => {});
      await until(() => getSnapshot() === "again");
      end();
    },
  },
  {
    name: "what cannot be watched is refused at once",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const method of ["watch", "subscribe", "live"]) {
        const call = (target) => () => store[method](target, () => {});
        throws(call({ key: "a", prefix: "b" }), "INVALID_ARGUMENT", /one/);
        throws(call({ keys: "ab" }), "INVALID_ARGUMENT", /keys/);
        throws(call({ keys: [1] }), "INVALID_KEY", /keys\[0\]/);
        throws(call({ prefix: 1 }), "INVALID_ARGUMENT", /prefix/);
        throws(call({ perfix: "a" }), "INVALID_ARGUMENT", /perfix/);
        throws(call("\ud800"), "INVALID_KEY", /surrogate/);
        throws(call(7), "INVALID_ARGUMENT");
      }
      throws(() => store.watch({ signal: {} }), "INVALID_ARGUMENT", /AbortSignal/);
      throws(() => store.subscribe("k"), "INVALID_ARGUMENT", /function/);
      throws(() => store.live({ signal: new AbortController().signal }), "INVALID_ARGUMENT", /signal/);
      await rejects(() => store.get(7), "INVALID_KEY");
    },
  },
  {
    name: "conversations are watched as records are",
    async run(api) {
      const chats = (await api.open()).messageStore();
      const { id } = await chats.createConversation({ title: "Trip" });
      const events = chats.watch();
      const first = (await events.next()).value;
      same([first.type, first.changes.map(({ key, value }) => [key, value.title])], ["state", [[id, "Trip"]]]);
      same(first.changes[0].value, await chats.getConversation(id));
      await chats.addMessage(id, "Hello");
      const { changes } = (await events.next()).value;
      same(changes.map(({ value, oldValue }) => [oldValue.messageCount, value.messageCount]), [[0, 1]]);
      await events.return();
      const one = chats.live(id);
      const all = chats.live({ ids: [id, "none"] });
      const told = Promise.all([one, all].map((live) => new Promise((resolve) => live.subscribe(resolve))));
      await told;
      same([one.getSnapshot().title, [...all.getSnapshot().keys()]], ["Trip", [id]]);
      const seen = [];
      const stop = chats.subscribe(id, ({ changes }) => seen.push(...changes.map(({ value }) => value?.title)));
      while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await chats.updateConversation(id, { title: "Train" });
      while (seen.length === 1) await new Promise((resolve) => setTimeout(resolve, 1));
      stop();
      same(seen, ["Trip", "Train"]);
      throws(() => chats.watch({ prefix: "c" }), "INVALID_ARGUMENT");
      throws(() => chats.subscribe(id), "INVALID_ARGUMENT");
    },
  },
];
