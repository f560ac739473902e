import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "../tests/chromium.mjs";

const FLAGS = [
  ...CHROMIUM_FLAGS,
  // Garbage of one measurement is not collected in the next one; and memory is counted when it is asked for.
  "--js-flags=--expose-gc",
  "--enable-blink-features=ForceEagerMeasureMemory",
];
/** Where Chromium keeps what pages store: IndexedDB, files of the origin, and both in buckets other than the default. */
const STORAGE = ["IndexedDB", "File System", "WebStorage"];
const STEP_TIMEOUT_MS = 240_000;

/** The browser's own books on who may store how much. */
const isBookkeeping = (name) => name.startsWith("QuotaManager");

async function bytesOf(path) {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 0;
  if (!found.isDirectory()) return found.size;
  const names = (await readdir(path)).filter((name) => !isBookkeeping(name));
  const sizes = await Promise.all(names.map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Starts Chromium on a new profile and shows the page. One store a profile: in Chromium all databases of an origin share
 * one LevelDB, so that one store's writes would be compacted in another one's time, and the bytes could not be told apart.
 */
export async function launch(origin, { sqliteIdb }) {
  const profile = await mkdtemp(join(tmpdir(), "agent-datastore-bench-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: sqliteIdb ? [...FLAGS, "--enable-features=IdbSqliteBackingStore"] : FLAGS,
  });
  const complaints = [];
  context.on("weberror", (error) => complaints.push(String(error.error()?.stack ?? error.error())));
  /** Shows the page in a tab. */
  const show = async (page) => {
    const ready = () => page.waitForFunction(() => typeof bench === "object", undefined, { polling: 10 });
    await page.goto(`${origin}/index.html`);
    await ready();
    return {
      /** Calls a function of the page's `bench`. */
      call: async (name, ...args) => {
        const result = await within(page.evaluate(([step, values]) => bench[step](...values), [name, args]), STEP_TIMEOUT_MS, name);
        if (complaints.length > 0) throw new Error(`uncaught in the page: ${complaints.join("\n")}`);
        return result;
      },
      async reload() {
        await page.reload();
        await ready();
      },
    };
  };
  const first = await show(context.pages()[0] ?? (await context.newPage()));
  let closed = false;
  const close = async () => {
    if (!closed) await context.close();
    closed = true;
  };
  return {
    version: () => context.browser()?.version(),
    ...first,
    /** The page once more, in a tab of its own. */
    another: async () => show(await context.newPage()),
    /** Ends the browser, and counts what it left on the disk. */
    async bytesOnDisk() {
      await close();
      const sizes = await Promise.all(STORAGE.map((name) => bytesOf(join(profile, "Default", name))));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    async end() {
      await close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
