// What came of the runs, as Markdown.

/** What can be wrong, in the order of the columns. */
const COLUMNS = [
  ["never settles", ["hung"]],
  ["dead afterwards", ["dead", "unreadable"]],
  ["acknowledged, lost", ["lost"]],
  ["half applied", ["torn", "damaged"]],
  ["done twice", ["doubled"]],
  ["rejected, but done", ["applied"]],
  ["otherwise wrong", ["wrong", "untyped", "uncaught", "held"]],
];

const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [row(head), row(head.map((_, place) => (place === 0 ? "---" : "---:"))), ...rows.map(row)].join("\n");
const many = (count) => count.toLocaleString("en-US");

/** In how many runs something of a column was wrong. */
const countOf = (runs, [, whats]) => runs.filter(({ problems }) => problems.some(([what]) => whats.includes(what))).length;

const counts = (runs) => COLUMNS.map((column) => countOf(runs, column));

/** The columns of one store's runs in one cell. */
function cell(runs) {
  if (runs.length === 0) return "–";
  const found = COLUMNS.map((column) => [countOf(runs, column), column[0]]).filter(([count]) => count > 0);
  return `${found.map(([count, name]) => `${count} ${name}`).join(", ") || "0"} of ${runs.length}`;
}

/** @param {object[]} made The runs. */
export function summary(made, { ours, same, version, every }) {
  const own = made.filter(({ target }) => target === ours);
  const kinds = [...new Set(made.map(({ kind }) => kind))];
  const of = (runs, kind) => runs.filter((run) => run.kind === kind);
  const scripts = [...new Set(own.map(({ script }) => script))];
  const operations = own.reduce((sum, { calls }) => sum + calls, 0);
  const others = [...new Set(made.map(({ target }) => target))].filter((target) => target !== ours);
  const compared = (target) => made.filter((run) => run.target === target);
  return `${new Date().toISOString().slice(0, 10)}, Chromium ${version}: ${many(own.length)} runs with a fault${every > 1 ? ` (at one of ${every} calls)` : ""}, ${many(operations)} calls of the stores, in ${scripts.length} scripts
(${scripts.join(", ")}). Written by \`SWEEP=full${every > 1 ? ` SWEEP_EVERY=${every}` : ""} REPORT=1 node --test tests/sweep/sweep.test.mjs\`.

Each run makes one call of IndexedDB fail, the first, the second and so on until there are no more, and then looks: did every promise settle; does the same object go
on, and a new one; is what was acknowledged there, once; is what was rejected there as a whole or in part. What is stored is compared with what the memory backend makes of the same
calls. A call that the store itself does not know the end of, and says so, may be there or not. "Done twice" counts appends and counters.

${table(
  ["fault", "runs", "calls rejected", ...COLUMNS.map(([name]) => name)],
  [
    ...kinds.map((kind) => {
      const runs = of(own, kind);
      return [kind, runs.length, runs.reduce((sum, { rejected }) => sum + rejected, 0), ...counts(runs)];
    }),
    ["all", many(own.length), many(own.reduce((sum, { rejected }) => sum + rejected, 0)), ...counts(own)],
  ],
)}

The same faults, and a script of what every key-value store has (idb-keyval 6.3.0, localForage 1.10.0, Dexie 4.4.7). Runs in which something was wrong, of those that were
made; in one run it may be several things. A promise that has not settled after three seconds (this package's: ten) counts as one that never does.

${table(
  ["fault", ...others.map((target) => (target === same ? "this package" : target))],
  [...kinds.map((kind) => [kind, ...others.map((target) => cell(of(compared(target), kind)))]), ["all", ...others.map((target) => cell(compared(target)))]],
)}`;
}
