import assert from "node:assert/strict";
import { SOON_MS, eventually } from "./waiting.mjs";

/**
 * What `context` sees of a series that another wrote. At no moment may a batch be half there or missing; after a while
 * all batches that were acknowledged have to be there. Resolves to the number of the last.
 */
export async function assertWhole(context, name, series, acknowledged, within = SOON_MS) {
  const look = async () => {
    const { last, broken } = await context.call("inspect", name, series);
    assert.deepEqual(broken, [], series);
    return last;
  };
  return eventually(look, (last) => last >= acknowledged, `${acknowledged} batches of ${series} acknowledged`, within);
}
