import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { signal } from "./harness/processes.mjs";
import { SEED, random } from "./harness/random.mjs";
import { assertWhole } from "./harness/series.mjs";
import { inTime } from "./harness/waiting.mjs";

/** How often a page ends in each way. */
const ROUNDS = Number(process.env.DEATH_ROUNDS ?? 2);

/** How a page can end while it writes; each resolves when it has. */
const ENDS = {
  "its tab is closed": (tab) => tab.close(),
  "its renderer crashes": async (tab) => {
    const session = await tab.page.context().newCDPSession(tab.page);
    const crashed = new Promise((resolve) => tab.page.once("crash", resolve));
    // The page that would answer is gone.
    session.send("Page.crash").catch(() => {});
    await inTime(crashed, "the crash");
    await tab.close();
  },
  "its renderer is killed": async (tab) => {
    const crashed = new Promise((resolve) => tab.page.once("crash", resolve));
    signal(tab.pid, "SIGKILL");
    await inTime(crashed, "the crash");
    await tab.close();
  },
  "it goes to another page": async (tab) => {
    await tab.load();
    await tab.close();
  },
};

describe("a page that ends in the middle of its commits", { timeout: 60_000 + ROUNDS * 60_000 }, () => {
  const browser = useBrowser();

  /**
   * Some rounds of a context that writes until it is ended, at a random moment, while another page writes too. That one
   * has to go on at once, and finds every acknowledged batch of the ended one whole.
   */
  async function survive(t, start) {
    const name = freshName();
    const { log } = browser.get();
    const survivor = await browser.get().newTab();
    await survivor.call("prepare", name);
    const own = `series of the survivor, ${name}`;
    await survivor.call("keepWriting", name, own, { lanes: 1 });
    const acknowledged = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const series = `series ${round} of ${name}`;
      const { context, end } = await start();
      await context.call("prepare", name);
      await context.call("keepWriting", name, series);
      await log.more(series, 10 + random(30), 20_000);
      await sleep(random(50));
      await end();
      await log.more(own, 20);
      log.assertNoErrors(series);
      const last = log.last(series);
      acknowledged.push(`${await assertWhole(survivor, name, series, last)}/${last}`);
    }
    await survivor.call("stopWriting", own);
    log.assertNoErrors(own);
    const other = await browser.get().newTab();
    await assertWhole(other, name, own, log.last(own));
    t.diagnostic(`batches found/acknowledged: ${acknowledged.join(", ")}; TABS_SEED=${SEED}`);
    await Promise.all([survivor.close(), other.close()]);
  }

  for (const [how, end] of Object.entries(ENDS)) {
    test(`because ${how}: another page goes on, and finds what was acknowledged`, async (t) => {
      await survive(t, async () => {
        const tab = await browser.get().newTab({ ownProcess: how === "its renderer is killed" });
        return { context: tab, end: () => end(tab) };
      });
    });
  }

  test("a worker that is terminated: another page goes on, and finds what was acknowledged", async (t) => {
    const tab = await browser.get().newTab();
    await survive(t, async () => ({ context: await tab.worker(), end: () => tab.call("endWorker") }));
    await tab.close();
  });
});
