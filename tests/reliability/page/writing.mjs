// Writes a series for ever, in a page or in a worker.

import { batchOf } from "/series/batches.mjs";
import { described, openAndInspect } from "./database.mjs";

/** Errors that a writer may meet while a connection is being made again; the batch is written again then, as an app would. */
const PASSING = ["CONNECTION_LOST"];
const AGAIN_MS = 50;

/**
 * Looks at the series, then writes on behind its last batch.
 *
 * `lanes` batches are written at once, which are committed in their order. With `flushEvery` every so many batches a flush
 * is awaited. With `persistent` a write that was refused for a while is done again, and told as "rejected".
 */
export async function writeForEver(parameters, { tell, acknowledge }) {
  const { series, lanes = 3, flushEvery = 0, persistent } = parameters;
  const opened = await openAndInspect(parameters, tell);
  if (!opened) return;
  const { db, seen } = opened;
  const records = db.dataStore();
  let next = Number(parameters.from ?? seen.last + 1);
  let last = 0;

  async function write(number) {
    for (;;) {
      const started = Date.now();
      try {
        await records.setMany(batchOf(series, number));
        last = Math.max(last, number);
        return acknowledge(number, started, Date.now());
      } catch (error) {
        if (!persistent || !PASSING.includes(error.code)) throw error;
        tell("rejected", { number, started, ...described(error) });
        await new Promise((again) => setTimeout(again, AGAIN_MS));
      }
    }
  }

  async function flush() {
    const covered = last;
    await db.flush();
    tell("flushed", { number: covered });
  }

  async function lane() {
    for (;;) {
      const number = next++;
      await write(number);
      if (flushEvery > 0 && number % flushEvery === 0) await flush();
    }
  }

  try {
    await Promise.all(Array.from({ length: Number(lanes) }, lane));
  } catch (error) {
    tell("error", { message: `a write failed: ${JSON.stringify(described(error))}` });
  }
}
