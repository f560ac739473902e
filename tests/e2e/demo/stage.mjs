import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "../browser.mjs";
import { serve } from "../serve.mjs";
import { DemoPage } from "./demo-page.mjs";

export const repository = fileURLToPath(new URL("../../..", import.meta.url));
const built = join(repository, "www", "dist");
const pictures = join(repository, "test-results");

export const byCodePoint = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What all tests of the demo share: one browser, one server, and for each test a page on a database of its own. */
class Stage {
  async setUp() {
    await mkdir(pictures, { recursive: true });
    this.scratch = await mkdtemp(join(tmpdir(), "agent-datastore-folders-"));
    this.server = await serve(built);
    this.browser = await launch();
  }

  async tearDown() {
    await this.browser?.close();
    await this.server?.close();
    if (this.scratch) await rm(this.scratch, { recursive: true, force: true });
  }

  async begin(database) {
    this.page = await this.browser.context.newPage();
    this.page.setDefaultTimeout(15_000);
    this.demo = new DemoPage(this.page, this.server.origin, database);
  }

  async end() {
    await this.page.close();
    assert.deepEqual(this.browser.complaints.splice(0), []);
  }

  /** The demo on an origin of its own, as long as `use` takes. */
  async onOwnOrigin(use) {
    const own = await serve(built);
    try {
      await use(own.origin, new DemoPage(this.page, own.origin, "own"));
      await this.page.goto("about:blank");
    } finally {
      await own.close();
    }
  }

  /** A folder with these files. */
  async folder(name, files) {
    const folder = join(this.scratch, name);
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return folder;
  }

  async picture(name) {
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** The file that the Export button gives. */
  async exported() {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.demo.button("Export").click()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
  }
}

export const stage = new Stage();

before(() => stage.setUp());
after(() => stage.tearDown());
beforeEach((context) => stage.begin(context.name));
afterEach(() => stage.end());
