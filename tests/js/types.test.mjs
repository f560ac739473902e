// The types of every package, used by a program as users write them. Needs the packages that scripts/build.sh makes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What the compiler says of a project; nothing where all is well. */
const compile = (project) =>
  new Promise((resolve) => {
    execFile(path("../../node_modules/.bin/tsc"), ["--noEmit", "-p", path(`types/${project}`)], (error, stdout, stderr) =>
      resolve(error ? stdout + stderr || String(error) : ""),
    );
  });

for (const [name, project] of Object.entries({ web: "tsconfig.json", node: "tsconfig.node.json", bundler: "tsconfig.bundler.json" })) {
  test(`right uses compile and wrong ones do not, with the types of the ${name} package`, { timeout: 120_000 }, async () => {
    assert.equal(await compile(project), "");
  });
}
