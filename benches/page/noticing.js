// How soon a page is told of what another one writes.
import { check } from "./verify.js";
import { now } from "./clock.js";
import { pause, quiet } from "./timing.js";

const PAUSE_MS = 20;
const KEY = "watched";

const NOTICERS = {
  Dexie: () => import("./noticing/dexie.js"),
  RxDB: () => import("./noticing/rxdb.js"),
  "agent-datastore": () => import("./noticing/agent-datastore.js"),
};

let store;
/** What this page was told of, and when. */
let told = [];

/** The steps of a session: one page changes, the other one watches. Changes are numbered through. */
export const noticing = {
  async open(name) {
    const { open } = await NOTICERS[name]();
    store = await open("noticing");
  },

  set: (n) => store.set(KEY, { n, at: now() }),

  /** Watches, and resolves when it is told of the first change, which is there already. */
  async watch() {
    await new Promise((resolve) => {
      store.watch(KEY, (value) => {
        told.push({ ...value, heard: now() });
        resolve();
      });
    });
    told = [];
  },

  /** Changes from the `from`-th on, each with the time right before it. */
  async change(from, count) {
    await quiet();
    const written = [];
    for (let n = from; n < from + count; n++) {
      const at = now();
      await store.set(KEY, { n, at });
      written.push({ n, at });
      await pause(PAUSE_MS);
    }
    return written;
  },

  /** How long it took until this page knew of each change: of itself, or of a later one. */
  async latencies(written) {
    const last = written.at(-1).n;
    for (let wait = 0; wait < 100 && told.at(-1)?.n !== last; wait++) await pause(PAUSE_MS);
    const heard = told;
    told = [];
    const atOf = new Map(written.map(({ n, at }) => [n, at]));
    for (const { n, at } of heard) check(atOf.get(n) === at, `change ${n} was told wrongly`);
    check(heard.at(-1)?.n === last, "the last change was not told");
    return written.map(({ n, at }) => heard.find((one) => one.n >= n).heard - at);
  },

  close: () => store.close(),
};
