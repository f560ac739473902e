// This package, all four stores.

let ads;
let hasCallLimit = false;
/** What the store may take for opening, and for a call of the browser. */
const OPEN_MS = 1_000;
const CALL_MS = 1_500;
/** Where a kind of fault is slower than that. */
const PATIENT_MS = 30_000;

export async function load() {
  ads = await import("/pkg/agent_datastore.js");
  await ads.default();
  hasCallLimit = (await (await fetch("/pkg/agent_datastore.d.ts")).text()).includes("callTimeoutMs");
  if (!hasCallLimit) hurry();
}

let callMs = CALL_MS;

/** A package without the option waits for half a minute. */
function hurry() {
  const set = globalThis.setTimeout;
  globalThis.setTimeout = (call, delay, ...rest) => set(call, delay === PATIENT_MS ? callMs : delay, ...rest);
}

function storesOf(db) {
  return {
    db,
    data: db.dataStore(),
    tracked: db.dataStore({ namespace: "tracked", trackAccess: true }),
    chats: db.messageStore(),
    snaps: db.snapshotStore({ history: 9, onError() {} }),
    sessions: db.sessions(),
  };
}

export const ours = {
  isTyped: true,
  async open(name, { isPatient = false, ...options } = {}) {
    callMs = isPatient ? PATIENT_MS : CALL_MS;
    const limit = hasCallLimit ? { callTimeoutMs: callMs } : {};
    const openTimeoutMs = isPatient ? PATIENT_MS : OPEN_MS;
    const db = await ads.open({ name, user: "ada", agent: "planner", openTimeoutMs, ...limit, ...options });
    return storesOf(db);
  },
  /** What the script needs to be there before it begins. */
  async prepare(name, script) {
    if (!script.prepare) return;
    const c = await this.open(name, { isPatient: true });
    await script.prepare(c);
    await c.db.close();
  },
  refresh: ({ db }) => db.refresh(),
  close: ({ db }) => db.close(),
  damageOf: async ({ db }) => (await db.verify()).damage,
  reference: {
    async open() {
      return storesOf(await ads.open({ backend: "memory", user: "ada", agent: "planner" }));
    },
    end: ({ db }) => db.close(),
  },
};
