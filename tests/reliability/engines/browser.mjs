// A browser on a profile of its own, that can be killed whole and started again.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAll, signal, treeOf } from "../../tabs/harness/processes.mjs";
import { cleanUp } from "../harness/cleanup.mjs";

/** Marks the processes of a profile: some leave the tree of the one that was started. */
const MARK = "AGENT_DATASTORE_PROFILE";

function processesOf(profile) {
  const marked = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${MARK}=${profile}`);
    } catch {
      return false;
    }
  };
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter(marked);
}

/** The program that a process runs. */
function programOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0].split("/").at(-1);
  } catch {
    return undefined;
  }
}

export class Browser {
  #main;
  #forget;

  /** A browser with an empty profile, not started yet. */
  static async create(engine) {
    const browser = new Browser();
    browser.engine = engine;
    browser.profile = await mkdtemp(join(tmpdir(), `agent-datastore-${engine.name}-`));
    browser.#forget = cleanUp(() => {
      for (const pid of browser.#processes()) signal(pid, "SIGKILL");
      rmSync(browser.profile, { recursive: true, force: true, maxRetries: 5 });
    });
    engine.prepare(browser.profile);
    mkdirSync(browser.indexedDb, { recursive: true });
    return browser;
  }

  /** The folder in which it keeps IndexedDB. */
  get indexedDb() {
    return join(this.profile, this.engine.indexedDb);
  }

  #processes() {
    return [...new Set([...(this.#main ? treeOf(this.#main.pid) : []), ...processesOf(this.profile)])];
  }

  /** Shows an address. */
  async start(url) {
    const { file, args, environment } = await this.engine.command(this.profile, url);
    this.#main = spawn(file, args, {
      env: { ...process.env, ...environment, [MARK]: this.profile },
      stdio: "ignore",
      detached: true,
    });
    this.#main.unref();
    await new Promise((started, failed) => this.#main.once("spawn", started).once("error", failed));
  }

  /** Kills all its processes at once, also those that came while others died. */
  async kill() {
    for (let left = this.#processes(); left.length > 0; left = processesOf(this.profile)) await killAll(left);
    this.#main = undefined;
  }

  /** Its processes that run a program. */
  running(program) {
    return this.#processes().filter((pid) => programOf(pid) === program);
  }

  /** Kills it and removes its profile. */
  async remove() {
    await this.kill();
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
    this.#forget();
  }
}
