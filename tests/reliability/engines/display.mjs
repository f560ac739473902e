// One screen in memory for all browsers of a run that need one: a browser that is killed leaves it alone.

import { spawn, spawnSync } from "node:child_process";
import { cleanUp } from "../harness/cleanup.mjs";

let started;

function startScreen() {
  const screen = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  // It removes its lock only when it may end by itself.
  cleanUp(() => screen.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    screen.once("error", reject);
    screen.once("exit", (code) => reject(new Error(`Xvfb ended at once: ${code}`)));
    screen.stdout.setEncoding("utf8").once("data", (number) => {
      screen.unref();
      screen.stdout.unref();
      resolve(`:${number.trim()}`);
    });
  });
}

export const display = {
  /** Why there is none, or null; other programs that a browser needs can be named. */
  missing(...programs) {
    const absent = ["Xvfb", ...programs].filter((program) => spawnSync("which", [program]).status !== 0);
    return absent.length > 0 ? `${absent.join(" and ")} missing` : null;
  },
  start: () => (started ??= startScreen()),
};
