// Fills the disk, and goes on living on it. Every call is timed, and what it came to is reported; the driver judges.

import { batchOf } from "/series/batches.mjs";
import { described, inspect, openDatabase } from "./database.mjs";
import { ask, tell } from "./reports.mjs";

const OLD_BATCHES = 10;
/** The sizes of the values that are written one after the other, each until it does not fit any more. */
const SIZES = [200_000, 20_000, 1_000];
const MOST = 200;
/** A call that takes longer has hung; the store promises less. */
const HUNG_MS = 60_000;
/** How long what ought to work again is tried; what needs no more room than there is works soon or never. */
const AGAIN_MS = 35_000;
const SOON_MS = 5_000;

/** After these nobody knows whether a write took effect. */
const UNKNOWN = ["TIMEOUT", "CONNECTION_LOST"];

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Text that cannot be compressed, and can be made again from its key (xorshift). */
function noise(key, length) {
  let state = [...key].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 1) || 1;
  let text = "";
  while (text.length < length) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    text += LETTERS[state & 63] + LETTERS[(state >>> 8) & 63] + LETTERS[(state >>> 16) & 63];
  }
  return text.slice(0, length);
}

const sizeOf = (key) => Number(key.split("/")[1]);
const valueOf = (key) => noise(key, sizeOf(key));

/** What a call comes to, reported under a name. */
async function attempt(step, call) {
  const started = performance.now();
  let timer;
  const hung = new Promise((resolve) => (timer = setTimeout(resolve, HUNG_MS, { hung: true })));
  const settled = call().then(() => ({}), (error) => ({ error: described(error) }));
  const outcome = { step, ...(await Promise.race([settled, hung])), ms: Math.round(performance.now() - started) };
  clearTimeout(timer);
  tell("call", outcome);
  return outcome;
}

/** Tries until it works. Reports how long that took, or that it did not; resolves to whether it did. */
async function untilItWorks(step, within, call) {
  const started = performance.now();
  for (;;) {
    const { error, hung } = await attempt(step, call);
    const ms = Math.round(performance.now() - started);
    const works = !error && !hung;
    if (works || ms > within) {
      tell("tried", { step, works, ms });
      return works;
    }
    await new Promise((again) => setTimeout(again, 250));
  }
}

/** Writes values until none fits any more. */
async function fill(records, step, kept) {
  for (const size of SIZES) {
    for (let place = 0; place < MOST; place++) {
      const key = `${step}/${size}/${place}`;
      const { error, hung } = await attempt(step, () => records.set(key, valueOf(key)));
      if (error || hung) {
        kept.set(key, hung || UNKNOWN.includes(error.code) ? "unknown" : "absent");
        break;
      }
      kept.set(key, "there");
    }
  }
}

/** Names what is not as it has to be. */
async function wrong(records, kept) {
  const found = [];
  for (const [key, state] of kept) {
    if (state === "unknown") continue;
    const value = await records.get(key);
    if (state === "there" ? value !== valueOf(key) : value !== undefined) found.push(`${key} ought to be ${state}`);
  }
  return found;
}

async function look(step, db, series, kept) {
  await attempt(step, async () => {
    const found = await wrong(db.dataStore(), kept);
    tell("looked", { step, wrong: found, seen: await inspect(db, series) });
  });
}

export default async (parameters) => {
  const { series } = parameters;
  const db = await openDatabase(parameters);
  const records = db.dataStore();
  const again = await ask("opened");
  if (again) {
    await look("look after a restart", db, series, new Map(again));
    return tell("done");
  }
  const kept = new Map();
  for (let number = 1; number <= OLD_BATCHES; number++) await records.setMany(batchOf(series, number));
  await db.flush();
  tell("acknowledged", { number: OLD_BATCHES, count: OLD_BATCHES });

  await fill(records, "fill", kept);
  await look("look while full", db, series, kept);
  const filled = [...kept.keys()].filter((key) => kept.get(key) === "there");
  const half = filled.slice(0, filled.length / 2);
  if (await untilItWorks("delete", SOON_MS, () => records.deleteMany(half))) {
    for (const key of half) kept.set(key, "absent");
    const small = "after deletes/1000/0";
    const works = await untilItWorks("write after deletes", AGAIN_MS, () => records.set(small, valueOf(small)));
    if (works) kept.set(small, "there");
  }
  await look("look after deletes", db, series, kept);

  await fill(records, "fill again", kept);
  await ask("full");
  if (await untilItWorks("delete after room", AGAIN_MS, () => records.deleteMany(half))) {
    for (const key of half) kept.set(key, "absent");
  }
  for (const size of SIZES) {
    const key = `after room/${size}/0`;
    const works = await untilItWorks("write after room", AGAIN_MS, () => records.set(key, valueOf(key)));
    if (works) kept.set(key, "there");
  }
  await untilItWorks("flush", AGAIN_MS, () => db.flush());
  await look("look after room", db, series, kept);
  tell("done", { kept: [...kept] });
};
