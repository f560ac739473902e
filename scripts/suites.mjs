// Writes how many tests of each suite passed in each engine into docs/reliability.md; scripts/test.sh --full runs it:
// node scripts/suites.mjs COUNTS ENGINE=VERSION…
//
// COUNTS has a line for each suite, `NAME PASSED`. A suite's name ends with its engine; without one it ran in Chromium.

import { readFileSync } from "node:fs";
import { report } from "./report.mjs";

const NAMES = {
  chromium: "Chromium, LevelDB",
  sqlite: "Chromium, SQLite",
  firefox: "Firefox",
  webkit: "WebKitGTK",
};
/** Suites that do not run the package in a browser. */
const ELSEWHERE = /^(native|native-tiny|node|types|engines|.*-node)$/;

const [counts, ...versions] = process.argv.slice(2);
const engines = versions.map((text) => {
  const [engine, version] = text.split("=");
  return { engine, name: NAMES[engine], version: /\d[\w.]*/.exec(version)[0] };
});

const rows = new Map();
for (const line of readFileSync(counts, "utf8").trim().split("\n")) {
  const [name, passed] = line.split(" ");
  if (ELSEWHERE.test(name)) continue;
  const [, suite, engine = "chromium"] = /^(.+?)(?:-(chromium|sqlite|firefox|webkit))?$/.exec(name);
  if (!rows.has(suite)) rows.set(suite, {});
  rows.get(suite)[engine] = passed;
}

const row = (cells) => `| ${cells.join(" | ")} |`;
report(
  "suites",
  [
    `Tests that passed on ${new Date().toISOString().slice(0, 10)}, by \`scripts/test.sh --full\`:`,
    "",
    row(["suite", ...engines.map(({ name, version }) => `${name} (${version})`)]),
    row(["---", ...engines.map(() => "---:")]),
    ...[...rows].map(([suite, passed]) => row([`\`${suite}\``, ...engines.map(({ engine }) => passed[engine] ?? "–")])),
  ].join("\n"),
);
