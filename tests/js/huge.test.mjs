// More data than one JavaScript string can hold, each time in a process of its own: a module that ran out of memory is
// dead, and has to be noticed rather than waited for. Needs the package that scripts/build.sh makes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";

const LIMIT = { timeout: 180_000 };
const entry = new URL("../../pkg/node/index.js", import.meta.url).href;

/** Runs a program that begins with a filled store, and returns what it prints; the process ends by itself or is ended. */
const run = (records, program) =>
  new Promise((resolve, reject) => {
    const source = `
      const { open } = await import(${JSON.stringify(entry)});
      const db = await open({ backend: "memory" });
      const store = db.dataStore();
      const text = "x".repeat(30 * 1024 * 1024);
      for (let place = 0; place < ${records}; place++) await store.set("k" + place, text);
      const outcome = (promise) => promise.then((value) => value, (error) => error.code);
      let result = "a promise never settled";
      process.on("exit", () => console.log(result));
      const program = async () => { ${program} };
      result = await program();
      const alive = await store.get("k0").then((value) => value.length === text.length, () => false);
      result += alive ? ", alive" : ", dead";`;
    const options = ["--max-old-space-size=8000", "--input-type=module", "--eval", source];
    execFile(process.execPath, options, { timeout: 170_000 }, (error, stdout) => {
      if (stdout) resolve(stdout.trim().split("\n").at(-1));
      else reject(error);
    });
  });

test("three hundred megabytes are read by name, and too many for one export", LIMIT, async () => {
  const program = `
    const many = await store.getMany(["k0", "k9"]);
    return many.size + " " + (await outcome(store.exportDocuments()));`;
  assert.equal(await run(10, program), "2 LIMIT_EXCEEDED, alive");
});

test("an export that no string can hold rejects with LIMIT_EXCEEDED, and the module goes on", LIMIT, async () => {
  assert.equal(await run(18, "return outcome(store.exportDocuments());"), "LIMIT_EXCEEDED, alive");
});

test("a getMany that no string can hold gives all values or rejects with LIMIT_EXCEEDED", LIMIT, async () => {
  const program = `
    const keys = Array.from({ length: 18 }, (_, place) => "k" + place);
    const many = await outcome(store.getMany(keys));
    return many.size === 18 ? "LIMIT_EXCEEDED" : many;`;
  assert.equal(await run(18, program), "LIMIT_EXCEEDED, alive");
});

test("a walk over records of any size gives them all", LIMIT, async () => {
  const program = `
    let count = 0;
    for await (const [, value] of store.entries()) count += value.length === text.length ? 1 : 0;
    return count;`;
  assert.equal(await run(18, `return outcome((async () => { ${program} })());`), "18, alive");
});

test("many calls at once with a batch over the limit are all refused, and the module goes on", LIMIT, async () => {
  const program = `
    const items = Array.from({ length: 12 }, (_, place) => ["n" + place, text]);
    const calls = Array.from({ length: 12 }, () => outcome(store.setMany(items)));
    return [...new Set(await Promise.all(calls))].join();`;
  assert.equal(await run(1, program), "LIMIT_EXCEEDED, alive");
});

test("an import of a text that is far over the limit of a batch is refused, and the module goes on", LIMIT, async () => {
  const program = `
    const document = JSON.stringify({ userId: "anonymous", key: "KEY", value: text });
    const many = "[" + Array.from({ length: 16 }, (_, place) => document.replace("KEY", "n" + place)).join() + "]";
    const calls = Array.from({ length: 4 }, () => outcome(store.importDocuments(many)));
    return [...new Set(await Promise.all(calls))].join();`;
  assert.equal(await run(1, program), "LIMIT_EXCEEDED, alive");
});
