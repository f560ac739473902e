/** One bar: the median of a store in a row. */
export interface Bar {
  readonly store: string;
  readonly value: number;
  /** Not a store, but the least that any store could take. */
  readonly floor: boolean;
}

/** What was measured of every store in one way. */
export interface Row {
  readonly id: string;
  readonly label: string;
  readonly durability: string;
  readonly unit: "ms" | "bytes";
  readonly floor: boolean;
  readonly bars: readonly Bar[];
}

export interface Target {
  readonly text: string;
  /** `null` where it could not be judged. */
  readonly met: boolean | null;
}

/** A run of the benchmark. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly stores: readonly string[];
  readonly targets: readonly Target[];
  /** Names and values, for people. */
  readonly facts: readonly (readonly [string, string])[];
  readonly date: string;
  readonly rounds: number;
}

export const OURS = "agent-datastore";
const WITH_FLOOR = "set-many";
const MAX_ENTRIES = 5000;

type Fields = { readonly [name: string]: unknown };

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function fail(what: string): never {
  throw new Error(`This is not a result of the benchmark: ${what}.`);
}

function listOf(value: unknown, name: string): readonly Fields[] {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) fail(`${name} is not a list`);
  return value.map((one: unknown) => (isFields(one) ? one : fail(`${name} holds something else than objects`)));
}

function textOf(value: unknown, name: string): string {
  return typeof value === "string" ? value : fail(`${name} is not a text`);
}

function numberOf(value: unknown, name: string): number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : fail(`${name} is not a number from 0 on`);
}

interface Entry extends Bar {
  readonly workload: string;
  readonly durability: string;
  readonly unit: "ms" | "bytes";
}

const entryOf = (unit: "ms" | "bytes", field: string, list: string) => (fields: Fields): Entry => ({
  workload: textOf(fields["workload"], `a workload in ${list}`),
  durability: textOf(fields["durability"], `a durability in ${list}`),
  store: textOf(fields["store"], `a store in ${list}`),
  value: numberOf(fields[field], `a ${field}`),
  unit,
  floor: false,
});

function rowsOf(entries: readonly Entry[], named: readonly Fields[]): Row[] {
  const labels = new Map(named.map((fields) => [textOf(fields["id"], "an id"), fields]));
  const rows = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.workload, entry.durability]);
    rows.set(key, [...(rows.get(key) ?? []), entry]);
  }
  const found = [...rows.values()].flatMap((bars): Row[] => {
    const [first] = bars;
    if (!first) return [];
    const { workload: id, durability, unit } = first;
    const fields = labels.get(id);
    return [{ id, durability, unit, bars, label: fields ? textOf(fields["label"], "a label") : id, floor: fields?.["floor"] === true }];
  });
  const place = [...labels.keys()];
  const at = ({ id }: Row): number => (place.includes(id) ? place.indexOf(id) : place.length);
  return found.sort((a, b) => at(a) - at(b)).map((row) => withFloor(row, found));
}

/** The bulk write beside what one put of the same bytes takes. */
function withFloor(row: Row, rows: readonly Row[]): Row {
  if (row.id !== WITH_FLOOR) return row;
  const floors = rows.filter(({ floor, durability }) => floor && durability === row.durability);
  const extra = floors.flatMap(({ label, bars }) => bars.map(({ value }) => ({ store: label, value, floor: true })));
  return { ...row, bars: [...row.bars, ...extra] };
}

function factsOf(fields: Fields): [string, string][] {
  const { machine, versions, indexedDbOnSqlite } = fields;
  const plain = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";
  const listed = (value: unknown): [string, string][] =>
    isFields(value) ? Object.entries(value).flatMap(([name, one]) => (plain(one) ? [[name, String(one)]] : [])) : [];
  const words = new Map([
    ["cpu", "Processor"],
    ["cores", "Cores"],
    ["memoryGiB", "Memory in GiB"],
    ["os", "System"],
    ["loadBefore", "Processes a core before"],
    ["loadAfter", "Processes a core after"],
  ]);
  return [
    ...listed(machine).map(([name, value]): [string, string] => [words.get(name) ?? name, value]),
    ["IndexedDB on", indexedDbOnSqlite === true ? "SQLite" : "LevelDB"],
    ...listed(versions),
  ];
}

const targetOf = (fields: Fields): Target => ({
  text: `${textOf(fields["target"], "a target")}: ${textOf(fields["actual"], "a target")}`,
  met: typeof fields["met"] === "boolean" ? fields["met"] : null,
});

/** Reads a file of the benchmark; anyone may hand one in, so nothing in it is taken for granted. */
export function readMeasured(text: string): Measured {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    fail("it is not JSON");
  }
  if (!isFields(fields)) fail("it is not a JSON object");
  const entries = [
    ...listOf(fields["results"], "results").map(entryOf("ms", "medianMs", "results")),
    ...listOf(fields["sizes"] ?? [], "sizes").map(entryOf("bytes", "medianBytes", "sizes")),
  ];
  const stores = [...new Set(entries.map(({ store }) => store))];
  return {
    rows: rowsOf(entries, listOf(fields["workloads"] ?? [], "workloads")),
    stores: [...stores.filter((store) => store === OURS), ...stores.filter((store) => store !== OURS)],
    targets: listOf(fields["targets"] ?? [], "targets").map(targetOf),
    facts: factsOf(fields),
    date: typeof fields["date"] === "string" ? fields["date"] : "",
    rounds: typeof fields["rounds"] === "number" ? fields["rounds"] : 0,
  };
}
