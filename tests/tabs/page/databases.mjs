import loadStore, { open } from "/pkg/agent_datastore.js";
import loadCounter, { Counter } from "/test-pages/test_pages.js";

await Promise.all([loadStore(), loadCounter()]);

const databases = new Map();
const counters = new Map();

/** The database of a name, opened once in this page. */
export function database(name, options = {}) {
  if (!databases.has(name)) databases.set(name, open({ name, ...options }));
  return databases.get(name);
}

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
