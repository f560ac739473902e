// Pages that write the same keys.

import { refresh, store } from "./databases.mjs";

const SHARED = Array.from({ length: 10 }, (_, place) => `shared/${place}`);
const ownKeys = (page) => Array.from({ length: 10 }, (_, place) => `own ${page}/${place}`);

/** The values of some keys in one consistent read, each named once. */
async function valuesOf(records, keys) {
  const found = await records.getMany(keys);
  return [...new Set(keys.map((key) => found.get(key) ?? null))];
}

/**
 * Writes batches of keys that other pages write too, and of keys that nobody else does, and reads both back at once.
 * Returns what must not be.
 */
export async function writeAndReadBack(name, page, rounds) {
  const records = await store(name);
  const broken = [];
  for (let round = 1; round <= rounds; round++) {
    const mark = `${page} ${round}`;
    const batch = (keys) => records.setMany(keys.map((key) => [key, mark]), { metadata: { mark } });
    await Promise.all([batch(ownKeys(page)), batch(SHARED)]);
    const [own, shared] = await Promise.all([valuesOf(records, ownKeys(page)), valuesOf(records, SHARED)]);
    if (own.length !== 1 || own[0] !== mark) broken.push(`${mark}: its own records are ${JSON.stringify(own)}`);
    const [by, last] = String(shared[0]).split(" ");
    const older = by === page && Number(last) < round;
    if (shared.length !== 1 || older) broken.push(`${mark}: the shared records are ${JSON.stringify(shared)}`);
  }
  return broken;
}

/** What this page sees of that: one mark each where every batch is whole. */
export async function marks(name, pages) {
  await refresh(name);
  const records = await store(name);
  const own = await Promise.all(pages.map((page) => valuesOf(records, ownKeys(page))));
  return { own, shared: await valuesOf(records, SHARED) };
}

let watching;

/** Reads the shared keys until told otherwise. Returns how often, and every read that showed half a batch. */
export async function watchShared(name) {
  const records = await store(name);
  watching = { go: true, reads: 0, broken: [] };
  for (; watching.go; watching.reads++) {
    const seen = await valuesOf(records, SHARED);
    if (seen.length !== 1) watching.broken.push(seen);
    // Reads from memory alone never let anything else happen, such as hearing of others' commits.
    await new Promise((go) => setTimeout(go));
  }
  return { reads: watching.reads, broken: watching.broken.slice(0, 5) };
}

export function stopWatching() {
  watching.go = false;
}
