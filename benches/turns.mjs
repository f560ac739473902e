// What stores go through in turns, each in its browser, because within minutes a machine may become slower or faster by more
// than they differ. Every session is given its parties, `{ browser, store, add }`, and `wants(workload)`.
import { CHATS, COUNTERS, FINDERS, NOTICERS, RAW } from "./lib/workloads.mjs";

/** Goes through a step with each store, again and again; the first times warm up. Whoever was last begins the next time. */
async function inTurns(parties, times, workload, step, warmUps = 1) {
  for (let time = 0; time < warmUps + times; time++) {
    for (const party of time % 2 === 0 ? parties : parties.toReversed()) {
      const found = await step(party, time);
      if (time >= warmUps) party.add(workload, [found].flat());
    }
  }
}

const each = async (parties, step) => {
  for (const party of parties) await step(party);
};

/** Long conversations. */
async function chats(parties, wants) {
  const call = (...given) => each(parties, ({ browser }) => browser.call("chats", ...given));
  const turns = (times, workload, step) => inTurns(parties, times, workload, ({ browser }, time) => browser.call("chats", step, time));
  await each(parties, ({ browser, store }) => browser.call("chats", "open", store));
  if (wants("chat-append")) await turns(30, "chat-append", "append");
  if (wants("chat-newest")) await turns(10, "chat-newest", "newest");
  if (wants("chat-search")) {
    await call("fill");
    await turns(10, "chat-search", "search");
  }
  await call("close");
}

const WITHOUT_INDEX = { "find-filter": "filter", "find-order": "order" };
const WITH_INDEX = { "find-range": "range", "find-page": "page" };
const FINDING = [...Object.keys(WITHOUT_INDEX), "index-declare", ...Object.keys(WITH_INDEX), "find-range-cold"];

/** Finding among 100,000 records: without an index, then the indexes are declared, then with them; each in a page load of its own. */
async function finding(parties, wants) {
  const open = ({ browser, store }, isIndexed) => browser.call("finding", "open", store, isIndexed);
  const reopen = async (party, isIndexed) => {
    await party.browser.call("finding", "close");
    await party.browser.reload();
    await open(party, isIndexed);
  };
  const turns = async (workload, question, times, warmUps) => {
    if (!wants(workload)) return;
    await inTurns(parties, times, workload, ({ browser }, time) => browser.call("finding", "ask", question, time), warmUps);
  };
  await each(parties, async (party) => {
    await open(party, false);
    await party.browser.call("finding", "fill");
    await reopen(party, false);
  });
  for (const [workload, question] of Object.entries(WITHOUT_INDEX)) await turns(workload, question, 3);
  if (!FINDING.some((id) => !(id in WITHOUT_INDEX) && wants(id))) return;
  await each(parties, async (party) => {
    const ms = await party.browser.call("finding", "declare");
    if (typeof ms === "number" && wants("index-declare")) party.add("index-declare", [ms]);
    await reopen(party, true);
  });
  // What was asked before has been read already, so there are more questions that warm up.
  for (const [workload, question] of Object.entries(WITH_INDEX)) await turns(workload, question, 10, 10);
  if (wants("find-range-cold")) {
    await inTurns(parties, 5, "find-range-cold", async (party, time) => {
      await reopen(party, true);
      return party.browser.call("finding", "ask", "range", time);
    });
  }
  await each(parties, ({ browser }) => browser.call("finding", "close"));
}

/** Opens a store in two tabs of each browser, whose clocks have to be one. */
async function inTwoTabs(parties, kind) {
  await each(parties, async (party) => {
    party.tabs = [party.browser, await party.browser.another()];
    const [one, other] = party.tabs;
    await one.call("clock", "answer");
    await other.call("clock", "compare");
    await one.call("clock", "end");
    for (const tab of party.tabs) await tab.call(kind, "open", party.store);
  });
}

const closeTabs = (parties, kind) =>
  each(parties, async ({ tabs }) => {
    for (const tab of tabs) await tab.call(kind, "close");
  });

/** Two tabs count one counter up at the same time: from the first one's beginning to the last one's end. */
async function countUp({ tabs }, how, time) {
  const key = `${how} ${time}`;
  const at = await tabs[0].call("counting", "zero", key);
  const spans = await Promise.all(tabs.map((tab) => tab.call("counting", how, key, at)));
  for (const tab of tabs) await tab.call("counting", "check", key);
  return Math.max(...spans.map(({ ended }) => ended)) - Math.min(...spans.map(({ began }) => began));
}

async function counting(parties, wants) {
  await inTwoTabs(parties, "counting");
  for (const how of ["concurrent", "awaited"]) {
    const workload = `updates-${how}`;
    if (wants(workload)) await inTurns(parties, 5, workload, (party, time) => countUp(party, how, time));
  }
  await closeTabs(parties, "counting");
}

const CHANGES = 100;

/** One tab changes, and the other one is told. */
async function noticing(parties) {
  await inTwoTabs(parties, "noticing");
  await each(parties, async ({ tabs: [changer, watcher] }) => {
    await changer.call("noticing", "set", 0);
    await watcher.call("noticing", "watch");
  });
  await inTurns(parties, 1, "notice", async ({ tabs: [changer, watcher] }, time) => {
    const written = await changer.call("noticing", "change", 1 + time * CHANGES, CHANGES);
    return watcher.call("noticing", "latencies", written);
  });
  await closeTabs(parties, "noticing");
}

/** Each with the workloads for which it is needed, who takes part, and who does so by itself. */
export const TURNS = [
  { name: "conversations", run: chats, ids: ["chat-append", "chat-newest", "chat-search"], stores: CHATS, alone: [RAW] },
  { name: "finding", run: finding, ids: FINDING, stores: FINDERS, alone: [], isLarge: true },
  { name: "counting", run: counting, ids: ["updates-concurrent", "updates-awaited"], stores: COUNTERS, alone: [] },
  { name: "noticing", run: noticing, ids: ["notice"], stores: NOTICERS, alone: [] },
];
