// What one page does while another sleeps, and what the other does when it wakes.

import { counter, refresh, store } from "./databases.mjs";

const KEYS = 1_000;
const DELETED = 100;
const keyOf = (place) => `slept/${place}`;
const textOf = (turn, place) => `${turn}:${place};`.padEnd(1_024, "sleep ");

/** What is there before one of them sleeps. */
export async function beforeSleep(name) {
  const records = await store(name);
  await records.setMany(Array.from({ length: KEYS }, (_, place) => [keyOf(place), textOf(0, place)]));
  await records.set("merged", "before", { metadata: { before: true } });
  await (await counter(name)).increment(false);
}

/**
 * Replaces every record in each turn, one commit a record, increments the counter ten times a turn, and removes some
 * records: enough for any storage engine to tidy up behind the sleeper's back.
 */
export async function whileOthersSleep(name, turns) {
  const records = await store(name);
  const shared = await counter(name);
  for (let turn = 1; turn <= turns; turn++) {
    for (let place = 0; place < KEYS; place++) {
      await records.set(keyOf(place), textOf(turn, place));
      if (place % (KEYS / 10) === 0) await shared.increment(false);
    }
  }
  await records.deleteMany(Array.from({ length: DELETED }, (_, place) => keyOf(place)));
  await records.set("merged", "meanwhile", { metadata: { meanwhile: true } });
}

/** The text that is under the last key after so many turns. */
export const lastText = (turns) => textOf(turns, KEYS - 1);

/** Increments and writes at once, as if nothing had happened. Resolves to what this page sees of that. */
export async function awake(name) {
  const records = await store(name);
  const [incremented] = await Promise.all([
    (await counter(name)).increment(false),
    records.set("merged", "awake", { metadata: { awake: true } }),
    records.set(keyOf(0), "awake"),
  ]);
  return { incremented, merged: (await records.getRecord("merged")).metadata, own: await records.get(keyOf(0)) };
}

/** How many of the records are not as they have to be after all that, and the rest of what it left. */
export async function afterSleep(name, turns) {
  const shared = await counter(name);
  await Promise.all([refresh(name), shared.catchUp()]);
  const records = await store(name);
  const keys = Array.from({ length: KEYS }, (_, place) => keyOf(place));
  const found = await records.getMany(keys);
  const wrong = keys.filter((key, place) => {
    const expected = place === 0 ? "awake" : place < DELETED ? undefined : textOf(turns, place);
    return found.get(key) !== expected;
  });
  const merged = await records.getRecord("merged");
  return {
    wrong: wrong.length,
    listed: (await records.listKeys("slept/")).length,
    value: merged.value,
    metadata: merged.metadata,
    counted: await shared.value(),
  };
}
