import { collect, equal, rejects, same, throws } from "./assert.mjs";

const KEYS = [
  "",
  "\0",
  "\0\0",
  "\x01",
  " ",
  "../../etc/passwd",
  "0",
  "a",
  "a\0",
  "a\0b",
  "a:b",
  "a/b",
  "a\u001eb",
  "constructor",
  "hasOwnProperty",
  "__proto__",
  "prototype",
  "toString",
  "%2f",
  "x".repeat(10_000),
  "😀".repeat(5_000),
  "é",
  "e\u0301",
  "\ufffd",
  "\uffff",
  "\u{10000}",
  "\u{10ffff}",
  "日本語",
];
const NOT_KEYS = [undefined, null, 5, 5n, true, {}, [], ["a"], () => "a", Symbol("a"), new String("a"), Object("a")];

const byCodePoint = (a, b) => {
  const [left, right] = [[...a], [...b]];
  for (let place = 0; place < Math.min(left.length, right.length); place++) {
    const difference = left[place].codePointAt(0) - right[place].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

export default [
  {
    name: "any well-formed string is a key, and no two meet",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const [place, key] of KEYS.entries()) await store.set(key, place);
      for (const [place, key] of KEYS.entries()) {
        equal(await store.get(key), place);
        equal(await store.has(key), true);
        equal((await store.getRecord(key)).key, key);
      }
      same(await store.getMany(KEYS), new Map(KEYS.map((key, place) => [key, place])));
      equal(await store.setMany(KEYS.map((key) => [key, key])), KEYS.length);
      for (const key of KEYS) equal(await store.delete(key), true);
      same(await store.listKeys(), []);
    },
  },
  {
    name: "keys are listed by Unicode code point, not by UTF-16 unit, and so are entries and exports",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(KEYS.map((key) => [key, 1]));
      const sorted = [...KEYS].sort(byCodePoint);
      same(await store.listKeys(), sorted);
      same((await collect(store.entries())).map(([key]) => key), sorted);
      same(JSON.parse(await store.exportDocuments()).map((document) => document.key), sorted);
    },
  },
  {
    name: "listKeys gives exactly the keys that begin with the prefix",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.setMany(KEYS.map((key) => [key, 1]));
      for (const prefix of [...KEYS, "a", "x", "xx", "😀", "no such", "\u{10ff}", "%"]) {
        const expected = KEYS.filter((key) => key.startsWith(prefix)).sort(byCodePoint);
        same(await store.listKeys(prefix), expected, `prefix ${JSON.stringify(prefix)}:`);
        same((await collect(store.entries(prefix))).map(([key]) => key), expected);
      }
      same(await store.listKeys(undefined), [...KEYS].sort(byCodePoint));
    },
  },
  {
    name: "what is not a string is no key, for any method",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const key of NOT_KEYS) {
        const calls = [
          () => store.get(key),
          () => store.get(key, 1),
          () => store.has(key),
          () => store.getRecord(key),
          () => store.getMany(["a", key]),
          () => store.set(key, 1),
          () => store.setMany([["a", 1], [key, 1]]),
          () => store.delete(key),
          () => store.deleteMany(["a", key]),
        ];
        if (key !== undefined) calls.push(() => store.listKeys(key));
        for (const call of calls) await rejects(call, "INVALID_KEY", /string/);
        throws(() => store.useNamespace(key), "INVALID_KEY", /string/);
      }
      same(await store.listKeys(), []);
    },
  },
  {
    name: "a lone surrogate is refused in keys, prefixes, namespaces, users, agents and names",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      for (const text of ["\ud800", "a\udc00", "\udc00\ud800", "😀\ud83d"]) {
        for (const call of [
          () => store.get(text),
          () => store.has(text),
          () => store.getRecord(text),
          () => store.getMany([text]),
          () => store.set(text, 1),
          () => store.setMany({ [text]: 1 }),
          () => store.delete(text),
          () => store.deleteMany([text]),
          () => store.listKeys(text),
          () => api.module.open({ backend: "memory", user: text }),
          () => api.module.open({ backend: "memory", agent: text }),
          () => api.module.open({ backend: "memory", name: text }),
          () => api.module.destroy(text),
        ]) {
          await rejects(call, "INVALID_KEY", /surrogate/);
        }
        for (const call of [
          () => store.useNamespace(text),
          () => store.entries(text),
          () => store.entries({ prefix: text }),
          () => db.dataStore({ user: text }),
          () => db.dataStore({ agent: text }),
          () => db.dataStore({ namespace: text }),
        ]) {
          throws(call, "INVALID_KEY", /surrogate/);
        }
      }
      await store.set("\ufffd", 1);
      same(await store.listKeys(), ["\ufffd"]);
    },
  },
  {
    name: "a key over the limit is refused by every call",
    async run(api) {
      const store = (await api.open()).dataStore();
      const long = "x".repeat(70_000);
      await rejects(() => store.set(long, 1), "LIMIT_EXCEEDED");
      await rejects(() => store.setMany({ a: 1, [long]: 1 }), "LIMIT_EXCEEDED");
      await rejects(() => store.get(long), "LIMIT_EXCEEDED");
      await rejects(() => store.has(long), "LIMIT_EXCEEDED");
      await rejects(() => store.delete(long), "LIMIT_EXCEEDED");
      await rejects(() => store.listKeys(long), "LIMIT_EXCEEDED");
      same(await store.listKeys(), []);
    },
  },
  {
    name: "a namespace is any string, holds its keys alone, and exists while it holds one",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      same(await store.listNamespaces(), []);
      for (const [place, namespace] of KEYS.entries()) await store.useNamespace(namespace).set("k", place);
      for (const [place, namespace] of KEYS.entries()) {
        equal(await db.dataStore({ namespace }).get("k"), place);
        equal(store.useNamespace(namespace).namespace, namespace);
      }
      same(await store.listNamespaces(), [...KEYS].sort(byCodePoint));
      equal(await store.get("k"), undefined);
      await store.useNamespace("a").delete("k");
      equal((await store.listNamespaces()).includes("a"), false);
    },
  },
  {
    name: "namespaces are listed right whatever number of keys they hold",
    async run(api) {
      const store = (await api.open()).dataStore();
      const sizes = { a: 64, b: 1, c: 65, d: 63, e: 128, f: 1, g: 129 };
      for (const [namespace, size] of Object.entries(sizes)) {
        await store.useNamespace(namespace).setMany(Array.from({ length: size }, (_, place) => [`${place}`, 1]));
      }
      same(await store.listNamespaces(), Object.keys(sizes));
    },
  },
  {
    name: "useNamespace keeps user, agent and counting, replaces the namespace, and creates nothing",
    async run(api) {
      const store = (await api.open()).dataStore({ user: "u", agent: "a", namespace: "n", trackAccess: true });
      const other = store.useNamespace("o");
      same([other.user, other.agent, other.namespace], ["u", "a", "o"]);
      same([store.user, store.agent, store.namespace], ["u", "a", "n"]);
      same(await other.listNamespaces(), []);
      await other.set("k", 1);
      await other.get("k");
      equal((await other.getRecord("k")).accessCount, 1);
    },
  },
  {
    name: "users never meet, whatever their names, and agents of one user share its data",
    async run(api) {
      const db = await api.open();
      const scopes = [["u1", "b:c"], ["u1:b", "c"], ["u1\0b", "c"], ["u1", "b\0c"], ["", "u1"], ["u1", ""], ["u", "1"]];
      const stores = scopes.map(([user, namespace]) => db.dataStore({ user, namespace }));
      for (const [place, store] of stores.entries()) await store.set("k", place);
      for (const [place, store] of stores.entries()) {
        equal(await store.get("k"), place);
        same(await store.listKeys(), ["k"]);
        const own = scopes.filter(([user]) => user === store.user).map(([, namespace]) => namespace);
        same(await store.listNamespaces(), own.sort());
      }
      equal(await stores[0].clear(), 1);
      equal(await stores[1].get("k"), 1);
      equal(await db.dataStore({ user: "u1:b", namespace: "c", agent: "another" }).get("k"), 1);
    },
  },
];
