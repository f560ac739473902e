import assert from "node:assert/strict";
import { SOON_MS, inTime } from "./waiting.mjs";

/** What pages have reported as acknowledged, kept here, where no death of a page or a browser reaches it. */
export class Log {
  #entries = new Map();

  #entry(name) {
    if (!this.#entries.has(name)) this.#entries.set(name, { last: 0, count: 0, errors: [], waiting: [] });
    return this.#entries.get(name);
  }

  /** Takes a number, or the text of an error. */
  take(name, report) {
    const entry = this.#entry(name);
    if (typeof report === "string") entry.errors.push(report);
    else {
      entry.last = Math.max(entry.last, report);
      entry.count++;
    }
    entry.waiting = entry.waiting.filter((wake) => !wake());
  }

  /** The highest number that was acknowledged. */
  last(name) {
    return this.#entry(name).last;
  }

  /** How many acknowledgements there were. */
  count(name) {
    return this.#entry(name).count;
  }

  /** Resolves after so many acknowledgements more. */
  more(name, count, within = SOON_MS) {
    const entry = this.#entry(name);
    const enough = entry.count + count;
    const reached = new Promise((resolve, reject) => {
      const wake = () => {
        if (entry.errors.length > 0) reject(new Error(`${name}: ${entry.errors[0]}`));
        else if (entry.count >= enough) resolve();
        else return false;
        return true;
      };
      entry.waiting.push(wake);
    });
    return inTime(reached, `${count} more acknowledgements of ${name}`, within);
  }

  /** No write may have failed. */
  assertNoErrors(name) {
    assert.deepEqual(this.#entry(name).errors, [], name);
  }
}
