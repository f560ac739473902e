import { equal, ok, rejects, same } from "./assert.mjs";

const FIELDS = [
  "_id",
  "userId",
  "namespace",
  "key",
  "value",
  "metadata",
  "createdByAgent",
  "lastAccessedByAgent",
  "accessCount",
  "createdAt",
  "updatedAt",
  "lastAccessedAt",
];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$/;

const GOLDEN = [
  ["user_123", "default", "my-key", "user_123:default:bXkta2V5"],
  ["user_123", "files:my-repo", "src/main.py", "user_123:files:my-repo:c3JjL21haW4ucHk="],
  ["user_123", "default", "greeting", "user_123:default:Z3JlZXRpbmc="],
  ["u1", "default", "k", "u1:default:aw=="],
  ["u1", "default", "", "u1:default:"],
  ["u1", "default", "a/b", "u1:default:YS9i"],
  ["u1", "default", "a/b?c~", "u1:default:YS9iP2N-"],
  ["u1", "default", "é", "u1:default:w6k="],
  ["u1", "default", "😀", "u1:default:8J-YgA=="],
  ["u1", "default", "日本語", "u1:default:5pel5pys6Kqe"],
];

/** The text of a document of the user `u`, with other fields where given. */
const documentText = (fields) => JSON.stringify({ userId: "u", key: "k", value: 1, ...fields });
const nestedText = (depth) => "[".repeat(depth) + "]".repeat(depth);
const openStore = async (api) => (await api.open({ user: "u" })).dataStore();

export default [
  {
    name: "a document has the original's fields in their order, its golden id, and times without an offset",
    async run(api) {
      const db = await api.open({ agent: "planner" });
      for (const [user, namespace, key, id] of GOLDEN) {
        const store = db.dataStore({ user, namespace });
        await store.set(key, { v: key }, { metadata: { m: 1 } });
        const [document] = JSON.parse(await store.exportDocuments()).filter((each) => each.key === key);
        same(Object.keys(document), FIELDS);
        equal(document._id, id);
        same([document.userId, document.namespace, document.key], [user, namespace, key]);
        same([document.value, document.metadata], [{ v: key }, { m: 1 }]);
        same([document.createdByAgent, document.lastAccessedByAgent, document.accessCount], ["planner", "planner", 0]);
        for (const time of [document.createdAt, document.updatedAt, document.lastAccessedAt]) ok(TIME.test(time), time);
      }
    },
  },
  {
    name: "what export writes is a JSON array with one document a line, and import takes it back to the letter",
    async run(api) {
      const store = await openStore(api);
      equal(JSON.stringify(JSON.parse(await store.exportDocuments())), "[]");
      await store.setMany({ a: null, b: [1.5, "\n", "😀"], __proto__: null, "c\0": { "": {} } }, { metadata: { x: [] } });
      await store.useNamespace("other").set("k", JSON.parse('{"__proto__": 1}'));
      const all = await store.exportDocuments({ allNamespaces: true });
      const here = await store.exportDocuments();
      equal(JSON.parse(here).length, 3);
      equal(all.trim().split("\n").length, 4 + 2);
      same(JSON.parse(all).map((each) => [each.namespace, each.key]), [
        ["default", "a"],
        ["default", "b"],
        ["default", "c\0"],
        ["other", "k"],
      ]);
      await store.clear();
      await store.useNamespace("other").clear();
      same(await store.importDocuments(all), { imported: 4, skipped: 0 });
      equal(await store.exportDocuments({ allNamespaces: true }), all);
      equal(await store.exportDocuments({ allNamespaces: false }), here);
      same(await store.importDocuments(all), { imported: 4, skipped: 0 });
      equal(await store.exportDocuments({ allNamespaces: true }), all);
    },
  },
  {
    name: "an export holds nothing of other users",
    async run(api) {
      const db = await api.open();
      await db.dataStore({ user: "u" }).set("k", 1);
      await db.dataStore({ user: "u2" }).set("k", 2);
      const text = await db.dataStore({ user: "u" }).exportDocuments({ allNamespaces: true });
      same(JSON.parse(text).map((each) => each.userId), ["u"]);
    },
  },
  {
    name: "import takes an array, docs, and rows",
    async run(api) {
      const store = await openStore(api);
      const document = documentText({});
      for (const text of [
        `[${document}]`,
        ` {"docs" : [ ${document} ]} `,
        `{"total_rows": 1, "offset": 0, "rows": [{"id": "x", "key": "x", "value": {"rev": "1-a"}, "doc": ${document}}]}`,
      ]) {
        same(await store.importDocuments(text), { imported: 1, skipped: 0 });
        equal(await store.get("k"), 1);
        await store.clear();
      }
      for (const text of ["[]", '{"docs": []}', '{"rows": []}', " [ ] \n"]) {
        same(await store.importDocuments(text), { imported: 0, skipped: 0 });
      }
    },
  },
  {
    name: "an imported document keeps its namespace, times, creator, counts and unknown fields",
    async run(api) {
      const store = await openStore(api);
      const fields = {
        namespace: "n:1",
        metadata: { m: true },
        createdByAgent: "old",
        lastAccessedByAgent: "reader",
        accessCount: 7,
        createdAt: "2024-01-02T03:04:05.000006",
        updatedAt: "2024-02-03T04:05:06Z",
        lastAccessedAt: "2024-03-04T05:06:07+01:00",
        _rev: "3-abc",
        color: { of: ["an", "other"] },
        type: "data",
      };
      await store.importDocuments(`[${documentText(fields)}]`);
      same(await store.listKeys(), []);
      const record = await store.useNamespace("n:1").getRecord("k");
      same(record, {
        user: "u",
        namespace: "n:1",
        key: "k",
        value: 1,
        metadata: { m: true },
        createdByAgent: "old",
        lastAccessedByAgent: "reader",
        accessCount: 7,
        createdAt: "2024-01-02T03:04:05.000006Z",
        updatedAt: "2024-02-03T04:05:06Z",
        lastAccessedAt: "2024-03-04T04:06:07Z",
        expiresAt: null,
        version: record.version,
      });
      await store.useNamespace("n:1").set("k", 2);
      const [document] = JSON.parse(await store.useNamespace("n:1").exportDocuments());
      same([document.color, document.type, document._rev], [fields.color, "data", undefined]);
      equal(document.createdByAgent, "old");
      equal(document.accessCount, 7);
    },
  },
  {
    name: "what a document leaves out has its default",
    async run(api) {
      const store = await openStore(api);
      const before = Date.now();
      await store.importDocuments('[{"_id": "u:default:a2s=", "userId": "u", "value": null}]');
      const record = await store.getRecord("kk");
      same([record.value, record.metadata, record.accessCount, record.createdByAgent], [null, {}, 0, null]);
      same([record.lastAccessedAt, record.lastAccessedByAgent], [null, null]);
      ok(Date.parse(record.createdAt) >= before);
      equal(record.updatedAt, record.createdAt);
    },
  },
  {
    name: "existing keys are replaced, or skipped where asked",
    async run(api) {
      const store = await openStore(api);
      await store.setMany({ a: "mine", b: "mine" });
      const text = `[${["a", "c"].map((key) => documentText({ key, value: "theirs" }))}]`;
      same(await store.importDocuments(text, { existing: "skip" }), { imported: 1, skipped: 1 });
      same(await store.getMany(["a", "b", "c"]), new Map([["a", "mine"], ["b", "mine"], ["c", "theirs"]]));
      same(await store.importDocuments(text, { existing: "replace" }), { imported: 2, skipped: 0 });
      equal(await store.get("a"), "theirs");
      same(await store.importDocuments(text, { existing: "skip" }), { imported: 0, skipped: 2 });
    },
  },
  {
    name: "numbers keep every digit through import, merges of metadata and export",
    async run(api) {
      const store = await openStore(api);
      const digits = ["9007199254740993", "123456789012345678901234567890", "0.1000000000000000055511151231257827", "1E400".replace("400", "40")];
      const value = `[${digits}]`;
      await store.importDocuments(`[{"userId":"u","key":"k","value":${value},"metadata":{"n":${digits[0]}},"extra":${digits[1]}}]`);
      await store.useNamespace("default").set("other", 1);
      const text = await store.exportDocuments();
      for (const part of [`"value":${value}`, `"n":${digits[0]}`, `"extra":${digits[1]}`]) ok(text.includes(part), `${part} in ${text}`);
      await store.importDocuments(text);
      equal(await store.exportDocuments(), text);
      equal((await store.get("k"))[0], 9007199254740992);
      await store.set("k", 1, { metadata: { more: 2 } });
      ok((await store.exportDocuments()).includes(`"metadata":{"n":${digits[0]},"more":2}`));
    },
  },
  {
    name: "a text that is not documents is refused, and nothing is written",
    async run(api) {
      const store = await openStore(api);
      const texts = [
        "",
        "nonsense",
        "null",
        "5",
        '"text"',
        "{}",
        '{"docs": 5}',
        '{"rows": [5]}',
        '{"rows": [{"id": "x"}]}',
        "[5]",
        "[null]",
        "[[]]",
        `[${documentText({})}`,
        `[${documentText({})}] x`,
        `\ufeff[]`,
        '[{"userId":"u","key":"k","value":1e400}]',
        '[{"userId":"u","key":"k","value":NaN}]',
        '[{"userId":"u","key":"k","value":"\\ud800"}]',
        '[{"userId":"u","key":"\\udc00","value":1}]',
        '[{"userId":"u","key":"k","value":{"a":1,"a":2}}]',
        '[{"userId":"u","key":"k","key":"l","value":1}]',
        '[{"userId":"u","key":"k"}]',
        '[{"userId":"u","value":1}]',
        '[{"key":"k","value":1}]',
        "[".repeat(1_000_000),
        `[{"userId":"u","key":"k","value":${nestedText(100_000)}}]`,
      ];
      for (const text of texts) {
        try {
          await rejects(() => store.importDocuments(text), "INVALID_DOCUMENT");
        } catch (error) {
          throw new Error(`${text.slice(0, 80)}: ${error.message}`);
        }
      }
      const wrong = [
        { userId: "other" },
        { userId: 5 },
        { userId: null },
        { key: 5 },
        { namespace: 5 },
        { metadata: [] },
        { metadata: "x" },
        { accessCount: -1 },
        { accessCount: 1.5 },
        { accessCount: "1" },
        { createdAt: "yesterday" },
        { updatedAt: 5 },
        { lastAccessedAt: "2024-13-01T00:00:00" },
        { createdByAgent: {} },
        { _id: "u:default:other" },
        { _id: 5 },
      ];
      for (const fields of wrong) {
        const text = `[${documentText({ key: "fine" })},${documentText(fields)}]`;
        try {
          await rejects(() => store.importDocuments(text), "INVALID_DOCUMENT", /document 1/);
        } catch (error) {
          throw new Error(`${JSON.stringify(fields)}: ${error.message}`);
        }
      }
      await rejects(() => store.importDocuments(`[${documentText({})},${documentText({ value: 2 })}]`), "INVALID_DOCUMENT", /document 1/);
      same(await store.listKeys(), []);
      same(await store.listNamespaces(), []);
    },
  },
  {
    name: "what is no text is the caller's mistake in an argument",
    async run(api) {
      const store = await openStore(api);
      for (const text of [undefined, null, 5, [], {}, [{ userId: "u", key: "k", value: 1 }], new Uint8Array(2)]) {
        await rejects(() => store.importDocuments(text), "INVALID_ARGUMENT", /string/);
      }
    },
  },
  {
    name: "import takes back what export wrote at every depth that set takes",
    async run(api) {
      const store = await openStore(api);
      for (const depth of [50, 97, 98, 99, 100]) {
        await store.set("deep", JSON.parse(nestedText(depth)), { metadata: { v: JSON.parse(nestedText(depth - 1)) } });
        const text = await store.exportDocuments();
        for (const form of [text, `{"docs": ${text}}`, `{"rows": [{"doc": ${text.trim().slice(1, -1)}}]}`]) {
          await store.clear();
          same(await store.importDocuments(form), { imported: 1, skipped: 0 }, `depth ${depth}:`);
          same(await store.get("deep"), JSON.parse(nestedText(depth)));
        }
      }
      await rejects(() => store.importDocuments(`[{"userId":"u","key":"k","value":${nestedText(101)}}]`), "INVALID_DOCUMENT");
    },
  },
  {
    name: "__proto__ in a document stays data",
    async run(api) {
      const store = await openStore(api);
      const text = '[{"userId":"u","key":"__proto__","namespace":"__proto__","value":{"__proto__":{"admin":true}},"metadata":{"__proto__":{"admin":true}},"__proto__":{"admin":true}}]';
      await store.importDocuments(text);
      const record = await store.useNamespace("__proto__").getRecord("__proto__");
      equal(record.admin ?? record.value.admin ?? record.metadata.admin ?? {}.admin, undefined);
      same(record.value, JSON.parse('{"__proto__":{"admin":true}}'));
      ok((await store.exportDocuments({ allNamespaces: true })).includes('"__proto__":{"admin":true}}\n'));
    },
  },
];
