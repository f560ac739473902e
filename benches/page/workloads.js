// What is timed. Each function gives its samples in milliseconds, and throws if the store gave or kept anything wrong.
import { MESSAGES_PER_CHAT, entriesFrom, keyOf, picksOf, prefixOf } from "./messages.js";
import { openDatabase, openFloor } from "./stores/raw.js";
import { check, checkKeys, checkMessages } from "./verify.js";
import { repeated, timed } from "./timing.js";

const COUNT = 5000;
const REPEATS = 3;
/** The chats that are listed, and the one that is deleted: 500 of the 5,000 each. */
const LISTED = [2, 5, 8, 3];
const DELETED = 7;
/** Where the writes of single messages begin, after the bulk. */
const AWAITED = 20_000;
const CONCURRENT = 30_000;
const WARM_UP = 40_000;

const range = (start, count) => Array.from({ length: count }, (_, at) => start + at);
const inChat = (chat) => range(chat * MESSAGES_PER_CHAT, MESSAGES_PER_CHAT);
const notDeleted = range(0, COUNT).filter((n) => !inChat(DELETED).includes(n));

async function awaitedGets(store, keys) {
  const values = [];
  for (const key of keys) values.push(await store.get(key));
  return values;
}

/** Reads other messages each time, so that no store answers from the memory of a question instead of its data. */
const gets = (seed, count, read) => async (store, plain) => {
  const picks = range(seed, 1 + REPEATS).map((one) => picksOf(one, count, COUNT));
  return repeated(
    picks.map((numbers) => {
      const keys = numbers.map(keyOf);
      return () => read(store, keys);
    }),
    (values, at) => checkMessages(picks[at], values, plain, true),
  );
};

/** The first reads of a page, so there is nothing to warm up and nothing to repeat. */
async function coldGets(store, plain) {
  const picks = picksOf(1, 500, COUNT);
  const keys = picks.map(keyOf);
  const { ms, result } = await timed(() => awaitedGets(store, keys));
  checkMessages(picks, result, plain, true);
  return [ms];
}

/** Writes single messages, and reads them back afterwards. A few before, untimed, warm the path up. */
async function sets(store, plain, start, count, write) {
  const before = entriesFrom(WARM_UP + start, 10);
  for (const [key, value] of before) await store.set(key, value);
  const entries = entriesFrom(start, count);
  const { ms } = await timed(() => write(entries));
  checkMessages(range(start, count), await store.getMany(entries.map(([key]) => key)), plain, true);
  return [ms];
}

export const workloads = {
  async "set-many"(store, plain) {
    const entries = entriesFrom(0, COUNT);
    const { ms } = await timed(() => store.setMany(entries));
    checkMessages(range(0, COUNT), await store.readAll(), plain);
    return [ms];
  },

  "sets-awaited": (store, plain) =>
    sets(store, plain, AWAITED, 200, async (entries) => {
      for (const [key, value] of entries) await store.set(key, value);
    }),

  "sets-concurrent": (store, plain) =>
    sets(store, plain, CONCURRENT, 500, (entries) => Promise.all(entries.map(([key, value]) => store.set(key, value)))),

  "gets-cold": coldGets,
  "gets-warm": gets(10, 500, awaitedGets),
  "gets-concurrent": gets(20, 1000, (store, keys) => Promise.all(keys.map((key) => store.get(key)))),
  "get-many": gets(30, 1000, (store, keys) => store.getMany(keys)),

  "list-keys": (store) =>
    repeated(
      LISTED.map((chat) => () => store.listKeys(prefixOf(chat))),
      (keys, at) => checkKeys(inChat(LISTED[at]).map(keyOf), keys),
    ),

  /** RxDB answers the same query again from its cache; that is what an application sees of it, so it stays. */
  "read-all": (store, plain) =>
    repeated(
      Array.from({ length: 1 + REPEATS }, () => () => store.readAll()),
      (values) => checkMessages(range(0, COUNT), values, plain),
    ),

  async "delete-prefix"(store, plain) {
    const { ms } = await timed(() => store.deletePrefix(prefixOf(DELETED)));
    checkKeys([], await store.listKeys(prefixOf(DELETED)));
    checkMessages(notDeleted, await store.readAll(), plain);
    return [ms];
  },

  /** Not of a store: all messages as one record, with the time that their JSON text takes. */
  "floor-text": (_store, _plain, durability) => floor(durability, (messages) => JSON.stringify(messages)),
  "floor-bytes": (_store, _plain, durability) =>
    floor(durability, (messages) => new TextEncoder().encode(JSON.stringify(messages))),
};

async function floor(durability, encode) {
  const messages = entriesFrom(0, COUNT).map(([, value]) => value);
  const name = `floor-${crypto.randomUUID()}`;
  (await openDatabase(name)).close();
  const { put, get, close } = await openFloor(name, durability);
  const samples = [];
  for (const key of ["warm-up", "first", "second", "third"]) {
    const { ms } = await timed(() => put(key, encode(messages)));
    check((await get(key)).length === encode(messages).length, "the one record is not whole");
    if (key !== "warm-up") samples.push(ms);
  }
  close();
  return samples;
}

/** Fills a store for the times of opening. */
export async function fill(store, from, to) {
  for (let start = from; start < to; start += 2500) await store.setMany(entriesFrom(start, Math.min(2500, to - start)));
}

/** Readies the code, in a database of its own: as often as a second allows, so that every engine has compiled what it will. */
export async function warmUp(store) {
  const until = performance.now() + 1000;
  for (let round = 0; round < 10 && performance.now() < until; round++) {
    const start = round * 1000;
    await store.setMany(entriesFrom(start, 400));
    await store.setMany(entriesFrom(start + 400, 400));
    for (const [key, value] of entriesFrom(start + 800, 20)) await store.set(key, value);
    await Promise.all(entriesFrom(start + 900, 50).map(([key, value]) => store.set(key, value)));
    for (const n of range(start, 50)) await store.get(keyOf(n));
    await Promise.all(range(start, 50).map((n) => store.get(keyOf(n))));
    await store.getMany(range(start, 100).map(keyOf));
    await store.listKeys(prefixOf(start / MESSAGES_PER_CHAT));
    await store.readAll();
    await store.deletePrefix(prefixOf(start / MESSAGES_PER_CHAT));
  }
}

/** That what was written is still there in another page. */
export async function checkKept(store, plain, written) {
  const numbers = [...notDeleted];
  if (written.includes("sets-awaited")) numbers.push(...range(AWAITED, 200), ...range(WARM_UP + AWAITED, 10));
  if (written.includes("sets-concurrent")) numbers.push(...range(CONCURRENT, 500), ...range(WARM_UP + CONCURRENT, 10));
  checkMessages(written.includes("delete-prefix") ? numbers : [...numbers, ...inChat(DELETED)], await store.readAll(), plain);
}
