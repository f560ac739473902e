import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { assertWhole } from "./harness/series.mjs";
import { eventually } from "./harness/waiting.mjs";

const ROUNDS = 80;

describe("pages that write batches at the same time", { timeout: 60_000 }, () => {
  const browser = useBrowser();

  const openTabs = (count) => Promise.all(Array.from({ length: count }, () => browser.get().newTab()));
  const closeTabs = (tabs) => Promise.all(tabs.map((tab) => tab.close()));

  test("the same keys and their own: every batch is whole, and each page reads its own writes at once", async (t) => {
    const name = freshName();
    const tabs = await openTabs(3);
    const [first, second, onlooker] = tabs;
    await Promise.all(tabs.map((tab) => tab.call("prepare", name)));
    await first.call("writeAndReadBack", name, "first", 1);
    await eventually(() => onlooker.call("marks", name, []), ({ shared }) => shared[0] === "first 1", "the first batch");

    const watching = onlooker.call("watchShared", name);
    const broken = await Promise.all([
      first.call("writeAndReadBack", name, "first", ROUNDS),
      second.call("writeAndReadBack", name, "second", ROUNDS),
    ]);
    await onlooker.call("stopWatching");
    assert.deepEqual(broken, [[], []]);
    const watched = await watching;
    assert.deepEqual(watched.broken, []);
    assert.ok(watched.reads > 0);
    t.diagnostic(`${watched.reads} reads by an onlooker`);

    const own = [[`first ${ROUNDS}`], [`second ${ROUNDS}`]];
    const finals = [];
    for (const tab of tabs) {
      const isOver = (seen) => JSON.stringify(seen.own) === JSON.stringify(own);
      finals.push((await eventually(() => tab.call("marks", name, ["first", "second"]), isOver, "the last batches")).shared);
    }
    assert.equal(finals[0].length, 1);
    assert.ok(own.flat().includes(finals[0][0]), `the shared records are of ${finals[0]}`);
    assert.deepEqual(finals, [finals[0], finals[0], finals[0]]);

    await first.load();
    assert.deepEqual(await first.call("marks", name, ["first", "second"]), { own, shared: finals[0] });
    await closeTabs(tabs);
  });

  test("two pages and a worker write series, and each sees all of the others'", async (t) => {
    const name = freshName();
    const { log } = browser.get();
    const tabs = await openTabs(2);
    const contexts = [...tabs, await tabs[0].worker()];
    await Promise.all(contexts.map((context) => context.call("prepare", name)));
    const seriesOf = contexts.map((_, place) => `series ${place} of ${name}`);
    await Promise.all(contexts.map((context, place) => context.call("keepWriting", name, seriesOf[place])));
    await Promise.all(seriesOf.map((series) => log.more(series, 100, 20_000)));
    // Looked at while they are written, too.
    for (const [place, context] of contexts.entries()) await assertWhole(context, name, seriesOf[(place + 1) % 3], 1);
    await Promise.all(contexts.map((context, place) => context.call("stopWriting", seriesOf[place])));
    const lasts = [];
    for (const series of seriesOf) {
      log.assertNoErrors(series);
      for (const context of contexts) lasts.push(await assertWhole(context, name, series, log.last(series)));
    }
    t.diagnostic(`batches seen: ${lasts.join(", ")}`);
    await closeTabs(tabs);
  });
});
