// IndexedDB by hand, one record a key, as well as it can be done: no read before a write, one transaction a call, an
// explicit commit, ranges instead of scans. What it acknowledges is on `complete`, as every store here promises.

const TABLE = "messages";
const done = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
export const rangeOf = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`, false, true);

export async function load() {}

export function openDatabase(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return answer(request);
}

export async function open(name, durability) {
  const db = await openDatabase(name);
  const reading = () => db.transaction(TABLE, "readonly").objectStore(TABLE);
  const write = (requests) => {
    const transaction = db.transaction(TABLE, "readwrite", { durability });
    requests(transaction.objectStore(TABLE));
    transaction.commit();
    return done(transaction);
  };
  return {
    set: (key, value) => write((table) => table.put(value, key)),
    setMany: (entries) => write((table) => entries.forEach(([key, value]) => table.put(value, key))),
    get: (key) => answer(reading().get(key)),
    getMany: (keys) => {
      const table = reading();
      return new Promise((resolve, reject) => {
        const values = new Array(keys.length);
        table.transaction.oncomplete = () => resolve(values);
        table.transaction.onabort = () => reject(table.transaction.error);
        keys.forEach((key, at) => (table.get(key).onsuccess = (event) => (values[at] = event.target.result)));
      });
    },
    listKeys: (prefix) => answer(reading().getAllKeys(rangeOf(prefix))),
    readAll: () => answer(reading().getAll()),
    deletePrefix: (prefix) => write((table) => table.delete(rangeOf(prefix))),
    close: async () => db.close(),
  };
}

/** Everything in one record: what no store that keeps its promise can be faster than by much. */
export async function openFloor(name, durability) {
  const db = await openDatabase(name);
  return {
    put(key, value) {
      const transaction = db.transaction(TABLE, "readwrite", { durability });
      transaction.objectStore(TABLE).put(value, key);
      transaction.commit();
      return done(transaction);
    },
    get: (key) => answer(db.transaction(TABLE, "readonly").objectStore(TABLE).get(key)),
    close: () => db.close(),
  };
}
