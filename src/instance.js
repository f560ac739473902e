// The life of the WebAssembly instance. Nothing in it should trap; if it does all the same, or if an exception comes through its
// frames, its memory is not to be trusted any more. Then its life is over: whoever waits for it is told, what it holds of the
// page is let go of, and another instance takes its place. What is stored is safe, for commits are whole or not at all.
// `scripts/package.mjs` has every call of the package go through here.

import { beginAnew } from "./backend/indexeddb/tabs.js";

/** The calls of the instance at hand that are not done. */
let calls = new Set();

/** A promise that is kept later, or rejected when the instance dies. */
export class Call {
  #calls = calls;
  #settle;

  constructor() {
    this.promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#calls.add(this);
  }

  resolve(value) {
    this.#calls.delete(this);
    this.#settle.resolve(value);
  }

  reject(error) {
    this.#calls.delete(this);
    this.#settle.reject(error);
  }
}

/** What the last instance has died of. */
let cause;

/** What is said of objects of an instance that is dead, and of calls that it has left; of these nobody knows what they did. */
export function instanceLost(isUnknown) {
  const error = new Error("the WebAssembly instance has failed; open the database again", { cause });
  if (isUnknown) error.outcome = "unknown";
  return Object.assign(error, { name: "StoreError", code: "INSTANCE_LOST", retryable: false });
}

/** How many calls of an instance are under way, one within another. */
let depth = 0;

/** What puts another instance in the place of one that is dead, until it has done so. */
let renewal;

/** Before anything of an instance is called or looked at. */
export function renewed() {
  // Not below frames of the old instance: they would go on with the memory of the new one.
  if (!renewal || depth > 0) return;
  depth++;
  try {
    renewal();
  } catch {
    // There is no room for it, or none on the stack: the next call tries again.
  } finally {
    depth--;
  }
}

/** The exports of an instance, so that its death is noticed. `replace` makes the new instance that the old one asks for. */
export function guarded(exports, replace) {
  let isDead = false;
  let left;
  const guard = (call) => (...values) => {
    if (isDead) throw instanceLost();
    depth++;
    try {
      return call(...values);
    } catch (error) {
      if (!isDead) [isDead, cause, renewal] = [true, error, renew];
      throw instanceLost(true);
    } finally {
      depth--;
      if (isDead) renewed();
    }
  };
  // Every step of it may fail, where there is no room on the stack, and is made again then.
  const renew = () => {
    if (!left) {
      exports.renew();
      replace();
      [left, calls] = [{ calls, held: beginAnew() }, new Set()];
    }
    for (const call of left.calls) call.reject(instanceLost(true));
    left.held.end();
    renewal = undefined;
  };
  const entries = Object.entries(exports).map(([name, each]) => [name, typeof each === "function" ? guard(each) : each]);
  // Its start is a part of the renewal.
  return { ...Object.fromEntries(entries), __wbindgen_start: exports.__wbindgen_start };
}

/** A function that gives a promise gives it also where it throws. */
export function promised(call) {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}
