import { readFileSync } from "node:fs";

/** Whether something is mounted on exactly this folder. */
export const isMounted = (folder) =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .some((line) => line.split(" ")[1] === folder);
