import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const pictures = join(repository, "test-results");

/** What all tests of a page share: one browser, one server, and for each test that page on a database of its own. */
class Stage {
  /** `Page` stands for a tab; that of the test is `stage[name]`. */
  constructor(name, Page) {
    this.name = name;
    this.Page = Page;
  }

  async setUp() {
    await mkdir(pictures, { recursive: true });
    this.server = await serve({ "/": join(repository, "www", "dist"), "/package": join(repository, "pkg", "web"), "/blank": join(repository, "tests", "js") });
    this.browser = await launch();
  }

  async tearDown() {
    await this.browser?.close();
    await this.server?.close();
  }

  async begin(database) {
    this.database = database;
    this.pages = [];
    this[this.name] = await this.newTab();
    this.page = this[this.name].page;
  }

  async end() {
    for (const page of this.pages) await page.close();
    assert.deepEqual(this.browser.complaints.splice(0), []);
  }

  async newTab() {
    const page = await this.browser.context.newPage();
    page.setDefaultTimeout(15_000);
    this.pages.push(page);
    return new this.Page(page, this.server.origin, this.database);
  }

  /** Runs `work(db, argument)` with the built package in a tab of its own, and resolves to its result. */
  async inStore(work, argument) {
    const page = await this.browser.context.newPage();
    try {
      await page.goto(`${this.server.origin}/blank/blank.html`);
      const db = await page.evaluateHandle(async (name) => {
        const { default: init, open } = await import("/package/agent_datastore.js");
        await init();
        return open({ name, user: "ada" });
      }, this.database);
      const result = await db.evaluate(work, argument);
      await db.evaluate((opened) => opened.close());
      return result;
    } finally {
      await page.close();
    }
  }

  async picture(name) {
    await this.page.screenshot({ path: join(pictures, `${this.name}-${name}.png`) });
  }
}

/** The stage of a file of tests, which it sets up and takes down. */
export function stageOf(name, Page) {
  const stage = new Stage(name, Page);
  before(() => stage.setUp());
  after(() => stage.tearDown());
  beforeEach((context) => stage.begin(context.name));
  afterEach(() => stage.end());
  return stage;
}
