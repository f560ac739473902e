import { equal, ok, rejection, rejects, same } from "./assert.mjs";

class Point {
  x = 1;
}

const cycle = () => {
  const value = { list: [] };
  value.list.push(value);
  return value;
};
const nested = (depth) => {
  let value = [];
  for (let level = 1; level < depth; level++) value = level % 2 ? { v: value } : [value];
  return value;
};

const NOT_JSON = {
  "a function": () => () => 1,
  "a class": () => Point,
  "a symbol": () => Symbol("s"),
  "a bigint": () => 5n,
  NaN: () => NaN,
  Infinity: () => Infinity,
  "-Infinity": () => -Infinity,
  "a Map": () => new Map([["a", 1]]),
  "a Set": () => new Set([1]),
  "a WeakMap": () => new WeakMap(),
  "a Float64Array": () => new Float64Array(2),
  "a DataView": () => new DataView(new ArrayBuffer(2)),
  "a Date": () => new Date(),
  "a RegExp": () => /x/,
  "an Error": () => new Error("x"),
  "a Promise": () => Promise.resolve(1),
  "an instance of a class": () => new Point(),
  "a boxed number": () => Object(1),
  "a boxed string": () => Object("x"),
  "a boxed bigint": () => Object(1n),
  "a URL": () => new URL("http://localhost"),
  "a lone high surrogate": () => "a\ud800b",
  "a lone low surrogate": () => "\udc00",
  "surrogates in the wrong order": () => "\udc00\ud800",
};
const FOREIGN = { "a foreign Map": "new Map()", "a foreign Date": "new Date()", "a foreign function": "() => 1" };

export default [
  {
    name: "what is not JSON is a TypeError that names its exact place, and nothing is written",
    async run(api) {
      const store = (await api.open()).dataStore();
      const kinds = Object.entries(NOT_JSON);
      for (const [label, source] of Object.entries(FOREIGN)) kinds.push([label, () => api.foreign(source)]);
      for (const [label, make] of kinds) {
        const value = { items: [0, 1, 2, { size: make() }] };
        const place = /^value\.items\[3\]\.size /;
        await rejects(() => store.set("k", make()), "INVALID_VALUE", /^value /).catch((error) => {
          throw new Error(`${label}: ${error.message}`);
        });
        await rejects(() => store.set("k", value), "INVALID_VALUE", place);
        await rejects(() => store.setMany({ fine: 1, k: value }), "INVALID_VALUE", /^items\["k"\]\.items\[3\]\.size /);
        await rejects(() => store.set("k", 1, { metadata: value }), "INVALID_VALUE", /^metadata\.items\[3\]\.size /);
      }
      same(await store.listKeys(), []);
      await store.set("after", 1);
      equal(await store.get("after"), 1);
    },
  },
  {
    name: "undefined is refused at the top, in arrays and in holes of arrays",
    async run(api) {
      const store = (await api.open()).dataStore();
      await rejects(() => store.set("k", undefined), "INVALID_VALUE", /^value is undefined/);
      await rejects(() => store.set("k"), "INVALID_VALUE", /^value is undefined/);
      await rejects(() => store.set("k", [1, undefined]), "INVALID_VALUE", /^value\[1\] is undefined/);
      await rejects(() => store.set("k", { a: [1, , 3] }), "INVALID_VALUE", /^value\.a\[1\] is undefined/);
      await rejects(() => store.set("k", new Array(5)), "INVALID_VALUE", /^value\[0\] /);
      await rejects(() => store.setMany({ k: undefined }), "INVALID_VALUE", /^items\["k"\] /);
      same(await store.listKeys(), []);
    },
  },
  {
    name: "places are written as JavaScript would write them",
    async run(api) {
      const store = (await api.open()).dataStore();
      const place = async (value, expected) => {
        const { message } = await rejects(() => store.set("k", value), "INVALID_VALUE");
        ok(message.startsWith(`${expected} `), `expected ${expected} in: ${message}`);
      };
      await place({ "a b": { $c_1: NaN } }, 'value["a b"].$c_1');
      await place({ "": [NaN] }, 'value[""][0]');
      await place({ 0: NaN }, 'value["0"]');
      await place({ 'a"b': NaN }, 'value["a\\"b"]');
      await place({ "日本": { é: NaN } }, "value.日本.é");
      await place([[[[NaN]]]], "value[0][0][0][0]");
      await place(JSON.parse('{"__proto__": {"x": [1, 2]}}', (name, each) => (name === "x" ? NaN : each)), "value.__proto__.x");
      await rejects(() => store.setMany([['k"', { a: NaN }]]), "INVALID_VALUE", /^items\["k\\""\]\.a /);
    },
  },
  {
    name: "a member's name with a lone surrogate is refused",
    async run(api) {
      const store = (await api.open()).dataStore();
      await rejects(() => store.set("k", { a: { "\ud800": 1 } }), "INVALID_VALUE", /^value\.a .*surrogate/);
      await rejects(() => store.set("k", 1, { metadata: { "\udfff": 1 } }), "INVALID_VALUE", /^metadata .*surrogate/);
      await store.set("k", { "😀": "\ud83d\ude00" });
      same(await store.get("k"), { "😀": "😀" });
    },
  },
  {
    name: "a hundred levels are stored, one more is refused, and so is a cycle",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", nested(100), { metadata: { v: nested(99) } });
      same(await store.get("k"), nested(100));
      await rejects(() => store.set("k", nested(101)), "INVALID_VALUE", /^value.*deeper than 100 levels/);
      await rejects(() => store.set("k", 1, { metadata: { v: nested(100) } }), "INVALID_VALUE", /^metadata.*deeper/);
      await rejects(() => store.set("k", cycle()), "INVALID_VALUE", /^value.*cycle/);
      const self = [];
      self.push(self);
      await rejects(() => store.set("k", self), "INVALID_VALUE", /^value.*cycle/);
      same(await store.get("k"), nested(100));
    },
  },
  {
    name: "the module survives cycles and a depth of 100,000 wherever they are put",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      for (const bad of [nested(100_000), cycle(), nested(100_001)]) {
        await rejects(() => store.set("k", bad), "INVALID_VALUE");
        await rejects(() => store.set("k", [bad]), "INVALID_VALUE");
        await rejects(() => store.set("k", 1, { metadata: { bad } }), "INVALID_VALUE");
        await rejects(() => store.setMany({ bad }), "INVALID_VALUE");
        await rejects(() => store.setMany([["k", bad]]), "INVALID_VALUE");
        await rejects(() => store.set("k", 1, { bad }), "INVALID_ARGUMENT");
        for (const key of [bad, [bad]]) {
          await rejects(() => store.set(key, 1), "INVALID_KEY");
          await rejects(() => store.get(key), "INVALID_KEY");
        }
        await rejects(() => store.getMany([bad]), "INVALID_KEY");
        await rejects(() => store.setMany([[bad, 1]]), "INVALID_KEY");
        await rejects(() => store.exportDocuments({ allNamespaces: bad }), "INVALID_ARGUMENT");
        await rejects(() => api.module.open({ agent: bad }), "INVALID_ARGUMENT");
        equal(await store.get("k", bad), bad, "a fallback may be anything:");
      }
      await store.set("k", 1);
      equal(await store.get("k"), 1);
    },
  },
  {
    name: "an error of the caller's own getter or iterator is what the promise rejects with",
    async run(api) {
      const store = (await api.open()).dataStore();
      const own = new RangeError("mine");
      const thrower = () => {
        throw own;
      };
      const getter = { get bad() { return thrower(); } };
      function* pairs() {
        yield ["fine", 1];
        thrower();
      }
      const proxy = new Proxy({}, { ownKeys: thrower });
      const calls = [
        () => store.set("k", getter),
        () => store.set("k", proxy),
        () => store.set("k", 1, { metadata: getter }),
        () => store.set("k", 1, { get metadata() { return thrower(); } }),
        () => store.setMany(getter),
        () => store.setMany(pairs()),
        () => store.getMany(pairs.call().return === undefined ? [] : (function* () { thrower(); })()),
        () => store.exportDocuments({ get allNamespaces() { return thrower(); } }),
        () => api.module.open({ get name() { return thrower(); } }),
      ];
      for (const call of calls) equal(await rejection(call), own, call);
      same(await store.listKeys(), []);
    },
  },
  {
    name: "a getter is read once, so what was checked is what is stored",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const later of [5n, NaN, "\ud800", undefined, () => 1, new Map()]) {
        let reads = 0;
        const value = { get a() { return reads++ === 0 ? "checked" : later; } };
        await store.set("k", value);
        same(await store.get("k"), { a: "checked" });
        reads = 0;
        await store.set("k", 1, { metadata: value });
        same((await store.getRecord("k")).metadata, { a: "checked" });
      }
    },
  },
  {
    name: "toJSON is never called: it would store what was not checked",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const result of [undefined, 5n, NaN, "\ud800", "text"]) {
        const hidden = { value: () => result, enumerable: false };
        for (const value of [Object.defineProperty({ a: 1 }, "toJSON", hidden), Object.defineProperty([1], "toJSON", hidden)]) {
          const outcome = await store.set("k", value).then(() => "stored", (error) => error.code);
          if (outcome === "stored") same(await store.get("k"), Array.isArray(value) ? [1] : { a: 1 });
          else equal(outcome, "INVALID_VALUE", `toJSON gives ${String(result)}:`);
        }
      }
      await rejects(() => store.set("k", { toJSON: () => 1 }), "INVALID_VALUE", /^value\.toJSON /);
    },
  },
  {
    name: "a class with a strange name, and a revoked Proxy, are refused like others",
    async run(api) {
      const store = (await api.open()).dataStore();
      class Symbolic {
        static name = Symbol("no text");
      }
      await rejects(() => store.set("k", { a: new Symbolic() }), "INVALID_VALUE", /^value\.a /);
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      ok((await rejection(() => store.set("k", { a: proxy }))) instanceof TypeError);
      await store.set("k", 1);
      equal(await store.get("k"), 1);
    },
  },
  {
    name: "the caller's code may call the store while it is being asked for a value",
    async run(api) {
      const db = await api.open();
      const store = db.dataStore();
      const inner = [];
      const value = {
        get a() {
          inner.push(store.set("inner", 1), db.dataStore().get("inner"), store.listKeys());
          return store.namespace;
        },
      };
      await store.set("outer", value);
      await Promise.all(inner);
      same(await store.getMany(["outer", "inner"]), new Map([["outer", { a: "default" }], ["inner", 1]]));
    },
  },
];
