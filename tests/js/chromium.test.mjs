// The contract in a page of Chromium, on IndexedDB. Needs the package that scripts/build.sh makes.

import { describe, test } from "node:test";
import { useBrowser } from "./chromium.mjs";
import { casesOf } from "./contract/index.mjs";

const browser = useBrowser();

async function runInPage(name) {
  const page = await browser.context.newPage();
  try {
    await page.goto(`${browser.server.origin}/blank.html`);
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
