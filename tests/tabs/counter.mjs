import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { eventually } from "./harness/waiting.mjs";

describe("a counter that several contexts increment at once", { timeout: 120_000 }, () => {
  const browser = useBrowser();

  /** Every context increments at the same time; each has to see all increments of all. */
  async function compete(t, contexts, name, times, { strict = false, ask = false } = {}) {
    await Promise.all(contexts.map((context) => context.call("prepare", name)));
    const before = await contexts[0].call("counted", name);
    const began = performance.now();
    await Promise.all(contexts.map((context) => context.call("increment", name, times, strict)));
    const took = Math.round(performance.now() - began);
    const expected = before.value + contexts.length * times;
    const conflicts = [];
    for (const context of contexts) conflicts.push((await counted(context, name, expected, ask)).conflicts);
    t.diagnostic(`${contexts.length} × ${times} increments: conflicts ${conflicts.join(", ")}; ${took} ms`);
    assert.ok(Math.max(...conflicts) > 0, "nobody was ever in another's way, so nothing was tested");
    return expected;
  }

  async function counted(context, name, expected, ask) {
    const look = () => context.call("counted", name, ask);
    const seen = await eventually(look, ({ value }) => value >= expected, "the counter");
    assert.deepEqual([seen.value, seen.markers], [expected, expected]);
    return seen;
  }

  test("two pages: no increment is lost, nor after a restart of the browser", async (t) => {
    const name = freshName();
    const tabs = [await browser.get().newTab(), await browser.get().newTab()];
    const expected = await compete(t, tabs, name, 500);
    assert.equal(expected, 1_000);
    await browser.get().restart();
    const later = await browser.get().newTab();
    await counted(later, name, expected);
    await later.close();
  });

  test("a page and its worker", async (t) => {
    const tab = await browser.get().newTab();
    await compete(t, [tab, await tab.worker()], freshName(), 200);
    await tab.close();
  });

  test("two pages and a worker, strict", async (t) => {
    const tabs = [await browser.get().newTab(), await browser.get().newTab()];
    await compete(t, [...tabs, await tabs[0].worker()], freshName(), 100, { strict: true });
    for (const tab of tabs) await tab.close();
  });

  for (const without of [["Web Locks"], ["Web Locks", "BroadcastChannel"]]) {
    test(`a page without ${without.join(" and ")}, and one with everything`, async (t) => {
      const tabs = [await browser.get().newTab({ without }), await browser.get().newTab()];
      // Without a channel nobody hears of another's commits.
      await compete(t, tabs, freshName(), 200, { ask: without.includes("BroadcastChannel") });
      for (const tab of tabs) await tab.close();
    });
  }
});
