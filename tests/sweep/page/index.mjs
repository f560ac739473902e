// What a page of the sweep offers to the tests, at `globalThis.sweep`.

import { install, original } from "./faults.mjs";
import { DECOY, KINDS, UNBEARABLE } from "./kinds.mjs";
import { MUTANTS, mutated } from "./mutants.mjs";
import { runOnce } from "./run.mjs";
import { SCRIPTS } from "./scripts/index.mjs";
import { TARGETS } from "./targets/index.mjs";

install();

const decoy = new Promise((resolve, reject) => {
  const request = original.open.call(indexedDB, DECOY, 2);
  request.onsuccess = () => resolve(request.result.close());
  request.onerror = () => reject(request.error);
});

const loaded = new Map();

async function load(target) {
  await decoy;
  if (!loaded.has(target)) loaded.set(target, TARGETS[target]());
  return loaded.get(target);
}

export async function once({ target, script, kind, nth, mutant }) {
  const whole = await load(target);
  return runOnce(mutant ? mutated(whole, mutant) : whole, SCRIPTS[script], kind, nth);
}

export const kinds = Object.entries(KINDS).map(([kind, { isLong = false, times = 1 }]) => ({ kind, isLong, isLasting: times === Infinity }));
export const scripts = Object.keys(SCRIPTS);
export const targets = Object.keys(TARGETS);
export const mutants = Object.keys(MUTANTS);
export const unbearable = Object.keys(UNBEARABLE);
