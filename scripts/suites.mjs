// Writes how many tests of the suites on IndexedDB passed in each engine into docs/reliability.md. scripts/test.sh runs it:
// node scripts/suites.mjs COUNTS ENGINE=VERSION…
//
// COUNTS has a line for each suite, its name and how many passed. The name ends with the engine, where that is not Chromium.

import { readFileSync } from "node:fs";
import { report } from "./report.mjs";

const ENGINES = {
  chromium: (version) => `Chromium ${version}, LevelDB`,
  sqlite: (version) => `Chromium ${version}, SQLite`,
  firefox: (version) => `Firefox ${version}`,
  webkit: (version) => `WebKitGTK ${version}`,
};
const SUITES = { page: "in a page", worker: "in a dedicated worker" };

const [file, ...versions] = process.argv.slice(2);
const lines = readFileSync(file, "utf8").trim().split("\n");
const counts = new Map(lines.map((line) => line.split(" ")));
const engines = versions.map((text) => {
  const [engine, version] = text.split("=");
  return { engine, title: ENGINES[engine](/\d[\w.]*/.exec(version)[0]) };
});

function passed(suite, engine) {
  const name = engine === "chromium" ? suite : `${suite}-${engine}`;
  if (!counts.has(name)) throw new Error(`${name} has not run`);
  return counts.get(name);
}

const row = (cells) => `| ${cells.join(" | ")} |`;
report(
  "suites",
  [
    `Tests of \`src/conformance\` that passed on ${new Date().toISOString().slice(0, 10)}; none failed. \`scripts/test.sh --engines\` runs them.`,
    "",
    row(["", ...engines.map(({ title }) => title)]),
    row(["---", ...engines.map(() => "---:")]),
    ...Object.entries(SUITES).map(([suite, title]) => row([title, ...engines.map(({ engine }) => passed(suite, engine))])),
    "",
    "Where a driver starts WebKitGTK, it keeps IndexedDB in memory.",
  ].join("\n"),
);
