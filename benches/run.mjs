// Measures: every round, every store, in browsers of their own. Prints progress, a table, the targets; writes JSON.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { serve } from "../tests/e2e/serve.mjs";
import { launch } from "./browser.mjs";
import { load, machine, versions } from "./lib/environment.mjs";
import { USAGE, readOptions } from "./lib/options.mjs";
import { renderReport } from "./lib/report.mjs";
import { Samples } from "./lib/samples.mjs";
import { rotated } from "./lib/stats.mjs";
import { judge } from "./lib/targets.mjs";
import { LARGE, OURS, RAW, RELAXED_ONLY, SIZES, WORKLOADS } from "./lib/workloads.mjs";
import { SESSIONS } from "./sessions.mjs";
import { TURNS } from "./turns.mjs";

const HEADERS = {
  // Both give the page a clock of 5 µs.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  // As assets with a hash in their name are served: only so a browser keeps compiled code, JavaScript's and WebAssembly's.
  "cache-control": "max-age=31536000, immutable",
};
/** Filling takes long, so it is done in the first rounds only, and each page load after it is a sample. */
const FULL_ROUNDS = 2;
const OPENINGS = 4;
/** Running processes a core from which on a machine is too busy to measure. */
const BUSY = 0.5;

const say = (text) => console.log(text);

/** The sessions that a store goes through in a round. */
function plan(store, round) {
  const sessions = [["emptyAndDisk", "relaxed"], ["messages", "relaxed"]];
  if (!RELAXED_ONLY.includes(store)) sessions.push(["messages", "strict"]);
  if (store === OURS) sessions.push(["runs", "relaxed"]);
  if (store === RAW) sessions.push(["floor", "relaxed"], ["floor", "strict"]);
  if (round < FULL_ROUNDS) sessions.push(["full", "relaxed"]);
  return sessions;
}

function wanted(options, durability) {
  const rows = new Map(WORKLOADS.map((row) => [row.id, row]));
  return (id) => options.workloads.includes(id) && (rows.get(id)?.durabilities ?? ["relaxed"]).includes(durability);
}

function tell({ rounds }, round, what, started) {
  say(`round ${round + 1}/${rounds}  ${what.padEnd(16)} ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** What stores go through in turns, and who does so by itself. */
async function measureInTurns({ name, run, ids, stores, alone, isLarge }, options, origin, samples, environment, round) {
  const wants = wanted(options, "relaxed");
  if (!ids.some(wants) || (isLarge && options.quick)) return;
  const chosen = options.stores.filter((store) => stores.includes(store));
  const groups = [chosen.filter((store) => alone.includes(store)), rotated(chosen.filter((store) => !alone.includes(store)), round)];
  for (const group of groups.filter((group) => group.length > 0)) {
    const started = Date.now();
    const parties = [];
    try {
      for (const store of group) {
        const add = (workload, numbers) => samples.add(workload, "relaxed", store, numbers);
        parties.push({ browser: await launch(origin, options), store, add });
      }
      environment.chromium ??= parties[0].browser.version();
      await run(parties, wants);
    } catch (error) {
      throw new Error(`${group.join(" and ")}, ${name}: ${error.message}`, { cause: error });
    } finally {
      for (const { browser } of parties) await browser.end();
    }
    tell(options, round, name, started);
  }
}

async function measure(options, origin, samples, environment) {
  for (let round = 0; round < options.rounds; round++) {
    for (const store of rotated(options.stores, round)) {
      const started = Date.now();
      const sessions = plan(store, round).filter(([session, durability]) => SESSIONS[session].ids.some(wanted(options, durability)));
      for (const [session, durability] of sessions) {
        const wants = wanted(options, durability);
        const browser = await launch(origin, options);
        try {
          environment.chromium ??= browser.version();
          await SESSIONS[session].run({
            browser,
            store,
            durability,
            wants,
            large: !options.quick && round === 0,
            openings: OPENINGS,
            add: (workload, numbers) => wants(workload) && samples.add(workload, durability, store, numbers),
          });
        } catch (error) {
          throw new Error(`${store}, ${session}, ${durability}: ${error.message}`, { cause: error });
        } finally {
          await browser.end();
        }
      }
      if (sessions.length > 0) tell(options, round, store, started);
    }
    for (const turns of TURNS) await measureInTurns(turns, options, origin, samples, environment, round);
  }
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return say(USAGE);
  const server = await serve(fileURLToPath(new URL("dist", import.meta.url)), HEADERS);
  const samples = new Samples();
  const environment = {};
  const loadBefore = load();
  if (loadBefore > BUSY) say(`warning: this machine is busy (${loadBefore} running processes a core), so the times will be too long`);
  try {
    if (!options.quick) say(`100,000 messages are filled in only for ${LARGE.join(", ")}: the others would take minutes.`);
    await measure(options, server.origin, samples, environment);
  } finally {
    await server.close();
  }
  const found = {
    date: new Date().toISOString(),
    rounds: options.rounds,
    machine: { ...machine(), loadBefore, loadAfter: load() },
    versions: await versions(environment.chromium, options.stores),
    indexedDbOnSqlite: options.sqliteIdb,
    workloads: [...WORKLOADS, ...SIZES].map(({ id, label, floor }) => ({ id, label, ...(floor && { floor }) })),
    results: samples.results(WORKLOADS.map(({ id }) => id), "Ms", options.rounds),
    sizes: samples.results(SIZES.map(({ id }) => id), "Bytes", options.rounds),
  };
  found.targets = judge(found);
  say(renderReport(found, options.stores));
  if (options.json) {
    await writeFile(options.json, `${JSON.stringify(found, null, 1)}\n`);
    say(`\nwritten to ${options.json}`);
  }
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
