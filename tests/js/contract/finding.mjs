// Finding records by what is in them, and indexes.
import { equal, ok, rejects, same, throws } from "./assert.mjs";

const TASKS = {
  a: { status: "open", size: 3, due: "2026-03-01" },
  b: { status: "done", size: 1, due: "2026-01-01" },
  c: { status: "open", size: 2, due: "2026-02-01", owner: { name: "ada" } },
  d: { status: "open", tags: ["x", "y"] },
};

const keysOf = ({ entries }) => entries.map(({ key }) => key).join("");

export default [
  {
    name: "records are found by what is in them, in the order that is asked for",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(TASKS);
      const find = async (options) => keysOf(await store.find(options));
      for (const index of [undefined, ["status", "due"], ["size"]]) {
        if (index) await store.createIndex(index.join(), index);
        equal(await find(), "abcd");
        equal(await find({ where: {} }), "abcd");
        equal(await find({ where: { status: "open" } }), "acd");
        equal(await find({ where: { status: "open", due: { $lt: "2026-04" } } }), "ac");
        equal(await find({ where: { status: "open", due: { $lt: "2026-04" } }, orderBy: "due" }), "ca");
        equal(await find({ where: { size: { $in: [1, 3] } } }), "ab");
        equal(await find({ where: { size: { $exists: false } } }), "d");
        equal(await find({ where: { "owner.name": "ada" } }), "c");
        equal(await find({ where: { tags: ["x", "y"] } }), "d");
        equal(await find({ where: { "tags.1": "y" } }), "d");
        equal(await find({ where: { $or: [{ status: "done" }, { size: { $gt: 2 } }] } }), "ab");
        equal(await find({ where: { $not: { status: "open" } } }), "b");
        equal(await find({ where: { status: { $ne: "open" } } }), "b");
        equal(await find({ where: { status: "open" }, orderBy: [{ path: "size", descending: true }] }), "acd");
        equal(await find({ orderBy: ["status", { path: "size", descending: true }] }), "bacd");
        equal(await find({ prefix: "c", where: { status: "open" } }), "c");
        equal(await find({ where: { status: "open" }, orderBy: { path: "$key", descending: true } }), "dca");
      }
      const [{ key, value, version }] = (await store.find({ where: { status: "done" } })).entries;
      same([key, value, version], ["b", TASKS.b, (await store.getEntry("b")).version]);
      same(await store.find({ where: { status: "open" }, keysOnly: true }), { keys: ["a", "c", "d"], cursor: null });
    },
  },
  {
    name: "pages of what is found go on where they ended, and can be walked",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(Array.from({ length: 25 }, (_, n) => [`k${n + 10}`, { even: n % 2 === 0, n: -n }]));
      const options = { where: { even: true }, orderBy: "n", limit: 5 };
      const first = await store.find(options);
      const second = await store.find({ ...options, cursor: first.cursor });
      const third = await store.find({ ...options, cursor: second.cursor, limit: 3 });
      same([first, second, third].map(({ entries }) => entries.length), [5, 5, 3]);
      equal(third.cursor, null);
      const all = [];
      for await (const [key, { n }] of store.entries({ where: { even: true }, orderBy: "n", pageSize: 4 })) all.push([key, n]);
      same(all.map(([key]) => key), [first, second, third].flatMap(({ entries }) => entries.map(({ key }) => key)));
      const some = [];
      for await (const [key] of store.entries({ where: { even: false }, reverse: true, limit: 3 })) some.push(key);
      same(some, ["k33", "k31", "k29"]);
      await rejects(() => store.find({ where: { even: false }, orderBy: "n", cursor: first.cursor }), "INVALID_VALUE");
      await rejects(() => store.find({ cursor: "nonsense" }), "INVALID_VALUE");
      throws(() => store.entries({ orderBy: "n", reverse: true }), "INVALID_ARGUMENT");
    },
  },
  {
    name: "explain tells which index serves, and how much was read",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(Array.from({ length: 200 }, (_, n) => [`k${n}`, { group: n % 10, n }]));
      const where = { group: 3 };
      const walk = await store.explain({ where, orderBy: "n", limit: 5 });
      same(walk, { index: null, ranges: 0, isSorted: true, entries: 0, records: 200, matches: 20 });
      await store.createIndex("by group", ["group"]);
      same(await store.explain({ where }), { index: "by group", ranges: 1, isSorted: false, entries: 20, records: 20, matches: 20 });
      await store.createIndex("by group and n", ["group", "n"]);
      const { index, isSorted, records } = await store.explain({ where, orderBy: "n", limit: 5 });
      same([index, isSorted, records], ["by group and n", false, 6]);
      same((await store.explain({ where: { group: { $in: [1, 2] } } })).ranges, 2);
      await store.createIndex("all by n", ["n"], { covering: true });
      same(await store.explain({ where: { n: 5 } }), { index: "all by n", ranges: 1, isSorted: false, entries: 1, records: 0, matches: 1 });
      await store.set("k5", { group: 5, n: 5, large: "x".repeat(2_000) });
      same((await store.explain({ where: { n: 5 } })).records, 1);
      await store.dropIndex("all by n");
      equal((await store.explain({ where: { n: 5 } })).index, null);
    },
  },
  {
    name: "indexes are declared as often as one likes, listed, and given up",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.setMany(TASKS);
      await Promise.all([store.createIndex("size", ["size"]), store.createIndex("size", ["size"])]);
      equal(await store.createIndex("both", new Set(["status", "$metadata.batch"])), undefined);
      same(await store.listIndexes(), [
        { name: "size", paths: ["size"], isReady: true, isCovering: false },
        { name: "both", paths: ["status", "$metadata.batch"], isReady: true, isCovering: false },
      ]);
      same(await store.useNamespace("other").listIndexes(), []);
      await rejects(() => store.createIndex("size", ["status"]), "INVALID_ARGUMENT");
      for (const paths of [[], ["a", "a"], ["$key"], ["$nothing"], ["a\\"], Array.from({ length: 9 }, (_, n) => `p${n}`)]) {
        await rejects(() => store.createIndex("bad", paths), "INVALID_ARGUMENT");
      }
      await rejects(() => store.createIndex(5, ["a"]), "INVALID_KEY");
      await rejects(() => store.createIndex("bad", "a"), "INVALID_ARGUMENT");
      await rejects(() => store.createIndex("size", ["size"], { covering: true }), "INVALID_ARGUMENT");
      await rejects(() => store.createIndex("bad", ["a"], { covering: 1 }), "INVALID_ARGUMENT");
      await rejects(() => store.createIndex("bad", ["a"], { unique: true }), "INVALID_ARGUMENT");
      same([await store.dropIndex("size"), await store.dropIndex("size")], [true, false]);
      equal((await store.listIndexes()).length, 1);
    },
  },
  {
    name: "every change is found at once by its index",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await store.createIndex("status", ["status"]);
      const open = async () => {
        const options = { where: { status: "open" } };
        equal((await store.explain(options)).index, "status");
        return keysOf(await store.find(options));
      };
      await store.setMany(TASKS);
      equal(await open(), "acd");
      await store.update("a", (task) => ({ ...task, status: "done" }));
      await db.atomic().set("e", { status: "open" }).delete("c").commit();
      equal(await open(), "de");
      await store.deleteByPrefix("d");
      equal(await open(), "e");
      await store.clear();
      equal(await open(), "");
    },
  },
  {
    name: "what cannot be asked for is refused with its place",
    async run(api) {
      const store = (await api.open()).dataStore();
      const refused = async (options, code, message) => {
        const error = await rejects(() => store.find(options), code);
        if (message) ok(error.message.includes(message), error.message);
      };
      await refused({ where: { a: { $over: 1 } } }, "INVALID_ARGUMENT", "where.a: $over is no operator");
      await refused({ where: [] }, "INVALID_ARGUMENT", "where: this has to be an object");
      await refused({ where: { a: undefined } }, "INVALID_VALUE", "where.a is undefined");
      await refused({ where: { a: { $gt: new Date() } } }, "INVALID_VALUE", "where.a.$gt");
      await refused({ where: { $updatedAt: { $gt: "yesterday" } } }, "INVALID_ARGUMENT", "where.$updatedAt");
      await refused({ where: { $price: 1 } }, "INVALID_ARGUMENT");
      await refused({ orderBy: 5 }, "INVALID_ARGUMENT", "orderBy");
      await refused({ orderBy: { path: "a", down: true } }, "INVALID_ARGUMENT", "orderBy");
      await refused({ wher: {} }, "INVALID_ARGUMENT", "where");
      await refused({ limit: 0 }, "INVALID_ARGUMENT");
      const where = {};
      where.a = where;
      await refused({ where }, "INVALID_VALUE");
      throws(() => store.watch({ where: { a: { $over: 1 } } }), "INVALID_ARGUMENT");
    },
  },
  {
    name: "what matches can be watched",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(TASKS);
      const events = store.watch({ where: { status: "open" } });
      const next = async () => (await events.next()).value.changes.map(({ key, value, oldValue }) => [key, oldValue?.status, value?.status]);
      same(await next(), [["a", undefined, "open"], ["c", undefined, "open"], ["d", undefined, "open"]]);
      await store.set("x", { status: "done" });
      await store.update("a", (task) => ({ ...task, status: "done" }));
      same(await next(), [["a", "open", undefined]]);
      await store.set("b", { status: "open" });
      same(await next(), [["b", undefined, "open"]]);
      await events.return();
      const live = store.live({ where: { status: "open" } });
      await new Promise((resolve) => live.subscribe(resolve));
      same([...live.getSnapshot().keys()], ["b", "c", "d"]);
    },
  },
];
