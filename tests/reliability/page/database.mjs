import load, { open } from "/pkg/agent_datastore.js";
import { lookAt } from "/series/batches.mjs";

await load();

/** What an error says, as far as it can be sent. */
export const described = (error) => ({
  code: error?.code ?? null,
  message: String(error?.message ?? error),
  cause: error?.cause === undefined ? null : String(error.cause),
});

/** What the database has told by itself. */
export const events = [];

export function openDatabase({ name, durability = "relaxed" }) {
  const onEvent = (event) => {
    events.push(event);
    globalThis.heard?.(event);
  };
  return open({ name, durability, openTimeoutMs: 30_000, onEvent });
}

/** Everything there is to know about a series and the database it lies in. */
export async function inspect(db, series) {
  const records = db.dataStore();
  const seen = { last: 0, broken: [], unreadable: null };
  try {
    Object.assign(seen, await lookAt(records, series));
    // Nobody writes while this page looks.
    if (seen.latest > seen.last) seen.broken.push(`batches ${seen.last + 1} to ${seen.latest} are missing`);
  } catch (error) {
    seen.unreadable = described(error);
  }
  const { damage } = await db.verify();
  return { ...seen, damage: damage.slice(0, 5), dataLoss: db.health().dataLoss ?? null, events };
}

/** Opens a database and looks at a series in it. Null where it cannot be opened, which `report` is told. */
export async function openAndInspect(parameters, report) {
  let db;
  try {
    db = await openDatabase(parameters);
  } catch (error) {
    report("inspected", { refused: described(error), events });
    return null;
  }
  const seen = await inspect(db, parameters.series);
  report("inspected", seen);
  return { db, seen };
}
