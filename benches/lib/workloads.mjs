// Every row of the result: its name in the JSON file, what it says to people, and where it is measured.
// Reads are measured on a database that was opened relaxed.

export const OURS = "agent-datastore";
export const RAW = "raw IndexedDB";
export const DEXIE = "Dexie";
export const SQLITE = "SQLite OPFS";
const IDB = "idb";
const RXDB = "RxDB";

export const STORES = [RAW, IDB, "idb-keyval", DEXIE, "localForage", "PouchDB", RXDB, SQLITE, OURS];

/** These libraries offer no choice; what they do is IndexedDB's default, which is relaxed. */
export const RELAXED_ONLY = ["localForage", "PouchDB"];

/** Who is filled with 100,000 records; the others take minutes. */
export const LARGE = [RAW, DEXIE, SQLITE, OURS];

/** Who keeps conversations; by hand that is one record a conversation, as the original writes one file each. */
export const CHATS = [RAW, DEXIE, OURS];

/** Who finds records by what is in them, who counts in one transaction, and who tells other tabs of changes. */
export const FINDERS = [DEXIE, RXDB, OURS];
export const COUNTERS = [IDB, DEXIE, OURS];
export const NOTICERS = [DEXIE, RXDB, OURS];

/** How many runs an agent's session has that is measured. Nobody else keeps any. */
const SESSION_RUNS = [100, 1_000];
const SESSION_STEPS = { run: "a run of 20 models after", rewind: "rewind of the last of", open: "reopening with", list: "listing" };
const sessionRow = (step, count) => ({
  id: `session-${step}-${count}`,
  label: `${SESSION_STEPS[step]} ${count.toLocaleString("en")} runs`,
  durabilities: ["relaxed"],
});

const both = ["relaxed", "strict"];
const relaxed = ["relaxed"];

export const WORKLOADS = [
  { id: "set-many", label: "setMany of 5,000", durabilities: both },
  { id: "sets-awaited", label: "200 awaited sets", durabilities: both },
  { id: "sets-concurrent", label: "500 concurrent sets", durabilities: both },
  { id: "delete-prefix", label: "delete by prefix (500)", durabilities: both },
  { id: "gets-cold", label: "500 awaited gets, cold", durabilities: relaxed },
  { id: "gets-warm", label: "500 awaited gets, warm", durabilities: relaxed },
  { id: "gets-concurrent", label: "1,000 concurrent gets", durabilities: relaxed },
  { id: "get-many", label: "getMany of 1,000", durabilities: relaxed },
  { id: "list-keys", label: "listKeys by prefix (500 of 5,000)", durabilities: relaxed },
  { id: "read-all", label: "read all 5,000", durabilities: relaxed },
  { id: "open-empty", label: "open + first get, empty", durabilities: relaxed },
  { id: "open-10k", label: "open + first get, 10,000 records", durabilities: relaxed },
  { id: "open-100k", label: "open + first get, 100,000 records", durabilities: relaxed },
  { id: "load-open-10k", label: "load code + open + first get, 10,000", durabilities: relaxed },
  { id: "chat-append", label: "10 messages appended to 50,000", durabilities: relaxed },
  { id: "chat-newest", label: "newest 50 of 50,000 messages", durabilities: relaxed },
  { id: "chat-search", label: "search in 100,000 messages", durabilities: relaxed },
  { id: "find-filter", label: "find by two fields among 100,000, no index", durabilities: relaxed },
  { id: "find-order", label: "find the first 20 of 100,000 in order, no index", durabilities: relaxed },
  { id: "index-declare", label: "declare two indexes over 100,000", durabilities: relaxed },
  { id: "find-range-cold", label: "find 200 among 100,000 by an index, cold", durabilities: relaxed },
  { id: "find-range", label: "find 200 among 100,000 by an index, warm", durabilities: relaxed },
  { id: "find-page", label: "find the first 20 of 25,000 in order by an index, warm", durabilities: relaxed },
  { id: "updates-concurrent", label: "1,000 concurrent updates of a counter from two tabs", durabilities: relaxed },
  { id: "updates-awaited", label: "1,000 awaited updates of a counter from two tabs", durabilities: relaxed },
  { id: "notice", label: "notice of a change in another tab", durabilities: relaxed },
  ...["run", "rewind", "open", "list"].flatMap((step) => SESSION_RUNS.map((count) => sessionRow(step, count))),
  { id: "floor-text", label: "floor: one put of all as JSON text", durabilities: both, floor: true },
  { id: "floor-bytes", label: "floor: one put of all as JSON bytes", durabilities: both, floor: true },
];

export const SIZES = [
  { id: "disk", label: "bytes on disk, 5,000 messages" },
  { id: "memory-js", label: "JavaScript heap after read all" },
  { id: "memory-wasm", label: "WebAssembly memory after read all" },
];

export const FLOORS = WORKLOADS.filter(({ floor }) => floor).map(({ id }) => id);

export const SESSION_ROWS = WORKLOADS.filter(({ id }) => id.startsWith("session-")).map(({ id }) => id);

export const IDS = [...WORKLOADS, ...SIZES].map(({ id }) => id);
