import { parseArgs } from "node:util";
import { IDS, STORES } from "./workloads.mjs";

export const USAGE = `usage: scripts/bench.sh [options]
  --rounds N          rounds, default 5; every round begins with another store
  --quick             one round, and no database of 100,000 records
  --only A,B          only these stores: ${STORES.join(", ")}
  --workload A,B      only these: ${IDS.join(", ")}
  --sqlite-idb        Chromium with IndexedDB on SQLite (--enable-features=IdbSqliteBackingStore)
  --json FILE         writes the results
  --no-build          takes the package that is there`;

function chosen(text, all, what) {
  if (text === undefined) return all;
  const wanted = text.split(",").map((name) => name.trim().toLowerCase());
  const unknown = wanted.filter((name) => !all.some((one) => one.toLowerCase() === name));
  if (unknown.length > 0) throw new Error(`no ${what} is called ${unknown.join(", ")}; there are ${all.join(", ")}`);
  return all.filter((one) => wanted.includes(one.toLowerCase()));
}

export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      workload: { type: "string" },
      "sqlite-idb": { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds has to be a whole number from 1 on, not ${values.rounds}`);
  return {
    rounds,
    quick: values.quick,
    stores: chosen(values.only, STORES, "store"),
    workloads: chosen(values.workload, IDS, "workload"),
    sqliteIdb: values["sqlite-idb"],
    json: values.json,
    help: values.help,
  };
}
