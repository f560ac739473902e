import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { display } from "./display.mjs";

/** WebKitGTK's small browser lies beside its processes, in the folder of the machine's libraries. */
function find() {
  if (process.env.WEBKIT) return process.env.WEBKIT;
  const places = ["/usr/lib", ...readdirSync("/usr/lib").map((name) => join("/usr/lib", name))];
  return places.map((place) => join(place, "webkit2gtk-4.1", "MiniBrowser")).find(existsSync);
}

const BINARY = find();

export const WEBKIT = {
  name: "webkit",
  label: "WebKitGTK",
  indexedDb: "data/webkitgtk-4.1/MiniBrowser/databases/indexeddb",
  readsWhenFull: true,
  networkProcess: "WebKitNetworkProcess",
  missing: () => (BINARY ? display.missing("dbus-run-session") : "WebKitGTK's MiniBrowser is missing; WEBKIT names it"),
  async version() {
    const environment = { ...process.env, DISPLAY: await display.start() };
    const quiet = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    const text = execFileSync(BINARY, ["--version"], { ...quiet, env: environment });
    return /\d[\d.]+/.exec(text)[0];
  },
  prepare(profile) {
    for (const folder of ["data", "cache", "config", "run"]) mkdirSync(join(profile, folder), { mode: 0o700 });
  },
  // Not with --automation, which stores nothing. Without the features the page has no navigator.storage.
  command: async (profile, url) => ({
    file: "dbus-run-session",
    args: ["--", BINARY, "--features=+StorageAPI,+StorageAPIEstimate", url],
    environment: {
      DISPLAY: await display.start(),
      HOME: profile,
      XDG_DATA_HOME: join(profile, "data"),
      XDG_CACHE_HOME: join(profile, "cache"),
      XDG_CONFIG_HOME: join(profile, "config"),
      XDG_RUNTIME_DIR: join(profile, "run"),
    },
  }),
};
