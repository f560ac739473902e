// What docs/watching.md shows for each framework, taken from there and run in an application that Vite has built, in two pages of
// Chromium: what one writes, the other draws. Needs the package that scripts/build.sh makes.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { serve } from "../e2e/serve.mjs";
import { useBrowser } from "./chromium.mjs";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Draws a task by a framework's own means: each gives what ends it. */
const APPLICATION = {
  React: `import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { useLive } from "./React.snippet.js";
export function start(live, show) {
  const Task = () => (show(useLive(live)), createElement("p"));
  const root = createRoot(document.createElement("div"));
  root.render(createElement(Task));
  return () => root.unmount();
}`,
  Vue: `import { effectScope, watchEffect } from "vue";
import { useLive } from "./Vue.snippet.js";
export function start(live, show) {
  const scope = effectScope();
  scope.run(() => {
    const task = useLive(live);
    watchEffect(() => show(task.value));
  });
  return () => scope.stop();
}`,
  Svelte: `import { useLive } from "./Svelte.snippet.js";
export const start = (live, show) => useLive(live).subscribe(show);`,
  Solid: `import { createRenderEffect, createRoot } from "solid-js";
import { useLive } from "./Solid.snippet.js";
export const start = (live, show) =>
  createRoot((end) => {
    const task = useLive(live);
    createRenderEffect(() => show(task()));
    return end;
  });`,
};

const MAIN = `import init, { open } from "agent-datastore";
${Object.keys(APPLICATION).map((name) => `import { start as ${name} } from "./${name}.js";`).join("\n")}
await init();
const tasks = (await open({ name: "tasks" })).dataStore();
globalThis.set = (value) => tasks.set("task", value);
globalThis.shown = {};
globalThis.ends = Object.entries({ ${Object.keys(APPLICATION).join(", ")} }).map(([name, start]) =>
  start(tasks.live("task"), (value) => (shown[name] = value ?? "nothing")),
);`;

const browser = useBrowser();

test("React, Vue, Svelte and Solid draw what another page writes, and nothing any more once they have ended", { timeout: 180_000 }, async (context) => {
  // Below this folder, so that the frameworks are found.
  const root = await mkdtemp(path("../../target/frameworks-"));
  context.after(() => rm(root, { recursive: true, force: true }));
  const guide = await readFile(path("../../docs/watching.md"), "utf8");
  for (const [name, code] of Object.entries(APPLICATION)) {
    const [, snippet] = new RegExp(`^${name}:\\n\\n\`\`\`js\\n([^]*?)\`\`\``, "m").exec(guide);
    await writeFile(join(root, `${name}.snippet.js`), snippet);
    await writeFile(join(root, `${name}.js`), code);
  }
  await writeFile(join(root, "index.html"), '<!doctype html><script type="module" src="/main.js"></script>');
  await writeFile(join(root, "main.js"), MAIN);
  const alias = { "agent-datastore": path("../../pkg/bundler/index.js") };
  await build({ root, configFile: false, logLevel: "warn", resolve: { alias }, build: { target: "es2022" } });

  const server = await serve(join(root, "dist"));
  context.after(() => server.close());
  const pages = [await browser.context.newPage(), await browser.context.newPage()];
  const errors = [];
  for (const page of pages) {
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${server.origin}/index.html`);
    await page.waitForFunction(() => globalThis.ends);
  }
  const [writer, page] = pages;
  const shows = (value) =>
    page.waitForFunction((value) => Object.values(shown).length === 4 && Object.values(shown).every((each) => JSON.stringify(each) === value), JSON.stringify(value), { timeout: 10_000 });
  await shows("nothing");
  for (const value of [{ done: false }, { done: true }]) {
    await writer.evaluate((value) => set(value), value);
    await shows(value);
  }
  await page.evaluate(() => ends.forEach((end) => end()));
  await writer.evaluate(() => set("after the end"));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await shows({ done: true });
  assert.deepEqual(errors, []);
  await Promise.all(pages.map((each) => each.close()));
});
