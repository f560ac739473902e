// Every store is loaded only in the pages that measure it.
export const STORES = {
  "raw IndexedDB": () => import("./raw.js"),
  idb: () => import("./idb.js"),
  "idb-keyval": () => import("./idb-keyval.js"),
  Dexie: () => import("./dexie.js"),
  localForage: () => import("./localforage.js"),
  PouchDB: () => import("./pouchdb.js"),
  RxDB: () => import("./rxdb.js"),
  "SQLite OPFS": () => import("./sqlite.js"),
  "agent-datastore": () => import("./agent-datastore.js"),
};
