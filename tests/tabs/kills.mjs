import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { SEED, random } from "./harness/random.mjs";
import { assertWhole } from "./harness/series.mjs";
import { eventually } from "./harness/waiting.mjs";

/** How often the browser is killed for each durability. */
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 3);

describe("the whole browser is killed in the middle of commits", { timeout: 60_000 + ROUNDS * 20_000 }, () => {
  const shared = useBrowser();

  for (const durability of ["relaxed", "strict"]) {
    test(`${durability}: every acknowledged write is there, no batch is half there, no number is missing`, async (t) => {
      const browser = shared.get();
      const { log } = browser;
      const name = freshName();
      const series = `series of ${name}`;
      const increments = `increments of ${name}`;
      const strict = durability === "strict";
      const found = [];
      // The same database goes through all kills: what an earlier one left has to bear the later ones.
      for (let round = 1; round <= ROUNDS; round++) {
        const [writer, counter] = [await browser.newTab(), await browser.newTab()];
        for (const tab of [writer, counter]) await tab.call("prepare", name, { durability });
        const from = (await writer.call("inspect", name, series)).last + 1;
        await Promise.all([
          writer.call("keepWriting", name, series, { from }),
          counter.call("keepIncrementing", name, increments, strict),
        ]);
        await Promise.all([log.more(series, 20, 20_000), log.more(increments, 5, 20_000)]);
        await sleep(random(300));
        await browser.kill();

        log.assertNoErrors(series);
        log.assertNoErrors(increments);
        await browser.start();
        const tab = await browser.newTab();
        const last = await assertWhole(tab, name, series, log.last(series));
        const number = log.last(increments);
        const { value, markers } = await eventually(
          () => tab.call("counted", name),
          ({ value }) => value >= number,
          `${number} increments acknowledged`,
        );
        assert.equal(markers, value, "a marker for each increment");
        found.push(`${last}/${log.last(series)} batches, ${value}/${number} increments`);
        await tab.close();
      }
      t.diagnostic(`found/acknowledged: ${found.join("; ")}; TABS_SEED=${SEED}`);
    });
  }
});
