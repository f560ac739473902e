// What a store gave back is compared here, never within a timed part. A store may add fields of its own (`_rev`).
import { messageOf } from "./messages.js";
import { keyOfTask, taskOf } from "./tasks.js";

export function check(holds, problem) {
  if (!holds) throw new Error(problem);
}

function same(expected, actual, where) {
  if (expected === null || typeof expected !== "object") return check(expected === actual, `${where} is wrong`);
  check(actual !== null && typeof actual === "object", `${where} is missing`);
  for (const [name, value] of Object.entries(expected)) same(value, actual[name], `${where}.${name}`);
}

export const checkMessage = (n, actual, plain) => same(messageOf(n), plain(actual), `message ${n}`);

/** That exactly these messages came, in any order, and each of them whole. */
export function checkMessages(numbers, values, plain, inOrder) {
  check(values.length === numbers.length, `${values.length} messages instead of ${numbers.length}`);
  if (inOrder) return numbers.forEach((n, at) => checkMessage(n, values[at], plain));
  const byId = new Map(values.map((value) => [plain(value)?.id, value]));
  for (const n of numbers) checkMessage(n, byId.get(messageOf(n).id), plain);
}

export function checkKeys(expected, actual) {
  const sorted = [...actual].sort();
  check(sorted.length === expected.length, `${sorted.length} keys instead of ${expected.length}`);
  expected.forEach((key, at) => check(sorted[at] === key, `key ${sorted[at]} instead of ${key}`));
}

/** That exactly these tasks came, in this order, and each of them whole. */
export function checkTasks(numbers, found) {
  check(found.length === numbers.length, `${found.length} tasks instead of ${numbers.length}`);
  for (const [at, n] of numbers.entries()) {
    const [key, task] = found[at];
    check(key === keyOfTask(n), `${key} instead of ${keyOfTask(n)}`);
    same(taskOf(n), task, key);
  }
}
