// What becomes of a call.

/** The codes by which the store says that the storage failed. */
const OF_STORAGE = ["STORAGE", "QUOTA_EXCEEDED", "TIMEOUT", "CONNECTION_LOST", "BLOCKED"];

const HUNG = { hung: true };

const { setTimeout: later, clearTimeout: never } = globalThis;

/** Waits, whatever has been made of the clock. */
export const sleep = (ms) => new Promise((resolve) => later(resolve, ms));

/** What a call gave, in a form that can be compared and sent; that it hung, where it has not settled in time. */
export async function settle(call, limitMs) {
  let timer;
  const limit = new Promise((resolve) => (timer = later(() => resolve(HUNG), limitMs)));
  const run = async () => {
    try {
      const value = await call();
      return { value: value === undefined ? undefined : plain(value) };
    } catch (error) {
      return failureOf(error);
    }
  };
  const outcome = await Promise.race([run(), limit]);
  never(timer);
  return outcome;
}

function failureOf(error) {
  const isTyped = error instanceof Error && typeof error.code === "string" && ["StoreError", "TypeError", "KeyNotFound"].includes(error.name);
  return { code: isTyped ? error.code : undefined, name: error?.name ?? null, message: String(error?.message ?? error) };
}

/** Whether a call was rejected because the storage failed, and not for what it asked. */
export const hasFailed = ({ name, code }) => name !== undefined && (code === undefined || OF_STORAGE.includes(code));

/** Whether a call may have taken effect, for all that its caller knows. */
export const isUnknown = ({ hung, code, message }) =>
  Boolean(hung) || code === "TIMEOUT" || (code === "CONNECTION_LOST" && /whether it took effect is not known/.test(message));

/** Maps become lists, and long texts short. */
export function plain(value) {
  return JSON.parse(JSON.stringify(value, (_, each) => {
    if (each instanceof Map) return [...each];
    return typeof each === "string" && each.length > 200 ? `${each.slice(0, 8)}… ${each.length} ${digest(each)}` : each;
  }) ?? "null");
}

function digest(text) {
  let sum = 0;
  for (let place = 0; place < text.length; place++) sum = (sum * 31 + text.charCodeAt(place)) | 0;
  return sum;
}

export const same = (left, right) => JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
