// The package for bundlers, in an application that Vite has built, in a page of Chromium. Needs the package that scripts/build.sh makes.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { serve } from "../e2e/serve.mjs";
import { useBrowser } from "./chromium.mjs";

const browser = useBrowser();

test("an application that imports it needs no more than that, in one file of code and one of WebAssembly", { timeout: 120_000 }, async (context) => {
  const root = await mkdtemp(join(tmpdir(), "agent-datastore-bundler-"));
  context.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, "index.html"), '<!doctype html><script type="module" src="/main.js"></script>');
  await writeFile(
    join(root, "main.js"),
    `import init, { open } from "agent-datastore";
await init();
const db = await open({ name: "bundled" });
await db.dataStore().set("k", { a: 1 });
globalThis.result = await db.dataStore().get("k");`,
  );
  const alias = { "agent-datastore": fileURLToPath(new URL("../../pkg/bundler/index.js", import.meta.url)) };
  await build({ root, configFile: false, logLevel: "warn", resolve: { alias }, build: { target: "es2022" } });
  const made = (await readdir(join(root, "dist/assets"))).map((name) => name.split(".").at(-1));
  assert.deepEqual(made.sort(), ["js", "wasm"]);

  const server = await serve(join(root, "dist"));
  context.after(() => server.close());
  const page = await browser.context.newPage();
  await page.goto(`${server.origin}/index.html`);
  const result = await page.waitForFunction(() => globalThis.result);
  assert.deepEqual(await result.jsonValue(), { a: 1 });
});
