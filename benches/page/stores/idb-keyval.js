import { createStore, delMany, get, getMany, keys, promisifyRequest, set, setMany, values } from "idb-keyval";

const TABLE = "messages";

export async function load() {}

/** The library's own way to a store that it does not make itself, which is how its durability can be chosen. */
async function strictStore(name) {
  const request = indexedDB.open(name);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  const db = await promisifyRequest(request);
  return { db, use: async (mode, run) => run(db.transaction(TABLE, mode, { durability: "strict" }).objectStore(TABLE)) };
}

export async function open(name, durability) {
  const strict = durability === "strict" ? await strictStore(name) : undefined;
  const store = strict?.use ?? createStore(name, TABLE);
  // There are no ranges: all keys are read and chosen from.
  const listKeys = async (prefix) => (await keys(store)).filter((key) => key.startsWith(prefix));
  return {
    set: (key, value) => set(key, value, store),
    setMany: (entries) => setMany(entries, store),
    get: (key) => get(key, store),
    getMany: (wanted) => getMany(wanted, store),
    listKeys,
    readAll: () => values(store),
    deletePrefix: async (prefix) => delMany(await listKeys(prefix), store),
    close: async () => strict?.db.close(),
  };
}
