import loadStore, { open } from "/pkg/agent_datastore.js";
import loadCounter, { Counter } from "/test-pages/test_pages.js";

await Promise.all([loadStore(), loadCounter()]);

const databases = new Map();
const counters = new Map();

/** When the database of a name last told that it is held up, by the clock of the page. */
const stalls = new Map();

/** The database of a name, opened once in this page. */
export function database(name, options = {}) {
  const onEvent = ({ type }) => void (type === "stalled" && stalls.set(name, performance.now()));
  if (!databases.has(name)) databases.set(name, open({ name, onEvent, ...options }));
  return databases.get(name);
}

/** How long ago the database of a name last told that it is held up; null where it has not. Milliseconds. */
export const stalledAgo = (name) => (stalls.has(name) ? performance.now() - stalls.get(name) : null);

export const store = async (name) => (await database(name)).dataStore();

/** The counter in the database of a name, opened once in this page. */
export function counter(name) {
  if (!counters.has(name)) counters.set(name, Counter.open(name));
  return counters.get(name);
}

/** Opens both, so that what is measured afterwards is not the opening. */
export async function prepare(name, options) {
  await Promise.all([database(name, options), counter(name)]);
}

/** After this the page sees every commit that was completed before. */
export async function refresh(name) {
  await (await database(name)).refresh?.();
}
