import { collect, equal, ok, rejects, same, throws } from "./assert.mjs";

const fill = async (store, count) => {
  const pairs = Array.from({ length: count }, (_, place) => [`k${String(place).padStart(3, "0")}`, { place }]);
  await store.setMany(pairs);
  return pairs.map(([key, value]) => ({ key, value }));
};

/** All pages of a listing; `meanwhile` is called after each. */
async function pagesOf(store, options, meanwhile = () => {}) {
  const pages = [];
  let cursor = null;
  do {
    const page = await store.list({ ...options, cursor });
    pages.push(page);
    cursor = page.cursor;
    await meanwhile(pages.length);
  } while (cursor !== null && pages.length < 1_000);
  return pages;
}

const bare = (entries) => entries.map(({ key, value }) => ({ key, value }));

export default [
  {
    name: "list gives pages in key order or in reverse, with the version of each entry, and a cursor where more is there",
    async run(api) {
      const store = (await api.open()).dataStore();
      same(await store.list(), { entries: [], cursor: null });
      const all = await fill(store, 250);
      const first = await store.list();
      same(bare(first.entries), all.slice(0, 100));
      same(first.entries[3], await store.getEntry("k003"));
      for (const limit of [1, 124, 125, 249, 250, 251, 2 ** 31 - 1]) {
        const pages = await pagesOf(store, { limit });
        equal(pages.length, Math.ceil(250 / limit), `pages of ${limit}:`);
        same(pages.flatMap(({ entries }) => bare(entries)), all);
        const back = await pagesOf(store, { limit, reverse: true });
        same(back.flatMap(({ entries }) => bare(entries)), all.toReversed());
      }
    },
  },
  {
    name: "a listing is of a prefix, from a start to before an end, and may have keys alone",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany({ "src/a": 1, "src/b": "é", "src/c": 3, srd: 4, src: 5, "": 6, "😀": 7, "\uffff": 8 });
      const keys = async (options) => (await store.list({ ...options, keysOnly: true })).keys;
      same(await keys(), ["", "src", "src/a", "src/b", "src/c", "srd", "\uffff", "😀"]);
      same(await keys({ prefix: "src/" }), ["src/a", "src/b", "src/c"]);
      same(await keys({ start: "src/b", end: "srd" }), ["src/b", "src/c"]);
      same(await keys({ prefix: "src", start: "src/b", reverse: true }), ["src/c", "src/b"]);
      same(await keys({ start: "b", end: "a" }), []);
      same(await store.list({ prefix: "src/", keysOnly: true, limit: 3 }), { keys: ["src/a", "src/b", "src/c"], cursor: null });
      same(bare((await store.list({ prefix: "src/b" })).entries), [{ key: "src/b", value: "é" }]);
      same(await collect(store.entries({ start: "src/b", end: "srd" })), [["src/b", "é"], ["src/c", 3]]);
      same(await collect(store.entries({ prefix: "sr", reverse: true, pageSize: 2, limit: 3 })), [["srd", 4], ["src/c", 3], ["src/b", "é"]]);
      same((await collect(store.entries({ limit: 5, pageSize: 2 }))).length, 5);
      for (const options of [undefined, {}, { prefix: "src" }, { start: "src/", end: "src/c" }, { prefix: "none" }]) {
        equal(await store.count(options), (await keys(options)).length);
      }
    },
  },
  {
    name: "a cursor goes on in another object on the same data, and is refused for another listing",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      await fill(store, 10);
      const { cursor } = await store.list({ limit: 4 });
      ok(typeof cursor === "string" && /^[\w-]+$/.test(cursor), `the cursor ${cursor} may need quoting`);
      if (api.backend === "indexeddb") {
        await db.close();
        const again = (await api.open()).dataStore();
        equal((await again.list({ cursor, limit: 1 })).entries[0].key, "k004");
        equal((await again.list({ cursor, keysOnly: true })).keys.length, 6);
        return;
      }
      await store.delete("k003");
      same((await db.dataStore().list({ cursor, limit: 2, keysOnly: true })).keys, ["k004", "k005"]);
      await rejects(() => store.list({ cursor, reverse: true }), "INVALID_VALUE", /another listing/);
      await rejects(() => store.list({ cursor, prefix: "k" }), "INVALID_VALUE", /another listing/);
      await rejects(() => store.useNamespace("n").list({ cursor }), "INVALID_VALUE");
      await rejects(() => db.dataStore({ user: "u" }).list({ cursor }), "INVALID_VALUE");
      const texts = ["", "x", "k003", "!", "\ud800", cursor.slice(0, 9), `${cursor}=`, ` ${cursor}`, "A".repeat(100_000), "é".repeat(9)];
      for (const text of texts) await rejects(() => store.list({ cursor: text }), "INVALID_VALUE");
      await rejects(() => store.list({ cursor: "A".repeat(200_000) }), "INVALID_ARGUMENT", /cursor/);
    },
  },
  {
    name: "a key as long as keys may be has a cursor that is taken back",
    async run(api) {
      const store = (await api.open()).dataStore();
      const long = ["a", "b"].map((letter) => letter.repeat(65_000));
      await store.setMany(long.map((key) => [key, 1]));
      const pages = await pagesOf(store, { limit: 1, keysOnly: true });
      same(pages.flatMap(({ keys }) => keys), long);
    },
  },
  {
    name: "what is written between two pages makes no key come twice, and loses none that stays",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const reverse of [false, true]) {
        await store.clear();
        await fill(store, 30);
        const pages = await pagesOf(store, { limit: 4, reverse }, async (page) => {
          await store.deleteMany([`k0${page}0`, `k0${page}5`, "k010"]);
          await store.setMany({ [`k00${page}+`]: 1, [`k02${page}+`]: 1, "": page, "~": page, k029: page });
        });
        const keys = pages.flatMap(({ entries }) => entries.map(({ key }) => key));
        const sorted = [...new Set(keys)].sort();
        same(keys, reverse ? sorted.reverse() : sorted);
        for (let place = 1; place < 30; place++) {
          const key = `k${String(place).padStart(3, "0")}`;
          if (place % 5 !== 0) ok(keys.includes(key), `${key} did not come`);
        }
      }
    },
  },
  {
    name: "values that need care come back in a listing, and each entry belongs to the caller",
    async run(api) {
      const store = (await api.open()).dataStore();
      const values = { a: null, b: "日本", ключ: [1, { deep: [] }], d: { n: 1.5 }, é: "" };
      await store.setMany({ ...values, proto: JSON.parse('{"__proto__": {"x": 1}}') });
      const { entries } = await store.list();
      same(Object.fromEntries(entries.filter(({ key }) => key !== "proto").map(({ key, value }) => [key, value])), values);
      ok(Object.hasOwn(entries.find(({ key }) => key === "proto").value, "__proto__"));
      entries[0].value = entries[0].key = "changed";
      equal((await store.list()).entries[0].key, "a");
    },
  },
  {
    name: "namespaces are listed by prefix, by parts, and with what they hold",
    async run(api) {
      const store = (await api.open()).dataStore();
      const namespaces = ["files", "files:a", "files:a:x", "files:b", "notes:1:2", "plain"];
      for (const namespace of namespaces) await store.useNamespace(namespace).setMany({ k: 1, é: "x".repeat(100) });
      same(await store.listNamespaces({ prefix: "files:" }), ["files:a", "files:a:x", "files:b"]);
      same(await store.listNamespaces({ delimiter: ":" }), ["files", "files:", "notes:", "plain"]);
      same(await store.listNamespaces({ delimiter: ":", depth: 2 }), ["files", "files:a", "files:a:", "files:b", "notes:1:", "plain"]);
      same(await store.listNamespaces({ delimiter: ":", prefix: "files:" }), ["files:a", "files:a:", "files:b"]);
      same(await store.listNamespaces({ details: false }), namespaces);
      const details = await store.listNamespaces({ delimiter: ":", details: true });
      same(details.map(({ namespace, isGroup, records }) => [namespace, isGroup, records]), [
        ["files", false, 2],
        ["files:", true, 6],
        ["notes:", true, 2],
        ["plain", false, 2],
      ]);
      equal(details[1].bytes, details[0].bytes * 3);
      ok(details[0].bytes > 100 && details[0].bytes < 400, `${details[0].bytes} bytes`);
      const { updatedAt } = await store.useNamespace("files:b").getRecord("é");
      equal(details[1].updatedAt, updatedAt);
      same(await store.useNamespace("other").listNamespaces({ prefix: "no", details: true, delimiter: "/" }), [
        { ...details[2], namespace: "notes:1:2", isGroup: false },
      ]);
    },
  },
  {
    name: "options of listings that cannot be meant are refused",
    async run(api) {
      const store = (await api.open()).dataStore();
      const wrong = { limit: 0, cursor: 5, reverse: 1, keysOnly: "yes", prefix: null, start: 5, end: [], nonsense: 1 };
      for (const [name, value] of Object.entries(wrong)) {
        await rejects(() => store.list({ [name]: value }), "INVALID_ARGUMENT", new RegExp(`list.*${name}`));
      }
      for (const name of ["prefix", "start", "end", "limit"]) {
        await rejects(() => store.count({ [name]: 0 }), "INVALID_ARGUMENT", new RegExp(`count.*${name}`));
      }
      for (const name of ["start", "end", "reverse", "limit", "cursor"]) {
        throws(() => store.entries({ [name]: 0 }), "INVALID_ARGUMENT", new RegExp(`entries.*${name}`));
      }
      for (const options of [{ delimiter: 5 }, { delimiter: "" }, { depth: 2 }, { delimiter: ":", depth: 0 }, { details: 1 }, { limit: 1 }]) {
        await rejects(() => store.listNamespaces(options), "INVALID_ARGUMENT");
      }
      await rejects(() => store.list({ start: "\ud800" }), "INVALID_KEY");
      for (const options of [null, "text", [], 5]) await rejects(() => store.list(options), "INVALID_ARGUMENT", /options/);
    },
  },
];
