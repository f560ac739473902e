import { equal, ok, rejects, same, throws } from "./assert.mjs";

export default [
  {
    name: "every write gives a record another version, which getEntry and getRecord tell",
    async run(api) {
      const store = (await api.open()).dataStore();
      equal(await store.getEntry("k"), undefined);
      await store.set("k", { a: null });
      const entry = await store.getEntry("k");
      same(Object.keys(entry), ["key", "value", "version"]);
      same([entry.key, entry.value], ["k", { a: null }]);
      ok(Number.isSafeInteger(entry.version) && entry.version > 0);
      await store.set("k", { a: null });
      const again = await store.getEntry("k");
      ok(again.version > entry.version);
      equal((await store.getRecord("k")).version, again.version);
    },
  },
  {
    name: "atomic changes in all stores are one commit",
    async run(api) {
      const db = await api.open({ user: "ada", agent: "planner" });
      const [a, b] = ["a", "b"].map((namespace) => db.dataStore({ namespace }));
      await b.set("gone", 1);
      const atomic = db
        .atomic({ namespace: "a" })
        .check("k", null)
        .set("k", [1], { metadata: { by: "test" } })
        .append("k", new Set([{ b: "ä\n" }, null]))
        .useNamespace("b")
        .delete("gone")
        .sum("count", 2)
        .sum("count", 0.5)
        .min("low", 3)
        .min("low", -3)
        .max("high", 3)
        .saveSnapshot("state", { step: 1 }, { path: ["session"] })
        .createConversation({ id: "c", title: "Trip" })
        .addMessage("c", "Where to?", { id: "m1" });
      equal(await a.has("k"), false);
      const result = await atomic.commit();
      same(Object.keys(result), ["ok", "version"]);
      equal(result.ok, true);
      same(await a.get("k"), [1, { b: "ä\n" }, null]);
      const record = await a.getRecord("k");
      same([record.metadata, record.createdByAgent, record.version], [{ by: "test" }, "planner", result.version]);
      same([...(await b.getMany(["gone", "count", "low", "high"]))], [["count", 2.5], ["low", -3], ["high", 3]]);
      same(await db.snapshotStore({ path: ["session"] }).load("state"), { step: 1 });
      same((await db.messageStore().getConversationMessages("c")).map(({ id, content }) => [id, content]), [["m1", "Where to?"]]);
      same(await atomic.commit(), { ok: false });
      equal(await b.get("count"), 2.5);
    },
  },
  {
    name: "what a run leaves in a session and in the other stores is one commit",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const answer = { modelId: "m1", text: "4", costUsd: 0.01 };
      const turn = () =>
        db
          .atomic()
          .check("turns", null)
          .sum("turns", 1)
          .appendHistories("s", ["m1"], [answer], "2 + 2?")
          .persistRunState("s", "2 + 2?", [answer], { events: { m1: [] }, tools: new Set(["bash"]) })
          .accumulateCost("s", "m1", 0.01)
          .pushRewindEntry("s", { historyLengths: { m1: 0 }, prompt: "2 + 2?" })
          .applyWrites("s", [{ path: "/a", content: "text" }])
          .clearCheckpoint("s");
      const sessions = db.sessions();
      same(await sessions.list(), []);
      equal((await turn().commit()).ok, true);
      const session = sessions.open("s");
      equal((await session.histories()).m1.length, 2);
      same([(await session.metadata()).runs.length, await session.totalCost(), await session.readFile("/a")], [1, 0.01, "text"]);
      equal((await session.rewindEntries())[0].feedIndex, 0);
      // Nothing of what a check forbids, or of what comes before something that cannot be.
      same(await turn().commit(), { ok: false });
      await rejects(() => db.atomic().accumulateCost("s", "m1", 1).set("n", "text").sum("n", 1).commit(), "INVALID_VALUE");
      same([(await session.metadata()).runs.length, await session.totalCost(), await store.get("turns")], [1, 0.01, 1]);
      await session.rewind();
      same([await session.histories(), await session.readFile("/a")], [null, null]);
      const atomic = db.atomic();
      throws(() => atomic.appendHistories("s", "m1", [answer], "p"), "INVALID_ARGUMENT");
      throws(() => atomic.appendHistories("s", ["m1"], answer, "p"), "INVALID_ARGUMENT");
      throws(() => atomic.persistRunState(5, "p", []), "INVALID_KEY");
      throws(() => atomic.persistRunState("s", "p", [], { tool: [] }), "INVALID_ARGUMENT");
      throws(() => atomic.accumulateCost("s", "m1", "much"), "INVALID_ARGUMENT");
      throws(() => atomic.pushRewindEntry("s", 5), "INVALID_ARGUMENT");
      throws(() => atomic.applyWrites("s", 5), "INVALID_ARGUMENT");
    },
  },
  {
    name: "a check that does not hold changes nothing, and says so without throwing",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.set("k", 1);
      const { version } = await store.getEntry("k");
      const first = db.atomic().check("k", version).set("k", 2);
      const second = db.atomic().check("k", version).set("k", 3).set("l", 3);
      const results = await Promise.all([first.commit(), second.commit()]);
      same(results.map((result) => result.ok), [true, false]);
      same(Object.keys(results[1]), ["ok"]);
      equal(await store.get("k"), 2);
      equal(await store.has("l"), false);
      same(await db.atomic().check("missing", version).commit(), { ok: false });
      equal((await db.atomic().check("missing", null).commit()).ok, true);
    },
  },
  {
    name: "what cannot be combined rejects, with nothing changed; wrong arguments throw at once",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.set("text", "1");
      await rejects(() => db.atomic().set("k", 1).sum("text", 1).commit(), "INVALID_VALUE", /text/);
      await rejects(() => db.atomic().set("k", 1).append("text", [1]).commit(), "INVALID_VALUE");
      await rejects(() => db.atomic().set("k", 1).addMessage("nowhere", "hello").commit(), "NOT_FOUND");
      equal(await store.has("k"), false);
      const atomic = db.atomic();
      throws(() => atomic.set("k", { a: NaN }), "INVALID_VALUE", /value\.a/);
      throws(() => atomic.set("\ud800", 1), "INVALID_KEY");
      throws(() => atomic.set("k", 1, { ttl: 1 }), "INVALID_ARGUMENT");
      throws(() => atomic.append("k", "text"), "INVALID_ARGUMENT");
      throws(() => atomic.append("k", [() => {}]), "INVALID_VALUE");
      for (const number of ["1", NaN, Infinity, 1n, undefined, null]) {
        for (const method of ["sum", "min", "max"]) throws(() => atomic[method]("k", number), "INVALID_ARGUMENT");
      }
      for (const version of [undefined, -1, 1.5, "1", {}]) throws(() => atomic.check("k", version), "INVALID_ARGUMENT");
      throws(() => db.atomic({ name: "x" }), "INVALID_ARGUMENT");
      equal((await atomic.commit()).ok, true);
      equal(await store.has("k"), false);
    },
  },
  {
    name: "updates that nobody waited for lose nothing, and each sees what the one before made",
    async run(api) {
      const db = await api.open();
      const [one, other] = [db.dataStore(), db.dataStore()];
      const entries = await Promise.all(Array.from({ length: 500 }, (_, place) => [one, other][place % 2].update("count", (count = 0) => count + 1)));
      same(entries.map(({ value }) => value), Array.from({ length: 500 }, (_, place) => place + 1));
      const { key, value, version } = await one.getEntry("count");
      same([key, value], ["count", 500]);
      equal(entries.at(-1).version, version);
    },
  },
  {
    name: "what the function of an update throws is the caller's own, and the others are made",
    async run(api) {
      const store = (await api.open()).dataStore();
      const reason = { not: "an error" };
      const results = await Promise.allSettled([
        store.update("k", () => 1),
        store.update("k", () => {
          throw reason;
        }),
        store.update("k", (value) => value + 1),
      ]);
      same(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
      equal(results[1].reason, reason);
      equal(await store.get("k"), 2);
      const { version } = await store.getEntry("k");
      await rejects(() => store.update("k", () => undefined), "INVALID_VALUE", /undefined/);
      await rejects(() => store.update("k", async () => 1), "INVALID_VALUE", /promise/);
      await rejects(() => store.update("k", () => ({ a: new Map() })), "INVALID_VALUE", /value\.a/);
      await rejects(() => store.update("k", 5), "INVALID_ARGUMENT");
      await rejects(() => store.update(5, () => 1), "INVALID_KEY");
      equal((await store.getEntry("k")).version, version);
      // It may use the store, though not for what it decides.
      let inner;
      equal((await store.update("k", (value) => ((inner = store.set("other", value)), value * 10))).value, 20);
      await inner;
      equal(await store.get("other"), 2);
    },
  },
];
