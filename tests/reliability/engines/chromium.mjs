import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { CHROMIUM, CHROMIUM_FLAGS } from "../../chromium.mjs";

const chromium = (name, label, flags, ways) => ({
  name,
  label,
  indexedDb: "Default/IndexedDB",
  missing: () => (existsSync(CHROMIUM) ? null : "Chromium is missing; CHROMIUM names it"),
  version() {
    const text = execFileSync(CHROMIUM, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return /\d[\d.]+/.exec(text)[0];
  },
  ...ways,
  prepare() {},
  command: (profile, url) => ({
    file: CHROMIUM,
    args: [...CHROMIUM_FLAGS, ...flags, "--headless", "--no-default-browser-check", `--user-data-dir=${profile}`, url],
  }),
});

export const CHROMIUM_LEVELDB = chromium("chromium", "Chromium, LevelDB", [], { readsWhenFull: false, wipesDamaged: true });
/** The storage that Chromium is moving to. */
export const CHROMIUM_SQLITE = chromium("chromium-sqlite", "Chromium, SQLite", ["--enable-features=IdbSqliteBackingStore"], {
  readsWhenFull: true,
});
