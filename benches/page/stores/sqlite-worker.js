// SQLite in its worker, on the pool of synchronous file handles (opfs-sahpool): its fastest way to files, and one that needs
// no shared memory. Statements are prepared once; what writes more than one row is one transaction.
//
// relaxed is `synchronous = OFF`: a commit has reached the operating system, as it has with IndexedDB's relaxed.
// strict is `synchronous = FULL`: a commit waits for the disk.
import sqlite3InitModule from "@sqlite.org/sqlite-wasm";
import { wasmBytes } from "../wasm-memory.js";

let sqlite3;
let pool;
let db;
let statements;

function open(name, durability) {
  db = new pool.OpfsSAHPoolDb(`/${name}.sqlite3`);
  db.exec(`PRAGMA synchronous = ${durability === "strict" ? "FULL" : "OFF"}`);
  // A rollback journal that is emptied and not deleted is the cheapest that survives a crash of the browser.
  db.exec("PRAGMA journal_mode = TRUNCATE; PRAGMA locking_mode = EXCLUSIVE");
  db.exec("CREATE TABLE IF NOT EXISTS messages (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)");
  statements = {
    put: db.prepare("INSERT INTO messages VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
    get: db.prepare("SELECT value FROM messages WHERE key = ?"),
    keys: db.prepare("SELECT key FROM messages WHERE key >= ? AND key < ? ORDER BY key"),
    all: db.prepare("SELECT value FROM messages ORDER BY key"),
    remove: db.prepare("DELETE FROM messages WHERE key >= ? AND key < ?"),
  };
}

const run = (statement, values) => statement.bind(values).stepReset();

function first(statement, values) {
  statement.bind(values);
  const found = statement.step() ? statement.get(0) : undefined;
  statement.reset();
  return found;
}

function column(statement, values) {
  if (values) statement.bind(values);
  const found = [];
  while (statement.step()) found.push(statement.get(0));
  statement.reset();
  return found;
}

const operations = {
  async load() {
    // The other two ways to OPFS would start a worker each and are not used here.
    globalThis.sqlite3ApiConfig = { disable: { vfs: { opfs: true, "opfs-vfs": true, "opfs-wl": true } } };
    sqlite3 = await sqlite3InitModule();
  },
  async open(name, durability) {
    if (pool) await pool.unpauseVfs();
    else pool = await sqlite3.installOpfsSAHPoolVfs({});
    // Room for the databases of warming up and for their journals, beside the one that is measured.
    if (name !== "bench") await pool.reserveMinimumCapacity(12);
    open(name, durability);
  },
  wasmBytes,
  set: (key, text) => void run(statements.put, [key, text]),
  setMany: (entries) => void db.transaction(() => entries.forEach((entry) => run(statements.put, entry))),
  get: (key) => first(statements.get, [key]),
  getMany: (keys) => keys.map((key) => first(statements.get, [key])),
  listKeys: (prefix) => column(statements.keys, [prefix, `${prefix}\uffff`]),
  readAll: () => column(statements.all),
  deletePrefix: (prefix) => void run(statements.remove, [prefix, `${prefix}\uffff`]),
  close() {
    for (const statement of Object.values(statements)) statement.finalize();
    db.close();
    // Gives the file handles back, so that the next page finds them free.
    pool.pauseVfs();
  },
};

// One after the other, in the order in which they came.
let turn = Promise.resolve();
onmessage = ({ data: { id, operation, args } }) => {
  turn = turn.then(async () => {
    try {
      postMessage({ id, result: await operations[operation](...args) });
    } catch (error) {
      postMessage({ id, error: String(error?.message ?? error) });
    }
  });
};
