import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

async function source(name) {
  const { module } = await runnerImport(fileURLToPath(new URL(`../../../www/src/sessions/${name}.ts`, import.meta.url)));
  return module;
}

test("a place survives its address, whatever its names are", async () => {
  const { readSessionPlace, writeSessionPlace } = await source("place");
  const places = [
    { user: "a&b=#/\u00fc", session: "ses_1", file: "/a&file=b/<%>" },
    { user: "demo", session: null, file: null },
    { user: "demo", session: "x", file: null },
  ];
  for (const place of places) assert.deepEqual(readSessionPlace(writeSessionPlace(place)), place);
  assert.deepEqual(readSessionPlace("#session=&file=/a"), places[1]);
});

test("the writer edits files as a prompt says, always the same way", async () => {
  const { propose } = await source("writer");
  const files = new Map([["/src/a.ts", "export function area() {}\n"], ["/n.md", "- one"]]);
  const writes = (prompt, isTerse) => propose(prompt, files, isTerse).writes;
  const [added, tested] = writes("add a function volume to src/a.ts and test it");
  assert.match(added.content, /^export function area\(\) \{\}\n\n\/\*\* .+ \*\/\nexport function volume\(\.\.\.values: number\[\]\): number \{\n/);
  assert.deepEqual([added.path, tested.path], ["src/a.ts", "src/a.test.ts"]);
  assert.match(writes("add a function volume to src/a.ts", true)[0].content, /\n\nexport function volume\(values\) \{\n/);
  assert.deepEqual(writes("add a function area to src/a.ts"), []);
  assert.deepEqual(writes("rename area to size in src/a.ts"), [{ path: "src/a.ts", content: "export function size() {}\n" }]);
  assert.deepEqual(writes("rename nothing to size in src/a.ts"), []);
  assert.deepEqual(writes("delete n.md"), [{ path: "n.md", delete: true }]);
  assert.deepEqual(writes("delete m.md"), []);
  assert.deepEqual(writes("remember\n this in n.md"), [{ path: "n.md", content: "- one\n- remember this in n.md\n" }]);
  assert.deepEqual(writes("$& and so on"), [{ path: "notes.md", content: "- $& and so on\n" }]);
  assert.match(writes("a function area for shapes.py")[0].content, /^def area\(\*values\):\n {4}"""/);
  assert.match(writes("a function area for shapes.rs")[0].content, /^\/\/\/ .+\npub fn area\(values: &\[f64\]\) -> f64 \{\n/);
  const began = performance.now();
  propose("w".repeat(1e6), files);
  propose("./".repeat(5e5), files);
  assert.ok(performance.now() - began < 2000, "slow");
});

test("what a model read before costs a tenth", async () => {
  const { costOf, modelOf, readBy } = await source("models");
  const writer = modelOf("writer");
  const task = { prompt: "12345678", files: new Map([["/a", "1234"]]), history: [{ role: "user", content: "12345678" }], recipe: null };
  assert.deepEqual(readBy(task), { inputTokens: 5, cachedTokens: 2 });
  assert.ok(Math.abs(costOf(writer, readBy(task), 10) - (3.2 * 3 + 10 * 15) / 1e6) < 1e-15);
});

test("earlier prompts are gone through as in a shell", async () => {
  const { PromptWalk } = await source("prompt-walk");
  const walk = new PromptWalk();
  assert.deepEqual([walk.older("x"), walk.newer()], [null, null]);
  walk.take(["b", "a"]);
  assert.deepEqual([walk.older("draft"), walk.older("b"), walk.older("a")], ["b", "a", null]);
  // What comes meanwhile does not move them.
  walk.take(["c", "b", "a"]);
  assert.deepEqual([walk.newer(), walk.newer(), walk.newer()], ["b", "draft", null]);
  assert.equal(walk.older("draft"), "c");
  walk.stop();
  assert.equal(walk.newer(), null);
});

const run = (hash, more = {}) => ({ timestamp: "2026-01-02T03:04:05Z", promptHash: hash, promptPreview: hash, models: ["m"], ...more });
const marker = (hash) => ({ timestamp: "2026-01-02T03:04:06Z", promptHash: hash, promptPreview: "", models: null, type: "rewind" });

test("a marker takes back the newest run before it with its prompt", async () => {
  const { takenBack, redone, timelineItems } = await source("timeline-items");
  const runs = [run("a"), run("b"), marker("b"), run("a"), marker("a"), marker("a"), marker("x")];
  assert.deepEqual([...takenBack(runs)], [[2, 1], [4, 3], [5, 0]]);
  assert.deepEqual([redone(runs.slice(0, 3)), redone(runs.slice(0, 6)), redone(runs), redone([run("a")])], [1, 0, null, null]);
  const usage = [0, 1, 3].map((at) => ({ run: at, total: { costUsd: 1 }, models: {} }));
  const contents = ["one", "two", "three"].map((prompt) => ({ prompt, models: null }));
  const items = timelineItems({ runs: runs.slice(0, 5), contents, usage, steps: [0], recipeNames: new Map() });
  assert.deepEqual(
    items.map((item) => (item.kind === "run" ? [item.number, item.content.prompt, item.costSoFar, item.isRewound, item.isLast, item.mayGoBack] : [item.prompt, item.of])),
    [[1, "one", 1, false, false, false], [2, "two", 2, true, false, false], ["two", 1], [3, "three", 3, true, false, false], ["three", 3]],
  );
  const fewer = timelineItems({ runs: [run("a")], contents: [], usage: [], steps: [], recipeNames: new Map() });
  assert.deepEqual([fewer[0].content, fewer[0].usage, fewer[0].isLast], [null, null, true]);
});

test("files make a tree with its folders first, and closed ones hide what they have", async () => {
  const { fileRows } = await source("file-rows");
  const paths = ["/b.md", "/src/a.ts", "/src/deep/x", "/__proto__/y"];
  const shown = (closed) => fileRows(paths, new Set(closed)).map(({ name, level, position, siblings, expanded }) => `${level}${name} ${position}/${siblings}${expanded === null ? "" : expanded ? "-" : "+"}`);
  assert.deepEqual(shown([]), ["1src 1/3-", "2deep 1/2-", "3x 1/1", "2a.ts 2/2", "1__proto__ 2/3-", "2y 1/1", "1b.md 3/3"]);
  assert.deepEqual(shown(["/src"]), ["1src 1/3+", "1__proto__ 2/3-", "2y 1/1", "1b.md 3/3"]);
  assert.deepEqual(fileRows(["/src", "/src/a"], new Set()).map(({ id }) => id), ["folder /src", "file /src/a", "file /src"]);
});

test("what changed between two states of files is told, and nothing else", async () => {
  const { changesBetween } = await source("files");
  const { diffOf } = await source("../line-diff");
  const changes = changesBetween(new Map([["/a", "1\n"], ["/b", "2"], ["/same", "x"]]), new Map([["/same", "x"], ["/b", "3"], ["/c", ""]]));
  assert.deepEqual(changes, [{ path: "/a", before: "1\n", after: null }, { path: "/b", before: "2", after: "3" }, { path: "/c", before: null, after: "" }]);
  // In texts a comma at the end of a line is a difference.
  assert.deepEqual(diffOf("a,\nb\n", "a\nb\n", "text").map(({ change, text }) => [change, text]), [["removed", "a,"], ["added", "a"], ["same", "b"]]);
});
