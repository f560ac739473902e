// One counter, counted up by two pages at the same time.
import { check } from "./verify.js";
import { now } from "./clock.js";
import { pause, quiet } from "./timing.js";

const UPDATES = 500;
/** When both pages begin: late enough that both know of it. */
const SOON_MS = 250;

const COUNTERS = {
  idb: () => import("./counting/idb.js"),
  Dexie: () => import("./counting/dexie.js"),
  "agent-datastore": () => import("./counting/agent-datastore.js"),
};

let store;

/** Resolves to when it began and when it ended. */
async function span(at, run) {
  await quiet();
  check(now() < at, "a page was not ready when both were to begin");
  await pause(at - now());
  const began = now();
  await run();
  return { began, ended: now() };
}

/** The steps of a session. */
export const counting = {
  async open(name) {
    const { open } = await COUNTERS[name]();
    store = await open("counting");
  },

  /** Makes a counter, and says when it is to be counted up. */
  async zero(key) {
    await store.set(key, 0);
    return now() + SOON_MS;
  },

  /** All updates at once. */
  concurrent: (key, at) => span(at, () => Promise.all(Array.from({ length: UPDATES }, () => store.add(key)))),

  /** One after another. */
  awaited: (key, at) =>
    span(at, async () => {
      for (let done = 0; done < UPDATES; done++) await store.add(key);
    }),

  async check(key) {
    const found = await store.get(key);
    check(found === 2 * UPDATES, `the counter is ${found} after ${2 * UPDATES} updates`);
  },

  close: () => store.close(),
};
