// A small disk of its own for a folder, which can be full without anything else being so.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { unlinkSync, writeFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../../tabs/harness/waiting.mjs";
import { cleanUp } from "./cleanup.mjs";
import { isMounted } from "./mounts.mjs";

/** Why none can be mounted here, or null. */
export function missing() {
  if (process.getuid?.() !== 0) return "only root can mount a small disk";
  const tried = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], { encoding: "utf8" });
  return tried.status === 0 ? null : `a small disk cannot be mounted: ${tried.stderr}`;
}

export class SmallDisk {
  #folder;
  #unmountAtEnd;

  constructor(folder, bytes) {
    this.#folder = folder;
    const options = ["-t", "tmpfs", "-o", `size=${bytes}`, "small-disk", folder];
    const { status, stderr } = spawnSync("mount", options, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    this.#unmountAtEnd = cleanUp(() => isMounted(folder) && spawnSync("umount", ["--lazy", folder]));
  }

  async free() {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  /** Something else that takes up room, and what removes it. */
  ballast(bytes) {
    const path = join(this.#folder, "ballast");
    writeFileSync(path, randomBytes(bytes));
    return () => unlinkSync(path);
  }

  /** Unmounts it; whoever used it has to be dead. */
  async remove() {
    const unmount = () => spawnSync("umount", [this.#folder], { encoding: "utf8" }).stderr;
    await eventually(unmount, () => !isMounted(this.#folder), "an unmounted disk");
    this.#unmountAtEnd();
  }
}
