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
export function summary(made, { ours, same, version }) {
  const own = made.filter(({ target }) => target === ours);
  const kinds = [...new Set(made.map(({ kind }) => kind))];
  const of = (runs, kind) => runs.filter((run) => run.kind === kind);
  const scripts = [...new Set(own.map(({ script }) => script))];
  const operations = own.reduce((sum, { calls }) => sum + calls, 0);
  const others = [...new Set(made.map(({ target }) => target))].filter((target) => target !== ours);
  const compared = (target) => made.filter((run) => run.target === target);
  return `${new Date().toISOString().slice(0, 10)}, Chromium ${version}: ${many(own.length)} runs with a fault, ${many(operations)} calls of the stores, in ${scripts.length} scripts
(${scripts.join(", ")}). Written by \`SWEEP=full REPORT=1 node --test tests/sweep/sweep.test.mjs\`.

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
made; in one run it may be several things. A promise that has not settled after three seconds (this package's: six) counts as one that never does.

${table(
  ["fault", ...others.map((target) => (target === same ? "this package" : target))],
  [...kinds.map((kind) => [kind, ...others.map((target) => cell(of(compared(target), kind)))]), ["all", ...others.map((target) => cell(compared(target)))]],
)}`;
}
