// Chromium as a process of our own, so that it and its tabs can be stopped and killed, and a profile that outlives it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "../../chromium.mjs";
import { serve } from "../../e2e/serve.mjs";
import { Log } from "./log.mjs";
import { killAll, treeOf } from "./processes.mjs";
import { Tab } from "./tab.mjs";
import { inTime } from "./waiting.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
const FLAGS = [
  ...CHROMIUM_FLAGS,
  "--headless",
  "--remote-debugging-port=0",
  // A spare process would become a tab's when nobody looks.
  "--disable-features=SpareRendererForSitePerProcess",
];

/** The address at which a browser that was just started takes orders. */
function endpointOf(child) {
  const found = new Promise((resolve, reject) => {
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
      const match = /DevTools listening on (ws:\S+)/.exec(output);
      if (match) resolve(match[1]);
    });
    child.once("exit", () => reject(new Error(`the browser ended at once: ${output}`)));
  });
  return inTime(found, "the browser's start", 20_000);
}

/** A browser that can be killed and started again on the same profile. */
export class Browser {
  log = new Log();
  uncaught = [];
  #process;
  #connection;

  constructor(origin, profile, flags) {
    this.origin = origin;
    this.profile = profile;
    this.flags = flags;
  }

  async start() {
    const options = [...FLAGS, ...this.flags, `--user-data-dir=${this.profile}`, "about:blank"];
    this.#process = spawn(CHROMIUM, options, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
    this.#connection = await chromium.connectOverCDP(await endpointOf(this.#process));
    this.context = this.#connection.contexts()[0];
    this.context.on("weberror", (error) => this.uncaught.push(String(error.error()?.stack ?? error.error())));
    await this.context.exposeBinding("report", (_source, name, report) => this.log.take(name, report));
    this.session = await this.#connection.newBrowserCDPSession();
  }

  version() {
    return this.#connection.version();
  }

  /** A page with everything in it that these tests need; for the options see {@link Tab.open}. */
  newTab(options) {
    return Tab.open(this, options);
  }

  /** Kills all its processes at once. */
  async kill() {
    if (this.#process) await killAll(treeOf(this.#process.pid));
    this.#process = undefined;
  }

  /** Ends it as a user does, and starts it again on the same profile. */
  async restart() {
    const child = this.#process;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await this.session.send("Browser.close").catch(() => {});
    await inTime(ended, "the browser's end", 20_000);
    await this.start();
  }
}

/** One browser for the tests of a group; at the end nothing may have been left uncaught in it. */
export function useBrowser({ flags = [] } = {}) {
  let server;
  let browser;
  const shared = { get: () => browser };
  before(async () => {
    const folders = {
      "/page": folder("../page"),
      "/pkg": folder("../../../pkg/web"),
      "/test-pages": folder("../../../pkg/test-pages"),
    };
    // A page that must not be stored at all is not kept when the user goes on and back.
    server = await serve(folders, { "cache-control": "no-cache" });
    browser = new Browser(server.origin, await mkdtemp(join(tmpdir(), "agent-datastore-tabs-")), flags);
    await browser.start();
  });
  after(async () => {
    await browser?.kill();
    await server?.close();
    if (browser) await rm(browser.profile, { recursive: true, force: true, maxRetries: 5 });
    assert.deepEqual(browser?.uncaught, [], "uncaught errors and unhandled rejections");
  });
  return shared;
}

/** A database's name that no other test uses. */
export const freshName = () => `tabs ${crypto.randomUUID()}`;
