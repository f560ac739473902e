import { readFile } from "node:fs/promises";
import { cpus, loadavg, platform, release, totalmem } from "node:os";

const read = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));

/** The machine without its name. */
export function machine() {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release().split(/[-+]/)[0]}`,
  };
}

const PACKAGES = {
  idb: "idb",
  "idb-keyval": "idb-keyval",
  Dexie: "dexie",
  localForage: "localforage",
  PouchDB: "pouchdb-browser",
  RxDB: "rxdb",
  "SQLite OPFS": "@sqlite.org/sqlite-wasm",
};

/** The versions of Chromium and of everything that was measured. */
export async function versions(chromium, stores) {
  const peers = (await read("../package.json")).devDependencies;
  const found = { Chromium: chromium ?? "unknown" };
  for (const store of stores) if (PACKAGES[store]) found[store] = peers[PACKAGES[store]];
  found["agent-datastore"] = (await read("../../pkg/web/package.json")).version;
  return found;
}

/** How much else ran in the last minute, in processes a core. */
export const load = () => Number((loadavg()[0] / cpus().length).toFixed(2));
