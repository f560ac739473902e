// A browser ignores a flag that it no longer knows. So this looks at what the suites of Rust get: a Chromium that its driver
// starts with the capabilities of scripts/webdriver.mjs, and the files in which it keeps IndexedDB.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CHROMIUM } from "./chromium.mjs";
import { serve } from "./e2e/serve.mjs";

const CHROMEDRIVER = process.env.CHROMEDRIVER ?? "/usr/bin/chromedriver";
const CAPABILITIES = fileURLToPath(new URL("../scripts/webdriver.mjs", import.meta.url));
const PAGES = fileURLToPath(new URL("js", import.meta.url));

/** Starts the driver, and resolves to its address. */
async function startDriver(t) {
  const driver = spawn(CHROMEDRIVER, ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => driver.kill());
  let output = "";
  for await (const text of driver.stdout.iterator({ destroyOnReturn: false })) {
    output += text;
    const port = /started successfully on port (\d+)/.exec(output)?.[1];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`the driver did not start: ${output}`);
}

async function call(method, address, body) {
  const response = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  assert.ok(response.ok, JSON.stringify(value));
  return value;
}

/** The files of a database that was written in a Chromium of these capabilities. */
async function filesOf(engine, t) {
  const profile = await mkdtemp(join(tmpdir(), "agent-datastore-engines-"));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const server = await serve({ "/": PAGES });
  t.after(() => server.close());
  const driver = await startDriver(t);
  const capabilities = JSON.parse(execFileSync(process.execPath, [CAPABILITIES, engine, CHROMIUM], { encoding: "utf8" }));
  capabilities["goog:chromeOptions"].args.push(`--user-data-dir=${profile}`);
  const { sessionId } = await call("POST", `${driver}/session`, { capabilities: { alwaysMatch: capabilities } });
  const session = `${driver}/session/${sessionId}`;
  try {
    await call("POST", `${session}/url`, { url: `${server.origin}/blank.html` });
    const script = `
      const [done] = arguments;
      const request = indexedDB.open("engine");
      request.onupgradeneeded = () => request.result.createObjectStore("store").put(1, 1);
      request.onsuccess = () => done("written");
      request.onerror = () => done(String(request.error));`;
    assert.equal(await call("POST", `${session}/execute/async`, { script, args: [] }), "written");
  } finally {
    await call("DELETE", session);
  }
  const folder = join(profile, "Default", "IndexedDB");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function isSqlite(path) {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString("latin1") === "SQLite format 3\0";
  } finally {
    await file.close();
  }
}

test("chromium: IndexedDB is kept in LevelDB", { timeout: 60_000 }, async (t) => {
  const files = await filesOf("chromium", t);
  assert.ok(files.some((path) => path.includes(".indexeddb.leveldb")), files.join("\n"));
});

test("sqlite: IndexedDB is kept in SQLite", { timeout: 60_000 }, async (t) => {
  const files = await filesOf("sqlite", t);
  const found = await Promise.all(files.map(isSqlite));
  assert.ok(found.includes(true), files.join("\n"));
});
