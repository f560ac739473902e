import { Results } from "./results.mjs";
import { ratio } from "./stats.mjs";
import { table } from "./table.mjs";
import { DEXIE, OURS, SIZES, WORKLOADS } from "./workloads.mjs";

const ms = (value) => (value === undefined ? "–" : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const mib = (value) => (value === undefined ? "–" : (value / 2 ** 20).toFixed(2));
const times = (value) => (!value ? "–" : `${value.toFixed(value >= 100 ? 0 : value < 0.1 ? 3 : 2)}x`);

function line(results, label, id, durability, stores, write) {
  const values = stores.map((store) => results.value(id, durability, store));
  const ours = results.ours(id, durability);
  const best = results.fastestPeer(id, durability);
  return [
    label,
    ...values.map(write),
    times(ratio(results.value(id, durability, DEXIE), ours)),
    ours === undefined || !best ? "–" : `${times(ratio(best.value, ours))} ${best.store}`,
  ];
}

/** What a run prints: times, sizes, and how we stand against the targets. */
export function renderReport(measured, stores) {
  const results = new Results(measured);
  const columns = [...stores.filter((store) => store !== OURS), ...stores.filter((store) => store === OURS)];
  const head = (unit) => [unit, ...columns, `us to ${DEXIE}`, "us to fastest peer"];
  const present = (id, durability) => results.all.some((one) => one.workload === id && one.durability === durability);
  const rows = WORKLOADS.flatMap(({ id, label, durabilities }) =>
    durabilities
      .filter((durability) => present(id, durability))
      .map((durability) => {
        const named = durabilities.length > 1 ? `${label}, ${durability}` : label;
        return line(results, named, id, durability, columns, ms);
      }),
  );
  const sizes = SIZES.filter(({ id }) => present(id, "relaxed")).map(({ id, label }) => line(results, label, id, "relaxed", columns, mib));
  const verdicts = measured.targets.map(({ target, actual, met }) => [
    met === null ? "?     " : met ? "met   " : "MISSED",
    `${target}: ${actual}`,
  ]);
  const { machine, versions } = measured;
  return [
    "",
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}`,
    Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(", "),
    `IndexedDB on ${measured.indexedDbOnSqlite ? "SQLite" : "LevelDB"}; medians of ${measured.rounds} rounds; a ratio over 1 is in our favour`,
    "",
    ...(rows.length > 0 ? [...table(head("milliseconds"), rows), ""] : []),
    ...(sizes.length > 0 ? [...table(head("MiB"), sizes), ""] : []),
    "targets",
    ...verdicts.map(([verdict, text]) => `  ${verdict}  ${text}`),
  ].join("\n");
}
