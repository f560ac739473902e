// WebKit serves IndexedDB from a process of its own. When that dies, every connection dies with it, and the page's own
// `indexedDB` stays dead for good: the store has to find another way, without the page being loaded again.
//
// KILLS for each place, ENGINES, TABS_SEED; REPORT=1 writes the figures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { killAll } from "../tabs/harness/processes.mjs";
import { SEED, random } from "../tabs/harness/random.mjs";
import { eventually } from "../tabs/harness/waiting.mjs";
import { eachEngine, rounds } from "./harness/each-engine.mjs";
import { judge } from "./harness/judge.mjs";

const KILLS = rounds("KILLS", 4);
const LEAST = 20;
const HEALED_MS = 5_000;
const PLACES = { write: "a page", "write-in-worker": "a worker of a page that has loaded the package" };

const options = {
  section: "network-process",
  says:
    `The process that serves IndexedDB is killed ${KILLS} times in a row while batches are written; a write rejected ` +
    "with `CONNECTION_LOST` is made again. Healed is the first acknowledged write that began after the kill. The page is " +
    "never loaded again.",
  columns: [
    "the database is open in",
    "kills",
    "healed after (ms)",
    "writes rejected and made again",
    "batches acknowledged",
    "lost",
  ],
  timeout: 180_000 + KILLS * 60_000,
  only: ({ networkProcess }) => networkProcess !== undefined,
};

eachEngine(options, (frame) => {
  /** The process of our own browser; it may just be starting. */
  const serving = (browser) =>
    eventually(
      () => browser.running(frame.engine.networkProcess),
      (pids) => pids.length === 1,
      `one ${frame.engine.networkProcess}`,
      HEALED_MS,
    );

  async function killAndHeal(browser, run, sum) {
    await run.more(LEAST);
    await sleep(random(300));
    const pids = await serving(browser);
    const killed = Date.now();
    await killAll(pids);
    sum.kills++;
    const isHealed = (report) => report.type === "acknowledged" && report.started > killed;
    const look = () => {
      run.assertNoErrors();
      return run.reports.some(isHealed);
    };
    await eventually(look, Boolean, "a write that began after the kill", 60_000);
    // When it was acknowledged in the page, whose reports come through the killed process's successor.
    sum.healed.push(run.reports.find(isHealed).done - killed);
  }

  async function live(place, sum) {
    const browser = await frame.newBrowser();
    const parameters = { name: place, series: "a" };
    const run = frame.pages.run(place, { ...parameters, persistent: 1 });
    await browser.start(run.url);
    await run.first("inspected");
    try {
      for (let kill = 0; kill < KILLS; kill++) await killAndHeal(browser, run, sum);
      await run.more(LEAST);
    } finally {
      sum.rejected = run.all("rejected").length;
      sum.acknowledged = run.count;
    }
    assert.equal(run.all("inspected").length, 1, "the page was loaded again");
    const reconnected = run.all("event").filter(({ event }) => event.type === "reconnected");
    assert.ok(reconnected.length >= KILLS, `${reconnected.length} reconnections: who was killed?`);
    await browser.kill();
    run.end();
    run.assertNoErrors();
    assert.deepEqual(sum.healed.filter((ms) => ms > HEALED_MS), [], "healed too late");

    const look = frame.pages.run("look", parameters);
    await browser.start(look.url);
    const seen = await look.first("inspected");
    sum.lost = Math.max(0, run.acknowledged - (seen.last ?? 0));
    judge({ acknowledged: run.acknowledged, promised: run.acknowledged }, seen);
  }

  for (const [place, label] of Object.entries(PLACES)) {
    test(`the database of ${label} heals, and nothing that was acknowledged is lost`, async (t) => {
      const sum = { kills: 0, healed: [], rejected: 0, acknowledged: 0, lost: "–" };
      const figures = () => [label, sum.kills, sum.healed.join(", "), sum.rejected, sum.acknowledged, sum.lost];
      await frame.measure(figures, () => live(place, sum));
      t.diagnostic(`${JSON.stringify(sum)}; TABS_SEED=${SEED}`);
    });
  }
});
