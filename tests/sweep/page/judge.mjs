// Whether what is stored can have come about from what the calls said: they are made once more on a reference that has no faults, those
// that were acknowledged once, those that were rejected not at all, and those of which it is not known either way.

import { hasFailed, isUnknown, same, settle } from "./outcome.mjs";

const LIMIT_MS = 10_000;
/** Of how many calls it may be unknown whether they took effect. More than one fault leaves is not tried. */
const MOST_UNKNOWN = 6;

/** What an entry of the trace says of itself: how often it may have taken effect. */
function timesOf({ step, outcome }) {
  if (outcome.skipped || step.bare) return [0];
  if (step.reads || step.local) return [1];
  if (isUnknown(outcome)) return [0, 1];
  return hasFailed(outcome) ? [0] : [1];
}

/** Makes the calls of a trace, each as often as said. */
async function replay(script, reference, trace, times) {
  const c = await reference.open();
  await script.prepare?.(c);
  const wrong = [];
  for (const [place, { step, outcome }] of trace.entries()) {
    for (let turn = 0; turn < times[place]; turn++) {
      const again = await settle(() => step.act(c), LIMIT_MS);
      const isToCompare = turn === 0 && !step.local && !outcome.skipped && !isUnknown(outcome) && !hasFailed(outcome);
      const isSame = outcome.code === undefined ? again.code === undefined && same(again.value, outcome.value) : again.code === outcome.code;
      if (isToCompare && !isSame) wrong.push(`${step.name}: ${said(outcome)} instead of ${said(again)}`);
    }
  }
  const state = await settle(() => script.look(c), LIMIT_MS);
  await reference.end?.(c);
  if (state.hung || state.name !== undefined) throw new Error(`the reference cannot be looked at: ${JSON.stringify(state)}`);
  return { state: state.value, wrong };
}

const said = ({ code, message, value }) => (code === undefined ? JSON.stringify(value)?.slice(0, 300) : `${code} ${message}`);

/** All ways to choose one of each list. */
const choices = (lists) => lists.reduce((all, list) => all.flatMap((some) => list.map((one) => [...some, one])), [[]]);

/**
 * What is wrong with a state, as a list of `[what, details]`; empty, where nothing is.
 *
 * - `lost`: what was acknowledged is not there;
 * - `doubled`: a call took effect twice;
 * - `applied`: one that was rejected took effect as a whole;
 * - `torn`: no whole number of the calls explains what is there;
 * - `wrong`: a call was answered otherwise than the reference says.
 */
export async function judge(script, reference, trace, state) {
  const possible = trace.map(timesOf);
  const unknown = possible.filter((times) => times.length > 1).length;
  if (unknown > MOST_UNKNOWN) return [["torn", `${unknown} calls of which it is not known what became of them`]];
  const ways = choices(possible);
  let kept;
  for (const times of ways) {
    const found = await replay(script, reference, trace, times);
    kept ??= found;
    if (!same(found.state, state)) continue;
    kept = found;
    if (found.wrong.length === 0) return [];
  }
  const isThere = same(kept.state, state);
  const cause = await explain(script, reference, trace, state, ways, isThere);
  return [cause ?? (isThere ? ["wrong", kept.wrong.join("; ")] : ["torn", `expected ${difference(kept.state, state)}`])];
}

/** What a call that took effect otherwise than it said did, from the one that is told first. */
const DEVIATIONS = [
  { what: "applied", times: 1, of: hasFailed },
  { what: "doubled", times: 2, of: () => true },
  { what: "lost", times: 0, of: (outcome) => !hasFailed(outcome) },
];

/** The one call with which everything fits, or at the least what is stored now. */
async function explain(script, reference, trace, state, ways, isThere) {
  let nearly;
  for (const { what, times: other, of } of DEVIATIONS) {
    for (const [place, { step, outcome }] of trace.entries()) {
      if (step.reads || step.local || step.bare || outcome.skipped || !of(outcome)) continue;
      for (const times of ways.filter((times) => times[place] !== other)) {
        const found = await replay(script, reference, trace, times.with(place, other));
        if (!same(found.state, state)) continue;
        const cause = [what, `${step.name}, which said ${said(outcome) ?? "nothing"}`];
        if (found.wrong.length === 0) return cause;
        nearly ??= cause;
      }
    }
  }
  return isThere ? undefined : nearly;
}

/** Where two states differ first. */
function difference(expected, found) {
  const [left, right] = [JSON.stringify(expected) ?? "", JSON.stringify(found) ?? ""];
  let place = 0;
  while (place < left.length && left[place] === right[place]) place += 1;
  const from = Math.max(0, place - 60);
  return `…${left.slice(from, place + 160)}… but found …${right.slice(from, place + 160)}…`;
}
