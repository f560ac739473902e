// The examples of the README and of docs/finding.md run, and give what their comments say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as store from "../../pkg/node/index.js";

const AsyncFunction = (async () => {}).constructor;

/** Runs an example. Gives how many of its lines say what they give. */
async function run(lines, known) {
  const body = lines.map((line) => line.replace(/^(?!const)(await )?(.+?); \/\/ (.+)$/, (_, awaited = "", call, result) =>
    `check(${awaited}${call}, ${JSON.stringify(result)});`));
  let checked = 0;
  const check = (value, comment) => {
    checked += 1;
    if (comment.startsWith("Map(")) assert.equal(`Map(${value.size})`, comment);
    else if (comment.endsWith("…")) comment.replace(/^.*: /, "").slice(0, -3).split(", ").forEach((name) => assert.ok(name in value, name));
    else if (comment.startsWith("a sibling")) assert.equal(value.siblingCount, 2);
    else assert.deepEqual(value, new Function(`return (${comment})`)());
  };
  await new AsyncFunction(...Object.keys(known), "check", "console", body.join("\n"))(...Object.values(known), check, { log() {} });
  return checked;
}

function exampleIn(path) {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  return text.match(/```js\n([\s\S]+?)```/)[1].split("\n");
}

const open = (options) => store.open({ ...options, backend: "memory" });

test("the example of the README runs as written and gives what its comments say", async () => {
  const [first, ...lines] = exampleIn("README.md");
  assert.equal(first, 'import init, { open } from "agent-datastore";');
  assert.equal(await run(lines, { init: store.default, open }), 22);
});

test("so does that of finding", async () => {
  const db = await open({});
  assert.equal(await run(exampleIn("docs/finding.md"), { db }), 3);
  await db.close();
});
