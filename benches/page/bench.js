// What the runner calls: one store a page, one call a step.
import { wasmBytes } from "./wasm-memory.js";
import { keyOf } from "./messages.js";
import { chats } from "./chats.js";
import { clock } from "./clock.js";
import { counting } from "./counting.js";
import { finding } from "./finding.js";
import { noticing } from "./noticing.js";
import { runs } from "./runs.js";
import { STORES } from "./stores/index.js";
import { check, checkMessage } from "./verify.js";
import { quiet, timed } from "./timing.js";
import { checkKept, fill, warmUp, workloads } from "./workloads.js";

let library;
let store;
let durability;
const plain = (value) => (store.plain ? store.plain(value) : value);

const openAs = async (name, chosen) => {
  durability = chosen;
  store = await library.open(name, chosen);
};

globalThis.bench = {
  /** The library's code, its WebAssembly and its worker, but no database. Resolves to the milliseconds that it took. */
  async load(name) {
    const { ms } = await timed(async () => {
      library = await STORES[name]();
      await library.load();
    });
    return ms;
  },

  open: openAs,

  /** Opens and reads the first message (or learns that there is none). Resolves to the milliseconds. */
  async openAndGet(name, chosen, n, present) {
    const { ms, result } = await timed(async () => {
      await openAs(name, chosen);
      // PouchDB rejects where there is nothing.
      return store.get(keyOf(n)).catch((error) => (error.status === 404 ? undefined : Promise.reject(error)));
    });
    if (present) checkMessage(n, result, plain);
    else check(result === undefined || result === null, "a store that is empty gave something");
    return ms;
  },

  async run(workload) {
    return workloads[workload](store, plain, durability);
  },

  /** A step with long conversations, which are in a database of their own. */
  chats: (step, ...given) => chats[step](...given),

  /** A step of finding records, of counting with another page, or of being told of what another page does. */
  finding: (step, ...given) => finding[step](...given),
  counting: (step, ...given) => counting[step](...given),
  noticing: (step, ...given) => noticing[step](...given),

  /** The clock that this page shares with others. */
  clock: (step) => clock[step](),

  /** A step with an agent's session, which has a database of its own. */
  runs: (step, ...given) => runs[step](...given),

  fill: (from, to) => fill(store, from, to),
  warmUp: () => warmUp(store),
  checkKept: (written) => checkKept(store, plain, written),

  async close() {
    await store.close();
    store = undefined;
    await quiet(100);
  },

  /** What this page and its workers hold after a garbage collection, in bytes. */
  async memory() {
    await quiet();
    const { bytes } = await performance.measureUserAgentSpecificMemory();
    return { js: bytes, wasm: wasmBytes() + ((await library?.wasmBytes?.()) ?? 0) };
  },
};
