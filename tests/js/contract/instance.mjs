// What becomes of everything where the WebAssembly instance dies. It does so by what could happen to it: an exception that comes
// through its frames, a stack that ends within them, memory that is not what it was.
import { collect, equal, fail, ok, rejects, same, throws } from "./assert.mjs";

/** Lets a clock throw below the frames of WebAssembly, in a call of a store. */
export async function kill(store) {
  const now = Date.now;
  Date.now = () => {
    throw new Error("no clock");
  };
  try {
    return await rejects(() => store.set("killing", 1), "INSTANCE_LOST");
  } finally {
    Date.now = now;
  }
}

/** A database that nobody closes. */
const openLost = (api) => api.module.open({ name: api.name, backend: api.backend });

export default [
  {
    name: "a method or a getter without its object is refused, and ends nothing",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.set("k", 1);
      for (const object of [db, store, db.atomic(), db.messageStore(), db.snapshotStore(), db.sessions()]) {
        const prototype = Object.getPrototypeOf(object);
        for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
          const call = get ?? value;
          if (name === "constructor" || name === "free" || name.startsWith("__") || typeof call !== "function") continue;
          for (const strange of [prototype, Object.create(prototype), {}]) {
            try {
              await call.call(strange, "k", "v");
              fail(`${name} went on without an object`);
            } catch (error) {
              same([error instanceof TypeError, error.code], [true, "INVALID_ARGUMENT"], `${name}: ${error.message}`);
            }
          }
        }
      }
      equal(await store.get("k"), 1);
    },
  },
  {
    name: "the call in which the instance dies rejects, its outcome unknown; another instance takes over",
    async run(api) {
      const store = (await openLost(api)).dataStore();
      await store.set("kept", { a: [1, "ä"] });
      const error = await kill(store);
      equal(error.outcome, "unknown");
      equal(error.cause.message, "no clock");
      const db = await api.open();
      const again = db.dataStore();
      if (api.backend === "indexeddb") same(await again.get("kept"), { a: [1, "ä"] });
      await again.set("k", 1);
      equal(await again.get("k"), 1);
    },
  },
  {
    name: "every object of a dead instance says so: promises reject, the rest throws, and nothing is changed",
    async run(api) {
      const db = await openLost(api);
      const store = db.dataStore();
      const messages = db.messageStore();
      const snapshots = db.snapshotStore();
      const sessions = db.sessions();
      await store.setMany({ a: 1, b: 2 });
      const entries = store.entries({ pageSize: 1 });
      await entries.next();
      await kill(store);
      const calls = [
        () => store.get("a"),
        () => store.set("a", 2),
        () => store.clear(),
        () => messages.createConversation({ id: "c" }),
        () => snapshots.save("s", 1),
        () => sessions.list(),
        () => entries.next(),
        () => db.refresh(),
        () => db.flush(),
        () => db.close(),
        () => db[Symbol.asyncDispose](),
      ];
      for (const call of calls) equal((await rejects(call, "INSTANCE_LOST")).outcome, undefined);
      for (const call of [() => db.dataStore(), () => db.health(), () => db.name, () => store.namespace, () => store.entries()]) {
        throws(call, "INSTANCE_LOST");
      }
      db.free();
      const again = await api.open();
      same(await collect(again.dataStore().entries()), api.backend === "indexeddb" ? [["a", 1], ["b", 2]] : []);
    },
  },
  {
    name: "calls that wait for something reject when the instance dies, those of all databases",
    async run(api) {
      const db = await openLost(api);
      const other = await api.module.open({ name: "another", backend: "memory" });
      const others = other.dataStore();
      // Nothing is heard from it any more.
      const never = () => new Promise(() => {});
      const provider = { saveConversation: never, loadConversation: never, listConversationIds: never };
      const waiting = [db, other].map((each) => {
        const promise = each.messageStore({ provider }).createConversation({ id: "c" });
        return rejects(() => promise, "INSTANCE_LOST");
      });
      // The conversation is stored before a provider is told.
      while ((await db.messageStore().loadConversation("c")) === null) await new Promise((resolve) => setTimeout(resolve, 1));
      await kill(db.dataStore());
      for (const error of await Promise.all(waiting)) equal(error.outcome, "unknown");
      await rejects(() => others.get("k"), "INSTANCE_LOST");
      if (api.backend === "indexeddb") ok(await (await api.open()).messageStore().loadConversation("c"));
    },
  },
  {
    // Node prints what it cannot tell its listeners of at the end of a stack.
    backends: ["indexeddb"],
    name: "a stack that ends within the instance is its death at the most, and opening works again",
    async run(api) {
      let store = (await openLost(api)).dataStore();
      await store.set("kept", 1);
      const outcomes = [];
      // Calls from the very end of the stack upwards, until they work again.
      const dive = () => {
        try {
          dive();
        } catch {
          // The end of the stack.
        }
        if (outcomes.length < 300) {
          try {
            outcomes.push(store.set("deep", { a: 1 }));
          } catch {
            // There was no room for the call itself.
          }
        }
      };
      dive();
      const codes = await Promise.all(outcomes.map((each) => each.then(() => "done", (error) => error.code ?? error.name)));
      ok(codes.length === 300 && codes.every((code) => ["done", "INSTANCE_LOST", "RangeError", "STORAGE"].includes(code)), String([...new Set(codes)]));
      const lost = codes.includes("INSTANCE_LOST");
      if (lost) await rejects(() => store.get("kept"), "INSTANCE_LOST");
      if (lost || codes.at(-1) !== "done") store = (await api.open()).dataStore();
      await store.set("after", 1);
      equal(await store.get("after"), 1);
      if (!lost || api.backend === "indexeddb") equal(await store.get("kept"), 1);
    },
  },
  {
    name: "an instance whose memory is not what it was dies with a typed error, and opening works again",
    async run(api) {
      const db = await openLost(api);
      await db.dataStore().set("kept", 1);
      const { memory } = api.module.initSync();
      new Uint8Array(memory.buffer).fill(0xff);
      await rejects(() => db.refresh(), "INSTANCE_LOST");
      const store = (await api.open()).dataStore();
      await store.set("after", 1);
      equal(await store.get("after"), 1);
      if (api.backend === "indexeddb") equal(await store.get("kept"), 1);
    },
  },
  {
    name: "an instance may die again and again",
    async run(api) {
      for (let round = 0; round < 20; round++) {
        const store = (await openLost(api)).dataStore();
        await store.set(`round ${round}`, round);
        await kill(store);
      }
      const keys = await (await api.open()).dataStore().listKeys();
      equal(keys.length >= 20, api.backend === "indexeddb");
    },
  },
];
