// Records to be found by what is in them: small tasks, the same in every run.
import { randomOf, sentences } from "./messages.js";

export const STATUSES = ["open", "active", "done", "dropped"];
const OWNERS = Array.from({ length: 50 }, (_, n) => `owner-${String(n).padStart(2, "0")}`);
const PRIORITIES = 10_000;
const TITLE = 120;
const DAY = 86_400_000;

export const keyOfTask = (n) => `task:${String(n).padStart(6, "0")}`;

/** The n-th task: some 220 bytes of JSON. */
export function taskOf(n) {
  const random = randomOf(n + 1_000_003);
  return {
    status: STATUSES[random(STATUSES.length)],
    priority: random(PRIORITIES),
    owner: OWNERS[random(OWNERS.length)],
    title: sentences(random, TITLE),
    due: new Date(Date.UTC(2026, 0, 1) + random(365) * DAY).toISOString(),
  };
}

/** Tasks with their keys, from the n-th on. */
export const tasksFrom = (start, count) =>
  Array.from({ length: count }, (_, at) => [keyOfTask(start + at), taskOf(start + at)]);
