import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { report } from "../../scripts/report.mjs";
import { SQLITE_FLAG } from "../chromium.mjs";
import { freshName, useBrowser } from "./harness/browser.mjs";
import { goOn, signal, stop } from "./harness/processes.mjs";
import { SEED, random } from "./harness/random.mjs";
import { assertWhole } from "./harness/series.mjs";
import { SOON_MS, eventually, inTime } from "./harness/waiting.mjs";

/** How often it is tried. Figures are written with REPORT=1 where that is often enough to mean something. */
const ROUNDS = Number(process.env.STOPPED_ROUNDS ?? 2);
const ENOUGH = 8;

/**
 * What the page does that is stopped. IndexedDB lets nobody else write from the beginning of a transaction until its `commit()`, some
 * tenths of a millisecond: one that writes without pause spends every tenth millisecond there, and so may hold up others.
 */
const WRITERS = {
  // A batch every 30 ms is in the middle of one in half a percent of all moments.
  "writes as a chat does": { series: { lanes: 1, pauseMs: 30 }, mostHeldUp: Math.ceil(ROUNDS / 20) },
  "writes without pause": { series: { lanes: 2 }, increments: true, mostHeldUp: ROUNDS },
};

const STORES = { LevelDB: [], SQLite: [SQLITE_FLAG] };

const measured = [];
after(() => {
  if (!process.env.REPORT || ROUNDS < ENOUGH) return;
  const row = ({ version, store, waits, told = [], tab }) => {
    const sorted = waits.filter((wait) => !Number.isNaN(wait)).sort((a, b) => a - b);
    const heldUp = waits.length - sorted.length;
    const cells = [`Chromium ${version}, ${store}`, tab, waits.length, sorted.at(sorted.length >> 1), sorted.at(-1), heldUp];
    cells.push(heldUp ? Math.max(...told) : "–");
    return `| ${cells.map((cell) => (typeof cell === "number" ? Math.round(cell).toLocaleString("en-US") : cell)).join(" | ")} |`;
  };
  report(
    "stopped",
    `${new Date().toISOString().slice(0, 10)}. Written by \`REPORT=1 STOPPED_ROUNDS=${ROUNDS} node --test tests/tabs/stopped.mjs\`.

A page is stopped at a random moment (SIGSTOP), and another page reads the data, writes five batches and increments a counter ten times. "Held up" is who
has not done so within ${SOON_MS / 1000} seconds; it has to have told by then (the event \`stalled\`), and it goes on as soon as the stopped page does. Anything
that is lost, doubled or torn fails.

| | the page | rounds | median until the other is done, ms | longest, ms | held up | told after, at most, ms |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${measured.map(row).join("\n")}`,
  );
});

for (const [store, flags] of Object.entries(STORES)) {
  const name = `a page whose process is stopped in the middle of its commits, ${store}`;
  describe(name, { timeout: 60_000 + ROUNDS * 30_000 }, () => whenStopped(store, useBrowser({ flags })));
}

function whenStopped(store, shared) {
  for (const [tab, writer] of Object.entries(WRITERS)) {
    test(`it ${tab}: another page goes on, and neither overwrites the other's work when it is woken`, (t) => stopAndWake(t, tab, writer));
  }

  async function stopAndWake(t, tab, { series: writing, increments: isIncrementing = false, mostHeldUp }) {
    const browser = shared.get();
    const { log } = browser;
    const name = freshName();
    const [series, increments] = [`series of ${name}`, `increments of ${name}`];
    const seriesOfOther = (round) => `series ${round} of the other, ${name}`;
    const stopped = await browser.newTab({ ownProcess: true });
    const other = await browser.newTab({ ownProcess: true });
    t.after(() => goOn(stopped.pid));
    assert.notEqual(stopped.pid, other.pid);
    for (const tab of [stopped, other]) await tab.call("prepare", name);

    const waits = [];
    const told = [];
    let byOther = 0;
    await stopped.call("keepWriting", name, series, writing);
    if (isIncrementing) await stopped.call("keepIncrementing", name, increments);
    const goesOn = () => Promise.all([log.more(series, 5), isIncrementing && log.more(increments, 5)]);
    for (let round = 1; round <= ROUNDS; round++) {
      await goesOn();
      await sleep(random(100));
      await stop(stopped.pid);
      const began = performance.now();
      const work = readAndWrite(other, name, seriesOfOther(round));
      const free = await inTime(work, "a read and a write beside a stopped page").then(
        () => true,
        () => false,
      );
      const wait = performance.now() - began;
      waits.push(free ? wait : NaN);
      if (!free) {
        const ago = await other.call("stalledAgo", name);
        assert.ok(ago !== null && ago < wait, "who is held up tells within the time that it may take");
        told.push(wait - ago);
      } else {
        // Enough for the storage engine to tidy up what the stopped page was about to build on.
        await write(other, name, seriesOfOther(round), 150);
        byOther += await increment(other, name, 100);
      }
      goOn(stopped.pid);
      byOther += await inTime(work, "a read and a write beside a page that goes on");
      byOther += await increment(other, name, 20);
      await goesOn();
    }
    const made = isIncrementing ? await stopped.call("stopIncrementing") : 0;
    await stopped.call("stopWriting", series);
    for (const each of [series, increments]) log.assertNoErrors(each);

    const expected = made + byOther;
    for (const tab of [stopped, other]) {
      const counted = () => tab.call("counted", name);
      const { markers } = await eventually(counted, ({ value }) => value >= expected, `${expected} increments`);
      assert.equal(markers, expected);
      assert.equal((await counted()).value, expected);
      await assertWhole(tab, name, series, log.last(series));
      for (let round = 1; round <= ROUNDS; round++) {
        const written = seriesOfOther(round);
        await assertWhole(tab, name, written, log.last(written));
      }
    }
    measured.push({ version: browser.version(), store, waits, told, tab: `${tab}, is stopped, and goes on later` });
    const needed = waits.map((wait) => (Number.isNaN(wait) ? "held up" : `${Math.round(wait)} ms`));
    t.diagnostic(`the other page needed: ${needed.join(", ")}; it told after ${told.map(Math.round).join(", ") || "–"}; TABS_SEED=${SEED}`);
    assert.ok(waits.filter(Number.isNaN).length <= mostHeldUp, `rounds in which the other page was held up: ${needed.join(", ")}`);
    await Promise.all([stopped.close(), other.close()]);
  }

  test("it writes without pause, and is then killed: another page goes on, and finds what was acknowledged", async (t) => {
    const browser = shared.get();
    const waits = [];
    for (let round = 1; round <= ROUNDS; round++) waits.push(await stopAndKill(t, browser));
    measured.push({ version: browser.version(), store, waits, tab: "writes without pause, is stopped, and killed 200 ms later at the most" });
  });

  async function stopAndKill(t, browser) {
    const { log } = browser;
    const name = freshName();
    const series = `series of ${name}`;
    const stopped = await browser.newTab({ ownProcess: true });
    const other = await browser.newTab({ ownProcess: true });
    t.after(() => goOn(stopped.pid));
    assert.notEqual(stopped.pid, other.pid);
    for (const tab of [stopped, other]) await tab.call("prepare", name);
    await stopped.call("keepWriting", name, series);
    await log.more(series, 10);
    await sleep(random(100));
    await stop(stopped.pid);
    const began = performance.now();
    const work = readAndWrite(other, name, `series of the other, ${name}`).then(() => performance.now() - began);
    await sleep(random(200));
    const crashed = new Promise((resolve) => stopped.page.once("crash", resolve));
    signal(stopped.pid, "SIGKILL");
    const wait = await inTime(work, "a read and a write beside a page that was killed");
    await inTime(crashed, "the end of the page");
    log.assertNoErrors(series);
    const last = log.last(series);
    t.diagnostic(`batches found/acknowledged: ${await assertWhole(other, name, series, last)}/${last}; TABS_SEED=${SEED}`);
    await Promise.all([stopped.close(), other.close()]);
    return wait;
  }

  /** Reads, writes some batches and increments; resolves to the number of increments. */
  async function readAndWrite(tab, name, series) {
    await tab.call("inspect", name, series);
    await write(tab, name, series, 5);
    return increment(tab, name, 10);
  }

  /** Writes so many batches more, at least. */
  async function write(tab, name, series, count) {
    const { log } = shared.get();
    await tab.call("keepWriting", name, series);
    await log.more(series, count, 20_000);
    await tab.call("stopWriting", series);
    log.assertNoErrors(series);
  }

  async function increment(tab, name, times) {
    await tab.call("increment", name, times);
    return times;
  }
}
