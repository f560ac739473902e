// Processes of the system, found under /proc.

import { readFileSync, readdirSync } from "node:fs";
import { eventually } from "./waiting.mjs";

/** State letter and parent of a process; null where there is none. */
function statusOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command stands in brackets and may hold anything.
    const [state, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

/** A process and all that descend from it. */
export function treeOf(root) {
  const children = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)) {
    const parent = statusOf(pid)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Sends a signal to a process that may be gone. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

const isDead = (pid) => [undefined, "Z", "X"].includes(statusOf(pid)?.state);

/** Kills processes at once, and resolves when none is left. */
export async function killAll(pids) {
  for (const pid of pids) signal(pid, "SIGKILL");
  await eventually(() => pids.filter((pid) => !isDead(pid)), (left) => left.length === 0, "killed processes");
}

/** Stops a process, and resolves when it stands still. */
export async function stop(pid) {
  signal(pid, "SIGSTOP");
  await eventually(() => statusOf(pid)?.state, (state) => state === "T", "a stopped process");
}

export function goOn(pid) {
  signal(pid, "SIGCONT");
}
