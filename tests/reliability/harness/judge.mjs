import assert from "node:assert/strict";

/** What a refused opening may say where data was lost: that it was, and nothing that invites to begin anew. */
const LOSS = ["CORRUPT", "DATA_LOSS"];

/** Whether the loss was told: by the opening, by an event, or by the damage that reads and `verify` name. */
function isTold({ refused, dataLoss, damage, unreadable, events }) {
  if (refused) return LOSS.includes(refused.code);
  const event = events.some(({ type }) => type === "data-loss");
  return event || Boolean(dataLoss) || (damage.length > 0 && (!unreadable || LOSS.includes(unreadable.code)));
}

const refusedOrDamaged = ({ refused, damage }) => Boolean(refused) || damage.length > 0;

/**
 * Holds what a page saw after a death against what was acknowledged before it.
 *
 * @param {number} acknowledged The last batch that was acknowledged.
 * @param {number} promised The last that had to survive; up to `acknowledged`.
 * @param {boolean} [orTold] Whether a loss of what had to survive is let through if it is told: for a promise of ours that
 * an engine is known to break.
 * @param {object} seen What `inspect` of ../page/database.mjs has found.
 * @returns {{ lost: number, told: boolean }} How many acknowledged batches are gone, which may be those behind `promised`
 * only, and whether the store said so. Everything else throws.
 */
export function judge({ acknowledged, promised, orTold = false }, seen) {
  const told = isTold(seen);
  if (told && orTold) promised = 0;
  const last = seen.refused ? 0 : seen.last;
  const facts = JSON.stringify({ acknowledged, promised, ...seen });
  assert.ok(last >= promised, `${promised - last} batches that had to survive are gone: ${facts}`);
  if (promised > 0) assert.equal(told, false, `damage or loss of what had to survive: ${facts}`);
  // Records that cannot be read are told one by one; a batch of which only a part was ever written is not.
  if (told && !refusedOrDamaged(seen)) assert.deepEqual(seen.broken, [], facts);
  const lost = Math.max(0, acknowledged - last);
  if (!told) {
    assert.equal(seen.refused, undefined, `the database does not open: ${facts}`);
    assert.deepEqual([seen.broken, seen.unreadable, seen.damage], [[], null, []], facts);
    assert.ok(last > 0 || acknowledged === 0, `silently empty: ${facts}`);
  }
  return { lost, told };
}
