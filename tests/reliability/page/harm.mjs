// Does to databases what must never happen by itself, so that a driver can see whether it would notice.

import { batchOf } from "/series/batches.mjs";
import { inspect, openDatabase } from "./database.mjs";
import { tell } from "./reports.mjs";

const BATCHES = 20;
const SERIES = "a";

const HARMS = {
  async "nothing"() {},
  /** As if the last batch had never been written. */
  async "last batch"(records) {
    await records.deleteMany(batchOf(SERIES, BATCHES).map(([key]) => key));
    await records.setMany(batchOf(SERIES, BATCHES - 1));
  },
  async "one record"(records) {
    const [[key]] = batchOf(SERIES, BATCHES / 2);
    await records.delete(key);
  },
  async "everything"(records) {
    await records.clear();
  },
};

export default async () => {
  for (const [harm, doIt] of Object.entries(HARMS)) {
    const db = await openDatabase({ name: `harm: ${harm}` });
    const records = db.dataStore();
    for (let number = 1; number <= BATCHES; number++) await records.setMany(batchOf(SERIES, number));
    await doIt(records);
    tell("harmed", { harm, acknowledged: BATCHES, seen: await inspect(db, SERIES) });
    await db.close();
  }
  tell("done");
};
