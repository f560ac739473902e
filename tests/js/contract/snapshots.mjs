import { equal, ok, rejection, rejects, same, throws } from "./assert.mjs";
import { directoryOf } from "./directory.mjs";

/** Refusals that a case is about need not be on the console too. */
const openStore = async (api, options) => (await api.open()).snapshotStore({ onError: () => {}, ...options });

export default [
  {
    name: "snapshots of every kind of value come back",
    async run(api) {
      const store = await openStore(api);
      const nested = { name: "Alice", tags: ["a", { deep: [1, 2.5, null, true] }], text: "é 日本 😀" };
      for (const value of [{ a: 1 }, [1, 2, 3], "text", 42, 2.5, true, false, null, nested]) {
        equal(await store.save("key", value), undefined);
        same(await store.load("key"), value);
      }
    },
  },
  {
    name: "a key under which nothing is saved is a KeyNotFound that carries it",
    async run(api) {
      const store = await openStore(api);
      for (const key of ["nonexistent", "test/key:with*special?chars"]) {
        const error = await rejection(() => store.load(key));
        ok(error instanceof Error && !(error instanceof TypeError));
        same([error.name, error.code, error.key, error.retryable], ["KeyNotFound", "KEY_NOT_FOUND", key, false]);
        ok(error.message.includes(`Key not found: ${key}`), error.message);
      }
      equal((await rejection(() => store.loadAt("gone", 1))).key, "gone");
      equal(await store.loadOr("gone", 7), 7);
      equal(await store.has("gone"), false);
      await store.save("null", null);
      equal(await store.loadOr("null", 7), null);
    },
  },
  {
    name: "a save takes the value as it is at the call, and need not be awaited",
    async run(api) {
      const db = await api.open();
      const store = db.snapshotStore();
      const value = { a: 1 };
      store.save("k", value);
      value.a = 2;
      same(await store.load("k"), { a: 1 });
      for (let n = 0; n < 50; n++) store.save("n", n);
      await db.snapshotStore().loadOr("n", 0);
      await store.flush();
      equal(await db.snapshotStore().load("n"), 49);
    },
  },
  {
    name: "scopes are independent, by tuple, and to be used with await using",
    async run(api) {
      const store = await openStore(api);
      const alice = store.narrow("alice");
      ok(alice instanceof api.module.SnapshotStore);
      const agent = alice.narrow("agent");
      same([store.path, alice.path, agent.path], [[], ["alice"], ["alice", "agent"]]);
      await Promise.all([store.save("state", 0), alice.save("state", 1), agent.save("state", 2), store.save("alice", 3)]);
      same(await Promise.all([store.load("state"), alice.load("state"), agent.load("state"), store.load("alice")]), [0, 1, 2, 3]);
      same([await store.list(), await store.children(), await alice.children()], [["alice", "state"], ["alice"], ["agent"]]);
      const again = (await api.open()).snapshotStore({ path: ["alice", "agent"] });
      if (api.backend === "indexeddb") equal(await again.load("state"), 2);
      alice.save("last", 4);
      await alice[Symbol.asyncDispose]();
      await rejects(() => alice.save("state", 5), "CLOSED");
      same([await alice.load("last"), await alice.load("state")], [4, 1]);
      await store.save("state", 6);
      equal(await store.narrow("").load("state"), 6);
    },
  },
  {
    name: "sanitize has the exact rule of the original, and narrow takes no store for none",
    async run(api) {
      const { sanitize, narrow } = api.module;
      const table = {
        "test/key:with*special?chars": "test_key_with_special_chars", "..": "__", ".": "_", "a.b": "a_b", "a b": "a_b", "\\": "_",
        "é": "é", "e\u0301": "e_", 日本: "日本", "😀": "_", "½": "½", "²": "²", "Ⅷ": "Ⅷ", "٣": "٣", "Ⓐ": "_", "क्षि": "क_ष_",
        "\u203f": "_", "\u200d": "_", "\n": "_", "a-b_c": "a-b_c", "": "",
      };
      for (const [key, name] of Object.entries(table)) equal(sanitize(key), name, JSON.stringify(key));
      // Every character of the first two planes, against the browser's own tables where both know it.
      const known = /\P{Cn}/u;
      const kept = /[\p{L}\p{N}_-]/u;
      let different = 0;
      for (let from = 0; from < 0x20000; from += 0x1000) {
        const chars = Array.from({ length: 0x1000 }, (_, at) => from + at).filter((point) => point < 0xd800 || point > 0xdfff);
        const text = String.fromCodePoint(...chars);
        for (const [at, name] of [...sanitize(text)].entries()) {
          const char = String.fromCodePoint(chars[at]);
          if (known.test(char) && (name === char) !== (kept.test(char) || char === "_")) different++;
        }
      }
      equal(different, 0, "characters that the browser knows otherwise:");
      const store = await openStore(api);
      same(narrow(store, "a").path, ["a"]);
      equal(narrow(null, "a"), null);
      equal(narrow(undefined, "a"), null);
      throws(() => narrow({}, "a"), "INVALID_ARGUMENT");
      same([store.narrowPath(), store.narrow("a/b").narrowPath("..", "c")], ["", "a_b/__/c"]);
      throws(() => store.narrowPath("a", 5), "INVALID_KEY");
    },
  },
  {
    name: "a save that fails is told once, whether anybody waits for it or not, and leaves the rest as it was",
    async run(api) {
      const told = [];
      const store = (await openStore(api, { onError: (error, save) => told.push([error.code, save]) })).narrow("a");
      await store.save("k", "old");
      const circle = {};
      circle.circle = circle;
      store.save("k", circle);
      store.save("", 1);
      store.save("good", 1);
      const awaited = store.save("k", () => {});
      equal((await rejection(() => awaited)).code, "INVALID_VALUE");
      await store.flush();
      same(told.map(([code, save]) => [code, save.key, save.path]).sort(), [
        ["INVALID_KEY", "", ["a"]],
        ["INVALID_VALUE", "k", ["a"]],
        ["INVALID_VALUE", "k", ["a"]],
      ]);
      same([await store.load("k"), await store.load("good")], ["old", 1]);
      await store.close();
      store.save("late", 1);
      await Promise.resolve();
      await new Promise((done) => setTimeout(done));
      same(told.at(-1), ["CLOSED", { key: "late", path: ["a"] }]);
    },
  },
  {
    name: "an ignored failure is no unhandled rejection",
    async run(api) {
      const store = await openStore(api, { onError: () => {} });
      const unhandled = [];
      const listen = (event) => unhandled.push(event?.reason ?? event);
      const isNode = typeof process === "object" && typeof process.on === "function";
      if (isNode) process.on("unhandledRejection", listen);
      else addEventListener("unhandledrejection", listen);
      try {
        store.save("k", undefined);
        await new Promise((done) => setTimeout(done, 50));
        equal(unhandled.length, 0);
      } finally {
        if (isNode) process.off("unhandledRejection", listen);
        else removeEventListener("unhandledrejection", listen);
      }
    },
  },
  {
    name: "versions are kept, numbered, dated and hashed, loaded and pruned",
    async run(api) {
      const store = await openStore(api, { history: 2 });
      equal(store.history, 2);
      for (const value of ["a", "b", "a", "c", "c"]) await store.save("k", value);
      const versions = await store.versions("k");
      same(versions.map(({ version, bytes }) => [version, bytes]), [[4, 3], [3, 3], [2, 3]]);
      same(Object.keys(versions[0]), ["version", "savedAt", "bytes", "hash"]);
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode('"c"'));
      equal(versions[0].hash, Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(""));
      ok(versions.every(({ savedAt }) => Math.abs(Date.now() - Date.parse(savedAt)) < 60_000));
      same([await store.loadAt("k", 4), await store.loadAt("k", 3), await store.loadAt("k", 2)], ["c", "a", "b"]);
      for (const version of [0, 1, 5]) await rejects(() => store.loadAt("k", version), "NOT_FOUND");
      for (const version of [1.5, "1", undefined, Number.NaN, -1]) await rejects(() => store.loadAt("k", version), "INVALID_ARGUMENT");
      equal(await store.prune({ key: "k", keep: 1 }), 1);
      equal(await store.prune(), 1);
      equal((await store.versions("k")).length, 1);
      same(await store.versions("gone"), []);
      await rejects(() => store.prune({ keep: -1 }), "INVALID_ARGUMENT");
    },
  },
  {
    name: "deletions are told, and do not overtake saves",
    async run(api) {
      const store = await openStore(api);
      const [, first, , second] = [store.save("k", 1), store.delete("k"), store.save("k", 2), store.delete("none")];
      same([await first, await second, await store.load("k")], [true, false, 2]);
      await store.narrow("a").narrow("b").save("x", 1);
      same([await store.narrow("a").deleteAll(), await store.deleteAll(), await store.deleteAll()], [1, 1, 0]);
      same([await store.list(), await store.children()], [[], []]);
    },
  },
  {
    name: "the layout of the original goes out and comes in, as files, into a directory and as one zip",
    async run(api) {
      const store = await openStore(api);
      await store.save("test/key:with*special?chars", { text: "é", list: [] });
      await store.narrow("level1").narrow("level2").save("test_key", [1.5, 1e21]);
      for (const key of ["a/b", "a:b"]) await store.narrow("same").save(key, key);
      const files = await store.exportFiles();
      ok(files instanceof Map);
      same([...files.keys()], [
        "test_key_with_special_chars.json", "level1/level2/test_key.json", "same/a_b.json", "same/a_b.613a62.json", ".keys.json",
      ]);
      equal(files.get("test_key_with_special_chars.json"), '{\n  "text": "\\u00e9",\n  "list": []\n}');
      equal(files.get("level1/level2/test_key.json"), "[\n  1.5,\n  1e+21\n]");
      const directory = directoryOf();
      await store.exportToDirectory(directory);
      same([...directory.files].sort(), [...files].sort());
      // An older export's word on names must not stay where this one has none.
      await store.narrow("same").exportToDirectory(directory);
      same(JSON.parse(directory.files.get(".keys.json")), { "a_b.json": ["a/b"] });
      await store.narrow("level1").exportToDirectory(directory);
      equal(directory.files.has(".keys.json"), false);
      directory.files.clear();
      await store.exportToDirectory(directory);
      const zip = await store.exportZip();
      equal(zip.type, "application/zip");
      const imports = {
        files: (copy) => copy.importFiles(files),
        object: (copy) => copy.importFiles(Object.fromEntries(files)),
        directory: (copy) => copy.importFromDirectory(directory),
        zip: (copy) => copy.importZip(zip),
      };
      for (const [name, run] of Object.entries(imports)) {
        const copy = store.narrow(`copy of ${name}`);
        same(await run(copy), { imported: 4, skipped: 0 }, name);
        same(await copy.load("test/key:with*special?chars"), { text: "é", list: [] }, name);
        equal(await copy.narrow("same").load("a:b"), "a:b", name);
        same(await copy.exportFiles(), files, name);
        await rejects(() => run(copy), "ALREADY_EXISTS");
        await copy.deleteAll();
      }
      const original = store.narrow("original");
      await original.importFiles({ "agent_1.json": "1" }, { keys: ["agent:1"] });
      equal(await original.load("agent:1"), 1);
      same(await original.importFiles({ "agent_1.json": "2" }, { keys: ["agent:1"], existing: "skip" }), { imported: 0, skipped: 1 });
      for (const bad of [{ "a.json": "{" }, { "a.json": "NaN" }, { "a.json": "[".repeat(1_000) }, { "a.json": 5 }, { ".keys.json": "1" }]) {
        const error = await rejection(() => original.importFiles({ "good.json": "1", ...bad }));
        ok(["INVALID_DOCUMENT", "INVALID_ARGUMENT"].includes(error.code), error.code);
        equal(await original.has("good"), false);
      }
    },
  },
  {
    name: "wrong arguments of snapshots are refused with a TypeError",
    async run(api) {
      const db = await api.open({ user: "ada" });
      equal(db.snapshotStore().user, "ada");
      equal(db.snapshotStore({ user: "bob" }).user, "bob");
      for (const options of [{ user: 1 }, { path: "a" }, { path: 5 }, { history: 1.5 }, { history: -1 }, { onError: 1 }, { other: 1 }, 5]) {
        throws(() => db.snapshotStore(options), "INVALID_ARGUMENT");
      }
      throws(() => db.snapshotStore({ path: [1] }), "INVALID_KEY");
      const store = db.snapshotStore({ onError: () => {} });
      for (const call of [(key) => store.save(key, 1), (key) => store.load(key), (key) => store.delete(key), (key) => store.has(key)]) {
        for (const key of [undefined, null, 1, "\ud800"]) await rejects(() => call(key), "INVALID_KEY");
      }
      throws(() => store.narrow(1), "INVALID_KEY");
      throws(() => api.module.sanitize(1), "INVALID_KEY");
      for (const value of [undefined, () => {}, 1n, Number.NaN, new Map()]) await rejects(() => store.save("k", value), "INVALID_VALUE");
      equal(await store.has("k"), false);
    },
  },
];
