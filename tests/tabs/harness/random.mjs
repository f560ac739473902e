// Random moments that can be had again: TABS_SEED=… repeats a run as far as the machine allows.

export const SEED = Number(process.env.TABS_SEED ?? Math.floor(Math.random() * 2 ** 32));

let state = SEED >>> 0;

/** A whole number from 0 to before `end` (mulberry32). */
export function random(end) {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
}
