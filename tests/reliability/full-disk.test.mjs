// The disk is full of what a page has written: errors say so, nothing hangs, nothing old is lost, and the page goes on once
// there is room. Where the engine still reads when its disk is full (see engines/), the store has to, too; a delete needs
// room in every engine's log, and may be refused.
//
// ENGINES; TRACE=1 prints what the page did; REPORT=1 writes the figures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eachEngine } from "./harness/each-engine.mjs";
import { judge } from "./harness/judge.mjs";
import { SmallDisk, missing } from "./harness/small-disk.mjs";

const DISK = 12 << 20;
/** SQLite has to fold in its log before it goes on, which needs as much room as the log has grown to. */
const BALLAST = 6 << 20;
/** Somewhat more than a call may take. */
const SETTLED_MS = 35_000;
/** STORAGE where the browser does not say why; CONNECTION_LOST where it closes the database in the middle of a commit. */
const FULL = ["QUOTA_EXCEEDED", "STORAGE", "CONNECTION_LOST"];

const options = {
  section: "full-disk",
  says:
    `The folder of IndexedDB is a disk of ${DISK >> 20} MiB with ${BALLAST >> 20} MiB of other files on it. A page fills it ` +
    "with values that cannot be compressed, deletes half of them, fills it again; then the other files are removed.",
  columns: [
    "values until full",
    "rejections",
    "longest call (s)",
    "reads while full",
    "deletes while full",
    "writes after deletes (s)",
    "writes after others made room (s)",
    "wrong or lost values",
  ],
  timeout: 900_000,
  missing,
};

const seconds = (ms) => (ms / 1000).toFixed(1);

eachEngine(options, (frame) => {
  const sum = { values: 0, codes: "", longest: 0, reads: "", deletes: "", afterDeletes: "", afterRoom: "", wrong: 0 };
  const { readsWhenFull } = frame.engine;

  /** Holds everything that a page has seen against what has to be there. */
  function judgeLooks(run, acknowledged, least) {
    const looked = run.all("looked");
    sum.wrong += looked.reduce((count, { wrong }) => count + wrong.length, 0);
    for (const { wrong, seen, step } of looked) {
      assert.deepEqual(wrong, [], step);
      assert.deepEqual(judge({ acknowledged, promised: acknowledged }, seen), { lost: 0, told: false });
    }
    assert.ok(looked.length >= least, `${looked.length} looks`);
  }

  /** How a step went: how long it took until it worked, or undefined where it never did. */
  function tried(run, step) {
    const outcomes = run.all("tried").filter((outcome) => outcome.step === step);
    if (outcomes.length === 0 || outcomes.some(({ works }) => !works)) return undefined;
    return seconds(Math.max(...outcomes.map(({ ms }) => ms)));
  }

  async function live(browser, disk) {
    const parameters = { name: "full", series: "a" };
    const removeBallast = disk.ballast(BALLAST);
    let freeWhenFull;
    const answers = {
      async full() {
        freeWhenFull = await disk.free();
        removeBallast();
      },
    };
    const run = frame.pages.run("fill", parameters, answers);
    await browser.start(run.url);
    const done = await run.first("done", options.timeout - 120_000);
    await browser.kill();
    if (process.env.TRACE) for (const each of run.reports) console.log(JSON.stringify(each).slice(0, 300));
    const calls = run.all("call");
    const failed = calls.filter(({ error, hung }) => error || hung);
    const reads = run.all("looked").some(({ step }) => step === "look while full");
    sum.values = calls.filter(({ step, error, hung }) => step === "fill" && !error && !hung).length;
    sum.codes = [...new Set(failed.map(({ error }) => error?.code ?? "hung"))].join(", ");
    sum.longest = seconds(Math.max(...calls.map(({ ms }) => ms)));
    sum.reads = reads ? "yes" : "no";
    sum.deletes = tried(run, "delete") ? "yes" : "no";
    sum.afterDeletes = tried(run, "write after deletes") ?? "–";
    sum.afterRoom = tried(run, "write after room") ?? "never";

    assert.ok(sum.values > 0 && failed.length > 0, "the disk was never full");
    assert.ok(freeWhenFull < BALLAST, `${freeWhenFull} bytes are free on a full disk`);
    judgeLooks(run, run.acknowledged, 1);
    assert.deepEqual(failed.filter(({ error }) => !FULL.includes(error?.code)), [], "errors that do not say it");
    assert.deepEqual(calls.filter(({ ms }) => ms > SETTLED_MS), [], "calls that hung");
    if (readsWhenFull) assert.ok(reads, "reads while full");
    if (sum.deletes === "yes") assert.notEqual(sum.afterDeletes, "–", "writes after deletes");
    for (const step of ["delete after room", "write after room", "flush"]) assert.ok(tried(run, step), step);

    const again = frame.pages.run("fill", parameters, { opened: () => done.kept });
    await browser.start(again.url);
    await again.first("done", 120_000);
    await browser.kill();
    judgeLooks(again, run.acknowledged, 1);
  }

  test("a full disk is an error that says so, and the page goes on", async (t) => {
    const browser = await frame.newBrowser();
    const disk = new SmallDisk(browser.indexedDb, DISK);
    try {
      await frame.measure(() => Object.values(sum), () => live(browser, disk));
      t.diagnostic(JSON.stringify(sum));
    } finally {
      await browser.kill();
      await disk.remove();
    }
  });
});
