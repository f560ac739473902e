import assert from "node:assert/strict";
import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { eventually } from "./harness/waiting.mjs";

/** Twice as long as a page that has written something waits until it takes its mark away. */
const RESTED_MS = 2_000;

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
  const open = async (name) => {
    const tab = await shared.get().newTab();
    await tab.call("prepare", name);
    return tab;
  };
  /** Opens the database twice more, and looks for what was counted. */
  const assertLives = async (browser, name, counted) => {
    for (const round of [1, 2]) {
      await browser.restart();
      const tab = await open(name);
      assert.equal(await tab.call("increment", name, 1), counted + round, `after ${round} starts more`);
      await tab.close();
    }
  };

  for (const [what, write, counted] of [
    ["by a page", (tab, name) => tab.call("increment", name, 5), 5],
    ["by a worker", async (tab, name) => (await tab.worker()).call("increment", name, 5), 5],
  ]) {
    test(`${what} that is killed at once: another log is begun when the database is opened, and no start loses anything`, async () => {
      const browser = shared.get();
      const name = freshName();
      // One that was left as usual comes before, so that nothing else tells of the one that is killed.
      const before = await open(name);
      await before.leave();
      await before.close();
      await sleep(RESTED_MS);
      const killed = await browser.newTab();
      await write(killed, name);
      await browser.kill();
      const torn = await logOf(browser);
      await appendFile(torn, TORN);
      await browser.start();
      const tab = await open(name);
      await tab.call("increment", name, 1);
      await eventually(() => logOf(browser), (log) => log !== torn, "another log");
      await tab.close();
      await assertLives(browser, name, counted + 1);
    });
  }

  test("two pages that open it at the same time mend it", async () => {
    const browser = shared.get();
    const name = freshName();
    await (await open(name)).call("increment", name, 5);
    await browser.kill();
    const torn = await logOf(browser);
    await appendFile(torn, TORN);
    await browser.start();
    const tabs = await Promise.all([open(name), open(name)]);
    await eventually(() => logOf(browser), (log) => log !== torn, "another log");
    await Promise.all(tabs.map((tab) => tab.close()));
    await assertLives(browser, name, 5);
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
    await sleep(RESTED_MS);
    await write(tab);
    await tab.leave();
    await tab.close();
    const log = await logOf(browser);
    tab = await browser.newTab();
    await write(tab);
    const other = await browser.newTab();
    await write(other);
    await sleep(RESTED_MS);
    assert.equal(await logOf(browser), log);
    await Promise.all([tab.close(), other.close()]);
  });
});
