// The README's example runs, and gives what its comments say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as store from "../../pkg/node/index.js";

const AsyncFunction = (async () => {}).constructor;

test("the example of the README runs as written and gives what its comments say", async () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, example] = readme.match(/```js\n([\s\S]+?)```/);
  const [first, ...lines] = example.split("\n");
  assert.equal(first, 'import init, { open } from "agent-datastore";');
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
  const open = (options) => store.open({ ...options, backend: "memory" });
  await new AsyncFunction("init", "open", "check", "console", body.join("\n"))(store.default, open, check, { log() {} });
  assert.equal(checked, 21);
});
