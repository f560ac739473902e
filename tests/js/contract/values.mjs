import { equal, ok, rejects, same } from "./assert.mjs";

const nested = (depth, wrap) => {
  let value = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
};
const everyCharacter = Array.from({ length: 0x10000 }, (_, unit) => unit)
  .filter((unit) => unit < 0xd800 || unit > 0xdfff)
  .map((unit) => String.fromCharCode(unit))
  .join("");

const VALUES = {
  "null": null,
  "booleans": [true, false],
  "numbers": [0, 1, -1, 0.1, 0.1 + 0.2, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** 53 - 1, 2 ** 53, 1e21, 1e-7],
  "an empty string": "",
  "every character of the basic plane": everyCharacter,
  "characters beyond it": "😀\u{10000}\u{10ffff} e\u0301 \u202e",
  "text that looks like JSON": ['"', "\\", "\\u0000", "</script>", "{}", "\u2028\u2029"],
  "empty containers": [[], {}, [[]], [{}], { a: {} }],
  "strange names": { "": 1, " ": 2, "a.b": 3, "a[0]": 4, "0": 5, "\0": 6, "😀": 7, constructor: 8, toString: 9, length: 10 },
  "a __proto__": JSON.parse('{"__proto__": {"admin": true}, "inner": [{"__proto__": null}]}'),
  "a hundred arrays": nested(100, (value) => [value]),
  "a hundred objects": nested(100, (value) => ({ value })),
};

export default [
  {
    name: "every JSON value comes back equal from get, getRecord, getMany and entries",
    async run(api) {
      const store = (await api.open()).dataStore();
      for (const [label, value] of Object.entries(VALUES)) await store.set(label, value);
      const many = await store.getMany(Object.keys(VALUES));
      const walked = new Map();
      for await (const [key, value] of store.entries()) walked.set(key, value);
      for (const [label, value] of Object.entries(VALUES)) {
        same(await store.get(label), value, `${label}:`);
        same((await store.getRecord(label)).value, value, `${label} in its record:`);
        same(many.get(label), value, `${label} of getMany:`);
        same(walked.get(label), value, `${label} of entries:`);
      }
    },
  },
  {
    name: "a stored __proto__ comes back as a property of its own and pollutes nothing",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", JSON.parse('{"__proto__": {"admin": true}}'));
      await store.setMany(JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}'));
      const values = [await store.get("k"), (await store.getRecord("k")).value, (await store.getMany(["k"])).get("k")];
      for (const value of values) {
        ok(Object.hasOwn(value, "__proto__"), "the property is not the object's own");
        equal(value.admin, undefined);
        equal(Object.getPrototypeOf(value), Object.prototype);
      }
      same(await store.listKeys(), ["__proto__", "constructor", "k"]);
      same(await store.getMany(["__proto__"]), new Map([["__proto__", { admin: true }]]));
      equal({}.admin, undefined);
    },
  },
  {
    name: "members keep their order",
    async run(api) {
      const store = (await api.open()).dataStore();
      await store.set("k", { zebra: 1, apple: 2, "": 3, mango: { y: 1, x: 2 } });
      equal(JSON.stringify(await store.get("k")), '{"zebra":1,"apple":2,"":3,"mango":{"y":1,"x":2}}');
    },
  },
  {
    name: "a member that is undefined, a symbol's or not enumerable is left out, as JSON does",
    async run(api) {
      const store = (await api.open()).dataStore();
      const value = { a: 1, b: undefined, [Symbol("s")]: 2, c: { d: undefined } };
      Object.defineProperty(value, "hidden", { value: 3, enumerable: false });
      await store.set("k", value);
      same(await store.get("k"), { a: 1, c: {} });
    },
  },
  {
    name: "plain data of any make is taken: frozen, without a prototype, behind a Proxy, of another realm",
    async run(api) {
      const store = (await api.open()).dataStore();
      const plain = { a: [1, { b: "c" }], d: null };
      const bare = Object.assign(Object.create(null), plain, { a: [1, Object.assign(Object.create(null), { b: "c" })] });
      const makes = {
        frozen: Object.freeze({ ...plain, a: Object.freeze([...plain.a]) }),
        bare,
        proxy: new Proxy(plain, {}),
        "proxy of an array": new Proxy([plain], {}),
        foreign: api.foreign(`(${JSON.stringify(plain)})`),
        "foreign bare": api.foreign(`Object.assign(Object.create(null), ${JSON.stringify(plain)})`),
      };
      for (const [key, value] of Object.entries(makes)) {
        await store.set(key, value, { metadata: { made: value } });
        const record = await store.getRecord(key);
        const expected = key === "proxy of an array" ? [plain] : plain;
        same(record.value, expected, `${key}:`);
        same(record.metadata, { made: expected }, `${key} as metadata:`);
      }
      same(await store.get("foreign"), plain);
      await store.set("fn", api.foreign(`({ metadata: null })`), api.foreign(`({ metadata: { x: 1 } })`));
      same((await store.getRecord("fn")).metadata, { x: 1 });
    },
  },
  {
    name: "what is shared within a value is written in each of its places",
    async run(api) {
      const store = (await api.open()).dataStore();
      const shared = { x: [1] };
      await store.set("k", { a: shared, b: [shared, shared] });
      same(await store.get("k"), { a: { x: [1] }, b: [{ x: [1] }, { x: [1] }] });
    },
  },
  {
    name: "a string of five million characters is stored, and one over the limit is refused",
    async run(api) {
      const store = (await api.open()).dataStore();
      const big = "0123456789".repeat(500_000);
      await store.set("big", big);
      equal((await store.get("big")) === big, true);
      await rejects(() => store.set("big", "x".repeat(33 * 1024 * 1024)), "LIMIT_EXCEEDED");
      await rejects(() => store.set("big", new Array(17_000_000).fill(0)), "LIMIT_EXCEEDED");
      await rejects(() => store.set("big", 1, { metadata: { m: "x".repeat(33 * 1024 * 1024) } }), "LIMIT_EXCEEDED");
      equal((await store.get("big")) === big, true);
    },
  },
  {
    name: "a small graph that would be an endless text is refused",
    async run(api) {
      const store = (await api.open()).dataStore();
      const graph = nested(60, (value) => [value, value]);
      await rejects(() => store.set("k", graph), "LIMIT_EXCEEDED", /^value/);
      await rejects(() => store.setMany({ fine: 1, k: graph }), "LIMIT_EXCEEDED", /^items\["k"\]/);
      await rejects(() => store.set("k", 1, { metadata: { graph } }), "LIMIT_EXCEEDED", /^metadata/);
      same(await store.listKeys(), []);
    },
  },
  {
    name: "a value whose text would be half a gigabyte is LIMIT_EXCEEDED like any other that is too big",
    async run(api) {
      const store = (await api.open()).dataStore();
      const value = new Array(560).fill("x".repeat(1024 * 1024));
      await rejects(() => store.set("k", value), "LIMIT_EXCEEDED");
      await rejects(() => store.setMany({ k: value }), "LIMIT_EXCEEDED");
      await rejects(() => store.set("k", 1, { metadata: { value } }), "LIMIT_EXCEEDED");
    },
  },
  {
    name: "values and batches far over the limit are refused, and the module goes on",
    async run(api) {
      const store = (await api.open()).dataStore();
      const shared = "x".repeat(1024 * 1024);
      const value = new Array(300).fill(shared);
      await rejects(() => store.set("k", value), "LIMIT_EXCEEDED");
      const items = Array.from({ length: 10 }, (_, place) => [`k${place}`, new Array(30).fill(shared)]);
      await rejects(() => store.setMany(items), "LIMIT_EXCEEDED");
      same(await store.listKeys(), []);
      await store.set("k", 1);
      equal(await store.get("k"), 1);
    },
  },
];
