// Finding among 100,000 tasks by what is in them, without an index and with one.
import { STATUSES, keyOfTask, taskOf, tasksFrom } from "./tasks.js";
import { check, checkTasks } from "./verify.js";
import { timed } from "./timing.js";

const COUNT = 100_000;
const CHUNK = 2_500;
/** Priorities are 0 to 9,999, so 20 of them are those of 200 tasks. */
const PRIORITIES = 20;
const FIRST = 20;

const FINDERS = {
  Dexie: () => import("./finding/dexie.js"),
  RxDB: () => import("./finding/rxdb.js"),
  "agent-datastore": () => import("./finding/agent-datastore.js"),
};

let store;
/** The status and the priority of every task, to know what is to be found. */
let statuses;
let priorities;

function remember() {
  statuses = new Uint8Array(COUNT);
  priorities = new Uint16Array(COUNT);
  for (let n = 0; n < COUNT; n++) {
    const { status, priority } = taskOf(n);
    statuses[n] = STATUSES.indexOf(status);
    priorities[n] = priority;
  }
}

const numbers = (fits) => Array.from({ length: COUNT }, (_, n) => n).filter(fits);
/** Tasks of the same priority come in the order of their keys. */
const byPriority = (found) => found.toSorted((a, b) => priorities[a] - priorities[b] || a - b);

/** Each question is another one every time, so that no store answers it from its memory. */
const QUESTIONS = {
  filter: (time) => {
    const below = PRIORITIES + time;
    return {
      ask: () => store.openBelow(below),
      wanted: () => numbers((n) => statuses[n] === 0 && priorities[n] < below),
      isOrdered: false,
    };
  },
  order: (time) => ({
    ask: () => store.first(FIRST + time),
    wanted: () => byPriority(numbers(() => true)).slice(0, FIRST + time),
    isOrdered: true,
  }),
  range: (time) => {
    const from = 500 * time;
    const below = from + PRIORITIES;
    return {
      ask: () => store.between(from, below),
      wanted: () => numbers((n) => priorities[n] >= from && priorities[n] < below),
      isOrdered: false,
    };
  },
  page: (time) => ({
    ask: () => store.firstOpen(FIRST + time),
    wanted: () => byPriority(numbers((n) => statuses[n] === 0)).slice(0, FIRST + time),
    isOrdered: true,
  }),
};

/** The steps of a session. Those that are measured resolve to milliseconds. */
export const finding = {
  /** Opens a store; `isIndexed` in a page that comes after the one that declared the indexes. */
  async open(name, isIndexed) {
    const { open } = await FINDERS[name]();
    store = await open("finding", isIndexed);
    remember();
  },

  async fill() {
    for (let from = 0; from < COUNT; from += CHUNK) await store.fill(tasksFrom(from, CHUNK));
  },

  async ask(question, time) {
    const { ask, wanted, isOrdered } = QUESTIONS[question](time);
    const { ms, result } = await timed(ask);
    const found = result.map(store.plain);
    if (!isOrdered) found.sort(([a], [b]) => (a < b ? -1 : 1));
    checkTasks(wanted(), found);
    return ms;
  },

  /** Declares an index on the priority, and one on the status and the priority, over all that is there. */
  async declare() {
    if (!store.declare) return undefined;
    const { ms } = await timed(() => store.declare());
    const [[key]] = (await store.first(1)).map(store.plain);
    check(key === keyOfTask(byPriority(numbers(() => true))[0]), "the first task is not found after indexes were declared");
    return ms;
  },

  close: () => store.close(),
};
