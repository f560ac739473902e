// How every test starts Chromium: as root in a container, without a network, with a profile of its own.
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chromium is to keep IndexedDB in SQLite instead of LevelDB; this switches it on before its time. */
export const SQLITE_FLAG = "--enable-features=IdbSqliteBackingStore";
