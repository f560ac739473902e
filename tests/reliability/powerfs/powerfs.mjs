// A disk for a folder, whose power can be cut: see powerfs.py.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../../tabs/harness/waiting.mjs";
import { cleanUp } from "../harness/cleanup.mjs";
import { isMounted } from "../harness/mounts.mjs";

const SCRIPT = fileURLToPath(new URL("powerfs.py", import.meta.url));
/** One that has mfusepy; scripts/reliability.sh names it. */
const PYTHON = process.env.POWERFS_PYTHON ?? "python3";

/** Why it cannot be mounted here, or null. */
export function missing() {
  if (!existsSync("/dev/fuse")) return "/dev/fuse is missing";
  if (spawnSync("which", ["fusermount3"]).status !== 0) return "fusermount3 is missing";
  if (spawnSync(PYTHON, ["-c", "import mfusepy"]).status === 0) return null;
  return "Python has no mfusepy; POWERFS_PYTHON names one that has";
}

export class PowerFs {
  #folder;
  #state;
  #process;
  #forget;

  /** Mounts a new disk on a folder. */
  static async create(folder) {
    const disk = new PowerFs();
    disk.#folder = folder;
    disk.#state = await mkdtemp(join(tmpdir(), "agent-datastore-disk-"));
    disk.#forget = cleanUp(() => {
      if (isMounted(folder)) spawnSync("fusermount3", ["-u", "-z", folder]);
      try {
        rmSync(disk.#state, { recursive: true, force: true });
      } catch {
        // Its process may still be at it.
      }
    });
    return disk;
  }

  /** The next cut is decided here: what survives of what was not synced, and whether syncs do anything. */
  async mount({ survive = "none", seed = 0, ignoreSync = false } = {}) {
    const options = ["--survive", survive, "--seed", String(seed), ...(ignoreSync ? ["--ignore-sync"] : [])];
    const child = spawn(PYTHON, [SCRIPT, this.#state, this.#folder, ...options], { stdio: ["ignore", "pipe", "pipe"] });
    const output = { text: "", errors: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (output.text += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (output.errors += text));
    const ended = new Promise((resolve) => child.once("close", (code) => resolve({ code, ...output })));
    this.#process = { ended };
    await eventually(
      () => ({ mounted: isMounted(this.#folder), errors: output.errors, code: child.exitCode }),
      ({ mounted }) => mounted,
      "a mounted disk",
      20_000,
    );
  }

  /** Cuts the power: whoever used the disk has to be dead. Resolves to how often was written and synced. */
  async cut() {
    await eventually(
      () => spawnSync("fusermount3", ["-u", this.#folder], { encoding: "utf8" }).stderr,
      () => !isMounted(this.#folder),
      "an unmounted disk",
      20_000,
    );
    const { code, text, errors } = await this.#process.ended;
    assert.equal(code, 0, `powerfs ended with ${code}: ${errors}`);
    return JSON.parse(text);
  }

  async remove() {
    this.#forget();
    await this.#process?.ended;
    await rm(this.#state, { recursive: true, force: true, maxRetries: 10 });
  }
}
