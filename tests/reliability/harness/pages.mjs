// The server of the pages that the browsers show, and what those pages have reported.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { serve } from "../../e2e/serve.mjs";
import { eventually } from "../../tabs/harness/waiting.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A browser's start on a busy machine. */
export const START_MS = 60_000;

/** One page that is shown once, from its start until its browser is killed. */
class Run {
  /** The highest batch that was acknowledged, and the highest that a flush has covered. */
  acknowledged = 0;
  flushed = 0;
  /** How many acknowledgements have come. */
  count = 0;
  reports = [];
  #ended = false;

  constructor(url, answers) {
    this.url = url;
    this.answers = answers;
  }

  /** Takes a report, unless the page belongs to a browser that is being killed: those count that came before. */
  take({ type, ...report }) {
    if (this.#ended) return null;
    if (type === "acknowledged") {
      this.acknowledged = Math.max(this.acknowledged, report.number);
      this.count += report.count;
    } else if (type === "flushed") this.flushed = Math.max(this.flushed, report.number);
    this.reports.push({ type, ...report, at: Date.now() });
    return this.answers[type]?.(report);
  }

  all(type) {
    return this.reports.filter((report) => report.type === type);
  }

  /** What cannot be: an error that nobody has handled, or a write that failed where none may. */
  assertNoErrors() {
    assert.deepEqual(this.all("error").map(({ message }) => message), [], "errors in the page");
  }

  /** The first report of a type. */
  async first(type, within = START_MS) {
    const look = () => {
      this.assertNoErrors();
      return this.all(type);
    };
    return (await eventually(look, (found) => found.length > 0, `a report "${type}" of ${this.url}`, within))[0];
  }

  /** Resolves after so many acknowledgements more. */
  async more(count, within = START_MS) {
    const enough = this.count + count;
    const look = () => {
      this.assertNoErrors();
      return this.count;
    };
    await eventually(look, (now) => now >= enough, `${count} more acknowledgements`, within);
  }

  /** Later reports are not taken. */
  end() {
    this.#ended = true;
  }
}

/** Serves the pages. Its origin, and with it what a profile stores for it, lasts as long as it. */
export async function servePages() {
  const runs = new Map();
  const folders = {
    "/page": folder("../page"),
    "/series": folder("../../tabs/page"),
    "/pkg": folder("../../../pkg/web"),
  };
  const server = await serve(folders, {}, ({ run, ...report }) => {
    if (!runs.has(run)) throw new Error("a report of no run");
    return runs.get(run).take(report);
  });
  return {
    close: server.close,
    /** The address of a page that does a task (see ../page); `answers` are functions by the type of a report. */
    run(task, parameters, answers = {}) {
      const id = crypto.randomUUID();
      const query = new URLSearchParams({ run: id, task, ...parameters });
      runs.set(id, new Run(`${server.origin}/page/?${query}`, answers));
      return runs.get(id);
    },
  };
}
