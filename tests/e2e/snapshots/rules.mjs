import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

async function source(name) {
  const { module } = await runnerImport(fileURLToPath(new URL(`../../../www/src/snapshots/${name}.ts`, import.meta.url)));
  return module;
}

const SIGNS = { added: "+", removed: "-", same: " " };
const pretty = (value) => JSON.stringify(value, null, 2);

test("two values are compared line by line, and a comma at the end is no difference", async () => {
  const { diffOf } = await source("../line-diff");
  const diff = (before, after) => diffOf(pretty(before), pretty(after)).map(({ change, text }) => SIGNS[change] + text);
  assert.deepEqual(diff({ a: 1 }, { a: 1, b: [] }), [" {", '   "a": 1,', '+  "b": []', " }"]);
  assert.deepEqual(diff({ b: 1, a: 2 }, { b: 1, a: 3 }), [" {", '   "b": 1,', '-  "a": 2', '+  "a": 3', " }"]);
  assert.deepEqual(diff("", null), ['-""', "+null"]);
  assert.deepEqual(diff([1], [1]), [" [", "   1", " ]"]);
});

test("texts that have little in common are compared in a moment", async () => {
  const { diffOf } = await source("../line-diff");
  const lines = (from) => pretty(Array.from({ length: 50_000 }, (_, at) => from + at * 2));
  const began = performance.now();
  const diff = diffOf(lines(0), lines(1));
  assert.ok(performance.now() - began < 5000, "slow");
  const count = (change) => diff.filter((line) => line.change === change).length;
  assert.deepEqual([count("same"), count("added"), count("removed")], [2, 50_000, 50_000]);
});

test("what is alike is left out but for a few lines around", async () => {
  const { folded } = await source("../line-diff");
  const line = (change) => ({ change, text: "" });
  const fold = (signs) => {
    const lines = Array.from(signs, (sign) => line(sign === "+" ? "added" : "same"));
    return folded(lines, 2).map((part) => (part.change === "folded" ? `(${part.count})` : SIGNS[part.change])).join("");
  };
  assert.equal(fold("..........+.........."), "(8)  +  (8)");
  assert.equal(fold("+....+"), "+    +");
  assert.equal(fold("+.....+"), "+     +");
  assert.equal(fold("+......+"), "+  (2)  +");
  assert.equal(fold("......"), "(6)");
  assert.equal(fold(""), "");
});

test("a place survives its address, whatever its names are", async () => {
  const { readSnapshotPlace, writeSnapshotPlace } = await source("place");
  const places = [
    { user: "a&b=#/\u00fc", scope: ["a/b", "<%>", "__proto__"], key: "in=x&key=", version: 7, comparedWith: 3 },
    { user: "demo", scope: [], key: null, version: null, comparedWith: null },
    { user: "demo", scope: ["x"], key: "k", version: null, comparedWith: null },
  ];
  for (const place of places) assert.deepEqual(readSnapshotPlace(writeSnapshotPlace(place)), place);
  assert.deepEqual(readSnapshotPlace("#in=&key=&version=0&with=1"), places[1]);
  assert.deepEqual(readSnapshotPlace("#key=k&version=-1&with=x"), { ...places[1], key: "k" });
});

test("a hierarchy reads only what is open and right below, and finds names anywhere", async () => {
  const { Hierarchy, foundRows, countBelow } = await source("hierarchy");
  const content = { "[]": [["a"], ["k"]], '["a"]': [["b"], ["x"]], '["a","b"]': [["c"], ["y"]], '["a","b","c"]': [[], ["z"]] };
  const read = new Set();
  const storeAt = (path) => {
    const id = JSON.stringify(path);
    read.add(id);
    return { children: async () => content[id][0], list: async () => content[id][1] };
  };
  const names = (rows) => rows.map(({ name, level, expanded, count }) => `${level}${name}${expanded === null ? "" : expanded ? "-" : "+"}${count ?? ""}`);
  const hierarchy = new Hierarchy(storeAt);
  assert.equal(await hierarchy.refresh(), true);
  assert.equal(await hierarchy.refresh(), false);
  assert.deepEqual([names(hierarchy.rows()), read.size], [["1a+2", "1k"], 2]);
  await hierarchy.open(["a"]);
  assert.deepEqual([names(hierarchy.rows()), read.size], [["1a-2", "2b+2", "2x", "1k"], 3]);
  const found = await foundRows(storeAt, "Z", new AbortController().signal);
  assert.deepEqual([names(found.rows), found.found], [["1a-2", "2b-2", "3c-1", "4z"], 1]);
  assert.equal(await countBelow(storeAt, []), 4);
});
