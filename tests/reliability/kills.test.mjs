// The whole browser is killed at random moments while a page writes, and started again on the same profile: every
// acknowledged batch has to be there, none half, and nothing damaged.
//
// KILL_ROUNDS for each engine and durability, ENGINES, TABS_SEED; REPORT=1 writes the figures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { SEED, random } from "../tabs/harness/random.mjs";
import { eachEngine, rounds } from "./harness/each-engine.mjs";
import { judge } from "./harness/judge.mjs";

const ROUNDS = rounds("KILL_ROUNDS", 3);
/** How many kills one database goes through; what an earlier one left has to bear the later ones. */
const KILLS_OF_ONE = 5;
const LEAST = 20;
/** Enough for some checkpoints. */
const MANY = 900;

const options = {
  section: "kills",
  says:
    `\`kill -9\` of all processes of the browser at a random moment, ${ROUNDS} times, after at least ${LEAST} acknowledged ` +
    "batches of seven records; then the same profile again.",
  columns: ["durability", "kills", "batches acknowledged", "lost", "there without having been acknowledged"],
  timeout: 120_000 + ROUNDS * 2 * 60_000,
};

eachEngine(options, (frame) => {
  for (const durability of ["relaxed", "strict"]) {
    test(`${durability}: every acknowledged batch survives kill -9, and none is torn`, async (t) => {
      const sum = { kills: 0, acknowledged: 0, lost: 0, more: 0 };
      await frame.measure(() => [durability, ...Object.values(sum)], () => killAgainAndAgain(durability, sum));
      t.diagnostic(`${JSON.stringify(sum)}; TABS_SEED=${SEED}`);
    });
  }

  async function killAgainAndAgain(durability, sum) {
    const browser = await frame.newBrowser();
    let promised = 0;

    /** Starts the browser, and holds what it finds against what was acknowledged before. */
    async function look(task, name) {
      const run = frame.pages.run(task, { name, series: "a", durability });
      await browser.start(run.url);
      const seen = await run.first("inspected");
      const last = seen.last ?? 0;
      sum.lost += Math.max(0, promised - last);
      sum.more += Math.max(0, last - promised);
      judge({ acknowledged: promised, promised }, seen);
      return run;
    }

    for (let round = 1; round <= ROUNDS; round++) {
      const name = `${durability} ${Math.floor((round - 1) / KILLS_OF_ONE)}`;
      const run = await look("write", name);
      await run.more(LEAST);
      await sleep(random(500));
      await browser.kill();
      run.end();
      run.assertNoErrors();
      sum.kills++;
      sum.acknowledged += run.count;
      promised = run.acknowledged;
      // The writer of the next round looks at the same database; else somebody has to.
      if (round % KILLS_OF_ONE === 0 || round === ROUNDS) {
        await look("look", name);
        await browser.kill();
        promised = 0;
      }
    }
  }

  // What is damaged here need not be the kill's fault: commits and checkpoints race for the same numbers of the log.
  test("after hundreds of batches, and with them checkpoints, everything is whole", async () => {
    const browser = await frame.newBrowser();
    const run = frame.pages.run("write", { name: "many", series: "a" });
    await browser.start(run.url);
    await run.more(MANY, 120_000);
    await browser.kill();
    run.end();
    const look = frame.pages.run("look", { name: "many", series: "a" });
    await browser.start(look.url);
    const { acknowledged } = run;
    judge({ acknowledged, promised: acknowledged }, await look.first("inspected"));
  });

  test("a lost batch, a lost record or an empty store would be noticed", async () => {
    const browser = await frame.newBrowser();
    const run = frame.pages.run("harm", {});
    await browser.start(run.url);
    await run.first("done");
    const [whole, ...harmed] = run.all("harmed");
    const judged = ({ acknowledged, seen }) => judge({ acknowledged, promised: acknowledged }, seen);
    assert.deepEqual(judged(whole), { lost: 0, told: false });
    assert.equal(harmed.length, 3);
    for (const each of harmed) assert.throws(() => judged(each), { code: "ERR_ASSERTION" }, each.harm);
  });
});
