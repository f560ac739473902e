import assert from "node:assert/strict";
import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { eventually } from "./harness/waiting.mjs";

/** How long a page has to have its stay with a database counted on the disk, and twice what it takes to mend. */
const COUNTED_MS = 1_500;

/** What LevelDB writes first of a record of 8 KiB: a checksum, the length, and that it is whole. The rest of it is what a kill has kept away. */
const TORN = Buffer.from([1, 2, 3, 4, 0x00, 0x20, 1]);

/** The path of the log that LevelDB writes. */
async function logOf({ profile }) {
  const root = join(profile, "Default/IndexedDB");
  const folders = (await readdir(root)).filter((name) => name.endsWith(".leveldb"));
  assert.equal(folders.length, 1);
  const logs = (await readdir(join(root, folders[0]))).filter((name) => name.endsWith(".log"));
  return join(root, folders[0], logs.sort().at(-1));
}

describe("a log of LevelDB whose last record is torn, as a kill may leave it", { timeout: 120_000 }, () => {
  const shared = useBrowser();

  test("another log is begun once the database is opened, so that the next start loses nothing", async () => {
    const browser = shared.get();
    const name = freshName();
    const open = async () => {
      const tab = await browser.newTab();
      await tab.call("prepare", name);
      return tab;
    };
    let tab = await open();
    await tab.call("beforeSleep", name);
    await sleep(COUNTED_MS);
    await browser.kill();
    const torn = await logOf(browser);
    await appendFile(torn, TORN);
    await browser.start();
    tab = await open();
    await tab.call("increment", name, 5);
    await eventually(() => logOf(browser), (log) => log !== torn, "another log");
    await tab.close();
    for (const [round, counted] of [6, 7].entries()) {
      await browser.restart();
      tab = await open();
      assert.equal(await tab.call("increment", name, 1), counted + 1, `after ${round + 1} starts more`);
      await tab.close();
    }
  });

});

describe("a log of LevelDB that nobody has torn", { timeout: 60_000 }, () => {
  const shared = useBrowser();

  test("who has left as usual is not taken for one that was killed", async () => {
    const browser = shared.get();
    const name = freshName();
    const write = (tab) => tab.page.evaluate(async (name) => (await t.store(name)).set("k", 1), name);
    let tab = await browser.newTab();
    await write(tab);
    await tab.leave();
    await tab.close();
    const log = await logOf(browser);
    tab = await browser.newTab();
    await write(tab);
    const other = await browser.newTab();
    await write(other);
    await sleep(COUNTED_MS);
    assert.equal(await logOf(browser), log);
    await Promise.all([tab.close(), other.close()]);
  });
});
