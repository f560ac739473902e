// Pages of one Chromium in which runs are made at the same time, each on databases of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "../chromium.mjs";
import { serve } from "../e2e/serve.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** How long a run may take, whatever hangs in it. */
const RUN_MS = 120_000;

/** How many pages there are. */
export const PAGES = Number(process.env.SWEEP_PAGES ?? 3);

export class Browser {
  #free = [];
  #waiting = [];

  static async launch() {
    const browser = new Browser();
    browser.server = await serve({ "/": folder("page"), "/pkg": folder("../../pkg/web"), "/modules": folder("../../node_modules") });
    browser.profile = await mkdtemp(join(tmpdir(), "agent-datastore-sweep-"));
    browser.context = await chromium.launchPersistentContext(browser.profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: CHROMIUM_FLAGS,
    });
    browser.#free = await Promise.all(Array.from({ length: PAGES }, () => browser.#newPage()));
    return browser;
  }

  version() {
    return this.context.browser()?.version();
  }

  async #newPage() {
    const page = await this.context.newPage();
    await page.goto(`${this.server.origin}/blank.html`);
    await page.evaluate(async () => {
      globalThis.sweep = await import("/index.mjs");
    });
    return page;
  }

  /** What there is to be swept. */
  async list() {
    return this.#with((page) => page.evaluate(({ kinds, scripts, targets, mutants, unbearable } = sweep) => ({ kinds, scripts, targets, mutants, unbearable })));
  }

  /** Makes one run in a page that is free. A page that does not answer is given up for a new one. */
  run(job) {
    return this.#with(async (page, replace) => {
      let timer;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, RUN_MS)));
      const run = page.evaluate((job) => sweep.once(job), job);
      run.catch(() => {});
      const result = await Promise.race([run, late]).finally(() => clearTimeout(timer));
      if (!result || result.isSpoilt) await replace();
      if (result) return result;
      return { struck: 1, calls: 0, rejected: 0, problems: [["hung", "the page itself"]], trace: [] };
    });
  }

  async #with(use) {
    let page = this.#free.pop() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    const replace = async () => {
      page.close().catch(() => {});
      page = await this.#newPage();
    };
    try {
      return await use(page, replace);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(page);
      else this.#free.push(page);
    }
  }

  async close() {
    await this.context.close();
    await this.server.close();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
