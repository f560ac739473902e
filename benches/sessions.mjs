// What one browser with one store goes through. Every session is given `wants(workload)` and `add(workload, samples)`.
import { FLOORS, LARGE, SESSION_ROWS } from "./lib/workloads.mjs";

const NAME = "bench";
const WRITES = ["delete-prefix", "sets-awaited", "sets-concurrent"];
const READS = ["gets-concurrent", "get-many", "list-keys", "read-all", "gets-warm"];
const MEMORY = ["memory-js", "memory-wasm"];
const WITH_MESSAGES = ["set-many", "gets-cold", ...MEMORY, ...WRITES, ...READS];

async function open(browser, store, durability, name = NAME) {
  await browser.call("load", store);
  await browser.call("open", name, durability);
}

/** Has all code compiled that will be measured, on another database, a new one each time. */
async function warmUp(browser, durability, before) {
  await browser.call("open", `warm-up before ${before}`, durability);
  await browser.call("warmUp");
  await browser.call("close");
}

async function reopen(browser, store, durability) {
  await browser.call("close");
  await browser.reload();
  await open(browser, store, durability);
}

/** Bulk, reads, deletion, single writes: in this order for both durabilities, on one database, over three page loads. */
async function messages({ browser, store, durability, wants, add }) {
  const run = async (workload) => add(workload, await browser.call("run", workload));

  await browser.call("load", store);
  await warmUp(browser, durability, "bulk");
  await browser.call("open", NAME, durability);
  await run("set-many");

  await browser.call("close");
  await browser.reload();
  const measuresMemory = MEMORY.some(wants);
  // The page itself, with the benchmark's own code, is not the store's.
  const bare = measuresMemory && (await browser.call("memory"));
  await open(browser, store, durability);
  if (wants("gets-cold")) await run("gets-cold");
  if (READS.some(wants)) {
    await browser.call("close");
    await warmUp(browser, durability, "reads");
    await browser.call("open", NAME, durability);
  }
  for (const workload of READS.filter(wants)) await run(workload);
  if (measuresMemory) {
    if (!wants("read-all")) await browser.call("run", "read-all");
    const full = await browser.call("memory");
    add("memory-js", [Math.max(0, full.js - bare.js)]);
    add("memory-wasm", [full.wasm]);
  }

  const writes = WRITES.filter(wants);
  if (writes.length === 0) return;
  await browser.call("close");
  await warmUp(browser, durability, "writes");
  await browser.call("open", NAME, durability);
  for (const workload of writes) await run(workload);
  await reopen(browser, store, durability);
  await browser.call("checkKept", writes);
}

async function floor({ browser, store, durability, wants, add }) {
  await open(browser, store, durability);
  for (const workload of FLOORS.filter(wants)) add(workload, await browser.call("run", workload));
}

/** No warming up: an application opens its database once a page load. The bytes on disk are those of this database alone. */
async function emptyAndDisk({ browser, store, durability, wants, add }) {
  await browser.call("load", store);
  add("open-empty", [await browser.call("openAndGet", NAME, durability, 0, false)]);
  if (!wants("disk")) return;
  await browser.call("run", "set-many");
  await browser.call("close");
  add("disk", [await browser.bytesOnDisk()]);
}

async function reloads({ browser, store, durability, wants, add }, times, count) {
  for (let at = 0; at < times; at++) {
    await browser.call("close");
    await browser.reload();
    const load = await browser.call("load", store);
    const ms = await browser.call("openAndGet", NAME, durability, Math.floor((count * (2 * at + 1)) / (2 * times)), true);
    add(count === 10_000 ? "open-10k" : "open-100k", [ms]);
    if (count === 10_000) add("load-open-10k", [load + ms]);
  }
}

/** Fills once, and opens in several page loads. */
async function full(session) {
  const { browser, store, durability, wants, large, openings } = session;
  await open(browser, store, durability);
  await browser.call("fill", 0, 10_000);
  await reloads(session, openings, 10_000);
  if (!large || !wants("open-100k") || !LARGE.includes(store)) return;
  await browser.call("fill", 10_000, 100_000);
  await reloads(session, openings, 100_000);
}

/** Few runs of an agent's session, and many. Reopening is the first of a page load. */
async function runs({ browser, add }) {
  for (const count of [100, 1_000]) {
    await browser.call("runs", "open");
    await browser.call("runs", "fill", count);
    for (const step of ["run", "rewind"]) {
      for (let time = 0; time < 20; time++) {
        const ms = await browser.call("runs", step);
        add(`session-${step}-${count}`, [ms]);
      }
    }
    for (let time = 0; time < 5; time++) {
      await browser.call("runs", "close");
      await browser.reload();
      const ms = await browser.call("runs", "open");
      add(`session-open-${count}`, [ms]);
      add(`session-list-${count}`, [await browser.call("runs", "list", count)]);
    }
    await browser.call("runs", "close");
    await browser.reload();
  }
}

/** Each with the workloads for which it is needed. */
export const SESSIONS = {
  messages: { run: messages, ids: WITH_MESSAGES },
  floor: { run: floor, ids: FLOORS },
  emptyAndDisk: { run: emptyAndDisk, ids: ["open-empty", "disk"] },
  runs: { run: runs, ids: SESSION_ROWS },
  full: { run: full, ids: ["open-10k", "load-open-10k", "open-100k"] },
};
