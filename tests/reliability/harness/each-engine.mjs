// The frame of every driver: the same tests for each engine, its figures gathered for the report.

import { after, before, describe } from "node:test";
import { report } from "../../../scripts/report.mjs";
import { Browser } from "../engines/browser.mjs";
import { ENGINES } from "../engines/index.mjs";
import { servePages } from "./pages.mjs";

/** How often something is done: what the environment says, or else `fallback`. Not doing it at all would prove nothing. */
export function rounds(name, fallback) {
  const count = Number(process.env[name] ?? fallback);
  if (!(Number.isInteger(count) && count > 0)) throw new Error(`${name} has to be a whole number from 1`);
  return count;
}

/**
 * @param {object} options
 * @param {string} options.section Of docs/reliability.md, written at the end where REPORT=1.
 * @param {string} options.says What the report tells before its table.
 * @param {string[]} options.columns Of the table, behind the one that names the engine.
 * @param {number} options.timeout Of all tests of one engine.
 * @param {() => string | null} [options.missing] Why none of it can run here, or null.
 * @param {(engine: object) => boolean} [options.only] The engines that it is for.
 * @param {(frame: object) => void} tests Called for each engine, within its suite.
 */
export function eachEngine({ section, says, columns, timeout, missing = () => null, only = () => true }, tests) {
  const rows = [];
  const engines = ENGINES.filter(only);
  let unfinished = 0;

  for (const engine of engines) {
    const reason = missing() ?? engine.missing();
    if (reason) {
      console.log(`# ${engine.label} is skipped: ${reason}`);
      rows.push([engine.label, `skipped: ${reason}`, ...columns.slice(1).map(() => ""), "**no**"]);
    }
    if (!reason) unfinished++;
    describe(engine.label, { timeout, skip: reason ?? false }, () => {
      const browsers = [];
      let name = engine.label;
      const frame = { engine };
      /** Does what a test does, and notes its figures, whether or not it fails. */
      frame.measure = async (figures, body) => {
        let passed = "**no**";
        try {
          await body();
          passed = "yes";
        } finally {
          rows.push([name, ...figures(), passed]);
        }
      };
      before(async () => {
        name = `${engine.label} (${await engine.version()})`;
        frame.pages = await servePages();
      });
      after(async () => {
        for (const browser of browsers) await browser.remove();
        await frame.pages?.close();
      });
      frame.newBrowser = async () => {
        const browser = await Browser.create(engine);
        browsers.push(browser);
        return browser;
      };
      tests(frame);
      after(() => {
        unfinished--;
        if (unfinished === 0) write(section, says, [...columns, "passed"], rows);
      });
    });
  }
}

function write(section, says, columns, rows) {
  const table = [["engine", ...columns], Array(columns.length + 1).fill("---"), ...rows];
  const lines = table.map((row) => `| ${row.join(" | ")} |`);
  const text = [`Measured on ${new Date().toISOString().slice(0, 10)}. ${says}`, "", ...lines].join("\n");
  console.log(text);
  if (process.env.REPORT !== "1") return;
  // What was measured of the others is not thrown away.
  if (process.env.ENGINES) throw new Error("the report needs all engines: leave ENGINES out");
  report(section, text);
}
