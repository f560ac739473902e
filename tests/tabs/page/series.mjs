// Writes a series (see batches.mjs) and looks at it.

import { batchOf, lookAt } from "./batches.mjs";
import { refresh, store } from "./databases.mjs";

const writers = new Map();

/**
 * Writes a series until told otherwise, some batches at once, and reports each that was acknowledged. After each there may be a
 * pause of so many milliseconds on average. Goes on where this page has ended before.
 */
export function keepWriting(name, series, { from = writers.get(series)?.next ?? 1, lanes = 3, pauseMs = 0 } = {}) {
  const writer = { go: true, next: from };
  const write = async () => {
    const records = await store(name);
    while (writer.go) {
      const number = writer.next++;
      await records.setMany(batchOf(series, number));
      globalThis.report(series, number);
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, 2 * pauseMs * Math.random()));
    }
  };
  writer.done = Promise.all(Array.from({ length: lanes }, write)).catch((error) => {
    globalThis.report(series, String(error));
  });
  writers.set(series, writer);
}

/** Ends that, when the last batch is written. */
export async function stopWriting(series) {
  writers.get(series).go = false;
  await writers.get(series).done;
}

/** What this page sees of a series once it has heard of everything. */
export async function inspect(name, series) {
  await refresh(name);
  return lookAt(await store(name), series);
}
