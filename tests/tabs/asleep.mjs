import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { goOn, stop } from "./harness/processes.mjs";
import { eventually, inTime } from "./harness/waiting.mjs";

/** How long a page has to end what it does beside its calls: one that is stopped within a transaction may hold up others (`stopped.mjs`). */
const SETTLED_MS = 500;

const stopped = {
  sleep: async (tab, t) => {
    t.after(() => goOn(tab.pid));
    await sleep(SETTLED_MS);
    await stop(tab.pid);
  },
  wake: (tab) => goOn(tab.pid),
};
const left = {
  sleep: (tab) => tab.leave(),
  wake: async (tab, t) => t.diagnostic((await tab.comeBack()) ? "the browser kept the page" : "the page was loaded again"),
};

/** How a page can sleep, for how many thousand commits, and what it may have to do without. */
const SLEEPERS = {
  "that nobody touches": { turns: 1, sleep() {}, wake() {} },
  "that the user has left, and comes back to": { turns: 1, ...left },
  "whose process is stopped": { turns: 3, ...stopped },
  "whose process is stopped, without Web Locks and BroadcastChannel": {
    turns: 1,
    ...stopped,
    without: ["Web Locks", "BroadcastChannel"],
  },
};

describe("a page that sleeps through thousands of commits", { timeout: 120_000 }, () => {
  const shared = useBrowser();

  for (const [which, { turns, sleep, wake, without }] of Object.entries(SLEEPERS)) {
    test(`${which}: it writes first when it wakes, sees everything, and overwrites nothing`, async (t) => {
      const browser = shared.get();
      const name = freshName();
      const sleeper = await browser.newTab({ without, ownProcess: true });
      const other = await browser.newTab();
      for (const tab of [sleeper, other]) await tab.call("prepare", name);
      await sleeper.call("beforeSleep", name);
      await sleep(sleeper, t);
      const began = performance.now();
      await inTime(other.call("whileOthersSleep", name, turns), "the commits beside a sleeper", 60_000);
      t.diagnostic(`${turns},000 commits beside it: ${Math.round(performance.now() - began)} ms`);
      await wake(sleeper, t);

      // One before, ten a turn meanwhile, and its own.
      const incremented = 1 + 10 * turns + 1;
      const awake = await inTime(sleeper.call("awake", name), "the first commits of a sleeper");
      assert.deepEqual(awake, {
        incremented,
        merged: { before: true, meanwhile: true, awake: true },
        own: "awake",
      });
      const expected = {
        wrong: 0,
        // A hundred of the thousand were removed, and the sleeper wrote one of these again.
        listed: 901,
        value: "awake",
        metadata: { before: true, meanwhile: true, awake: true },
        counted: incremented,
      };
      const isThere = (seen) => seen.wrong === 0 && seen.listed === 901 && seen.counted === incremented;
      for (const tab of [sleeper, other]) {
        assert.deepEqual(await eventually(() => tab.call("afterSleep", name, turns), isThere, "everything"), expected);
      }
      await other.load();
      assert.deepEqual(await other.call("afterSleep", name, turns), expected);
      await Promise.all([sleeper.close(), other.close()]);
    });

    test(`${which}: its watch tells what has become of everything, without another call, and goes on`, async (t) => {
      const browser = shared.get();
      const name = freshName();
      const sleeper = await browser.newTab({ without, ownProcess: true });
      const other = await browser.newTab();
      for (const tab of [sleeper, other]) await tab.call("prepare", name);
      await other.call("beforeSleep", name);
      await sleeper.call("refresh", name);
      await sleeper.call("follow", name);
      await sleep(sleeper, t);
      await inTime(other.call("whileOthersSleep", name, turns), "the commits beside a sleeper", 60_000);
      await wake(sleeper, t);
      const look = () => sleeper.call("followed");
      if ((await look()) === undefined) return t.skip("the browser did not keep the page");
      const last = await other.call("lastText", turns);
      const expected = { mistakes: [], size: 901, merged: "meanwhile", first: undefined, last };
      assert.deepEqual({ first: undefined, ...(await eventually(look, ({ size, merged }) => size === 901 && merged === "meanwhile", "the watch")) }, expected);
      await other.call("awake", name);
      const woken = await eventually(look, ({ first, merged }) => first === "awake" && merged === "awake", "the watch");
      assert.deepEqual(woken, { ...expected, size: 902, first: "awake", merged: "awake" });
      await Promise.all([sleeper.close(), other.close()]);
    });
  }
});
