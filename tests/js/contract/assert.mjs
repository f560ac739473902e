// Assertions that run in Node and in a page alike.

const MISTAKES = new Set(["INVALID_ARGUMENT", "INVALID_KEY", "INVALID_VALUE", "INVALID_DOCUMENT"]);
const RETRYABLE = new Set(["CONFLICT", "BLOCKED", "TIMEOUT", "CONNECTION_LOST", "STORAGE"]);

const show = (value) => {
  if (value instanceof Error) return `${value.name} ${value.code ?? ""} ${JSON.stringify(value.message)}`;
  if (value instanceof Map) return `Map ${show([...value])}`;
  if (typeof value === "bigint" || typeof value === "symbol" || value === undefined) return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
};

export function fail(message) {
  throw new Error(message);
}

export function ok(condition, message = "expected a true value") {
  if (!condition) fail(message);
}

/** The very same value. */
export function equal(actual, expected, message = "") {
  if (!Object.is(actual, expected)) fail(`${message} expected ${show(expected)}, got ${show(actual)}`.trim());
}

function alike(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Map) return alike([...a], [...b]);
  const names = Object.getOwnPropertyNames(a);
  if (names.length !== Object.getOwnPropertyNames(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && alike(a[name], b[name]));
}

/** The same structure, prototypes and all; the order of a Map counts, that of members does not. */
export function same(actual, expected, message = "") {
  if (!alike(actual, expected)) fail(`${message} expected ${show(expected)}, got ${show(actual)}`.trim());
}

/** Holds an error against what types.d.ts says of every error. */
export function storeError(error, code, message) {
  ok(error instanceof Error, `expected an Error with the code ${code}, got ${show(error)}`);
  equal(error.code, code, `${show(error)}:`);
  equal(error instanceof TypeError, MISTAKES.has(code), `whether ${code} is a TypeError:`);
  equal(error.name, MISTAKES.has(code) ? "TypeError" : "StoreError", "the error's name:");
  equal(error.retryable, RETRYABLE.has(code), `whether ${code} is retryable:`);
  ok(typeof error.message === "string" && error.message !== "", "the error has no message");
  if (message) ok(message.test(error.message), `the message ${show(error.message)} does not match ${message}`);
  return error;
}

const nothing = Symbol("nothing");

/** What a promise rejects with. A method that returns a promise must not throw. */
export async function rejection(call) {
  let promise;
  try {
    promise = call();
  } catch (error) {
    fail(`thrown at once, though a promise should reject: ${show(error)}`);
  }
  ok(promise instanceof Promise, `expected a promise, got ${show(promise)}`);
  const outcome = await promise.then((value) => ({ value }), (error) => ({ error, [nothing]: true }));
  if (!(nothing in outcome)) fail(`expected a rejection, but it resolved to ${show(outcome.value)}`);
  return outcome.error;
}

/** A promise that has to reject with an error of ours. */
export async function rejects(call, code, message) {
  return storeError(await rejection(call), code, message);
}

/** A synchronous call that has to throw an error of ours. */
export function throws(call, code, message) {
  let value;
  try {
    value = call();
  } catch (error) {
    return storeError(error, code, message);
  }
  return fail(`expected an error with the code ${code}, but it returned ${show(value)}`);
}

export async function collect(iterable) {
  const all = [];
  for await (const each of iterable) all.push(each);
  return all;
}
