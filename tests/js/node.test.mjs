// The contract in Node, on the memory backend. Needs the package that scripts/build.sh makes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import * as module from "../../pkg/node/index.js";
import { rejects } from "./contract/assert.mjs";
import { casesOf, runCase } from "./contract/index.mjs";

const environment = {
  module,
  backend: "memory",
  types: readFileSync(new URL("../../pkg/node/agent_datastore.d.ts", import.meta.url), "utf8"),
  foreign: (source) => runInNewContext(source),
};

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
after(() => assert.deepEqual(unhandled, [], "unhandled rejections"));

for (const group of new Set(casesOf("memory").map((each) => each.group))) {
  describe(group, () => {
    for (const { name } of casesOf("memory").filter((each) => each.group === group)) {
      test(name, { timeout: 60_000 }, () => runCase(environment, name));
    }
  });
}

describe("node", () => {
  test("without IndexedDB, opening and destroying are UNAVAILABLE, and there is no silent fall-back", async () => {
    await rejects(() => module.open(), "UNAVAILABLE");
    await rejects(() => module.open({ backend: "indexeddb", name: "x" }), "UNAVAILABLE");
    await rejects(() => module.destroy(), "UNAVAILABLE");
    await rejects(() => module.destroy("x"), "UNAVAILABLE");
  });

  test("init is a function that resolves, so that every package is used alike", async () => {
    assert.equal(await module.default(), undefined);
  });
});
