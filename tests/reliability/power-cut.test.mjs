// The power is cut while a page writes: the browser dies, and of its IndexedDB only that stays which the disk has.
//
// With `strict`, and up to a `flush()`, nothing that was acknowledged may be gone. With `relaxed` the last batches may,
// but what is left is a prefix, or the loss is told; an empty store that says nothing is a failure.
//
// POWER_ROUNDS for each engine, way and disk, ENGINES, TABS_SEED; REPORT=1 writes the figures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SEED, random } from "../tabs/harness/random.mjs";
import { eachEngine, rounds } from "./harness/each-engine.mjs";
import { judge } from "./harness/judge.mjs";
import { PowerFs, missing } from "./powerfs/powerfs.mjs";

const ROUNDS = rounds("POWER_ROUNDS", 1);
const LEAST = 20;
const CUTS = 2;

/** How the page writes, and up to which batch a run of it was promised to last. */
const WAYS = {
  strict: { parameters: { durability: "strict" }, promised: (run) => run.acknowledged },
  "relaxed, flush() every 10": { parameters: { flushEvery: 10 }, promised: (run) => run.flushed },
  relaxed: { parameters: {}, promised: () => 0 },
};
const DISKS = { none: "nothing", blocks: "random blocks" };

const options = {
  section: "power-cut",
  says:
    "The folder of IndexedDB lies on a file system that keeps in memory what was not synced, and loses it when the power " +
    `is cut, all of it or random blocks of 4 KiB. ${CUTS} cuts of one database in each of ${ROUNDS} rounds: the first ` +
    `while it is new, each after at least ${LEAST} acknowledged batches. Chromium's LevelDB throws away everything that an ` +
    "origin has when it finds unsynced blocks missing in the middle of its log, flushed or not: there the loss has to be told.",
  columns: [
    "written",
    "of unsynced data survives",
    "cuts",
    "batches acknowledged",
    "lost of what was promised",
    "lost of the rest (most at once)",
    "cuts whose loss was told",
  ],
  timeout: 240_000 + ROUNDS * 6 * 120_000,
  missing,
};

eachEngine(options, (frame) => {
  /** A browser whose IndexedDB lies on a disk of ours, and what ends both. */
  async function onDisk(body) {
    const browser = await frame.newBrowser();
    const disk = await PowerFs.create(browser.indexedDb);
    try {
      await body(browser, disk);
    } finally {
      await browser.kill();
      await disk.remove();
      await browser.remove();
    }
  }

  async function start(browser, task, parameters) {
    const run = frame.pages.run(task, { name: "power", series: "a", ...parameters });
    await browser.start(run.url);
    return { run, seen: await run.first("inspected") };
  }

  /** `syncs`: whether it has asked the disk for that. */
  async function writeUntilCut(run, browser, disk, syncs = true) {
    await run.more(LEAST);
    if (run.url.includes("flushEvery")) await run.first("flushed");
    await sleep(random(500));
    await browser.kill();
    run.end();
    run.assertNoErrors();
    const seen = await disk.cut();
    // Else the engine keeps its data somewhere else, and the cut has cut nothing.
    assert.ok(seen.writes > 0 && (seen.syncs > 0 || !syncs), `${seen.writes} writes and ${seen.syncs} syncs`);
  }

  async function round(way, survive, sum) {
    await onDisk(async (browser, disk) => {
      const { parameters, promised } = WAYS[way];
      const seed = random(2 ** 31);
      await disk.mount({ survive, seed });
      let { run } = await start(browser, "write", parameters);
      for (let cut = 1; cut <= CUTS; cut++) {
        // Of what is relaxed only the first commit of all is strict.
        await writeUntilCut(run, browser, disk, way !== "relaxed" || cut === 1);
        await disk.mount({ survive, seed: seed + cut });
        const orTold = survive === "blocks" && frame.engine.wipesDamaged;
        const before = { acknowledged: run.acknowledged, promised: promised(run), orTold };
        const task = cut === CUTS ? "look" : "write";
        const next = await start(browser, task, parameters);
        sum.cuts++;
        sum.acknowledged += run.count;
        const last = next.seen.last ?? 0;
        sum.broken += Math.max(0, before.promised - last);
        sum.most = Math.max(sum.most, before.acknowledged - Math.max(last, before.promised));
        const { told } = judge(before, next.seen);
        if (told) sum.told++;
        // What the next cut takes could not be told from what this one took.
        if (told) break;
        run = next.run;
      }
    });
  }

  for (const way of Object.keys(WAYS)) {
    for (const [survive, label] of Object.entries(DISKS)) {
      test(`${way}: ${label} of the unsynced data survives the cut`, async (t) => {
        const sum = { cuts: 0, acknowledged: 0, broken: 0, most: 0, told: 0 };
        const measured = async () => {
          for (let done = 0; done < ROUNDS; done++) await round(way, survive, sum);
        };
        await frame.measure(() => [way, label, ...Object.values(sum)], measured);
        t.diagnostic(`${JSON.stringify(sum)}; TABS_SEED=${SEED}`);
      });
    }
  }

  test("a disk that only says that it has synced would be noticed, even with strict", async () => {
    await onDisk(async (browser, disk) => {
      await disk.mount({ ignoreSync: true });
      const { run } = await start(browser, "write", { durability: "strict" });
      await writeUntilCut(run, browser, disk);
      await disk.mount();
      const { seen } = await start(browser, "look", {});
      const { acknowledged } = run;
      assert.throws(() => judge({ acknowledged, promised: acknowledged }, seen), { code: "ERR_ASSERTION" });
    });
  });

  test("nothing is lost that the disk did not lose", async () => {
    await onDisk(async (browser, disk) => {
      await disk.mount({ survive: "all" });
      const { run } = await start(browser, "write", {});
      await writeUntilCut(run, browser, disk);
      await disk.mount();
      const { seen } = await start(browser, "look", {});
      const { acknowledged } = run;
      assert.deepEqual(judge({ acknowledged, promised: acknowledged }, seen), { lost: 0, told: false });
    });
  });
});
