import { counter } from "./databases.mjs";

/** Increments so many times, one after the other. */
export async function increment(name, times, strict = false) {
  const shared = await counter(name);
  let last;
  for (let time = 0; time < times; time++) last = await shared.increment(strict);
  return last;
}

/** What this page sees of a counter: whatever it has heard of, or everything where it has to ask. */
export async function counted(name, ask = false) {
  const shared = await counter(name);
  if (ask) await shared.catchUp();
  return { value: await shared.value(), markers: await shared.markers(), conflicts: shared.conflicts };
}

let running;

/** Increments until told otherwise, and reports each number that this page made. */
export function keepIncrementing(name, log, strict = false) {
  running = { go: true };
  const increments = running;
  const run = async () => {
    const shared = await counter(name);
    for (increments.made = 0; increments.go; increments.made++) globalThis.report(log, await shared.increment(strict));
    return increments.made;
  };
  increments.done = run().catch((error) => globalThis.report(log, String(error)));
}

/** Ends that. Resolves to how many increments were made. */
export function stopIncrementing() {
  running.go = false;
  return running.done;
}
