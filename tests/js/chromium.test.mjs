// The contract in a page of Chromium, on IndexedDB. Needs the package that scripts/build.sh makes.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launch, newProfile, removeProfile, serveTests } from "./chromium.mjs";
import { casesOf } from "./contract/index.mjs";

let server;
let profile;
let browser;

before(async () => {
  server = await serveTests();
  profile = await newProfile();
  browser = await launch(profile);
});

after(async () => {
  await browser?.context.close();
  await server?.close();
  if (profile) await removeProfile(profile);
  assert.deepEqual(browser?.uncaught, [], "uncaught errors and unhandled rejections");
});

async function runInPage(name) {
  const page = await browser.context.newPage();
  try {
    await page.goto(`${server.origin}/blank.html`);
    await page.evaluate(async (name) => {
      const [module, { runCase }] = await Promise.all([import("/pkg/agent_datastore.js"), import("/contract/index.mjs")]);
      await module.default();
      const types = await (await fetch("/pkg/agent_datastore.d.ts")).text();
      const frame = document.body.appendChild(document.createElement("iframe"));
      const foreign = (source) => frame.contentWindow.eval(source);
      await runCase({ module, backend: "indexeddb", types, foreign }, name);
    }, name);
  } finally {
    await page.close();
  }
}

for (const group of new Set(casesOf("indexeddb").map((each) => each.group))) {
  describe(group, () => {
    for (const { name } of casesOf("indexeddb").filter((each) => each.group === group)) {
      test(name, { timeout: 60_000 }, () => runInPage(name));
    }
  });
}
