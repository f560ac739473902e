// The browsers that the drivers run, each a description:
//
//   name, label     how tests call it, and how the report does
//   missing()       why it cannot run here, or null
//   version()       of the browser
//   indexedDb       the folder within a profile in which it keeps every origin's IndexedDB
//   prepare()       what has to stand in a new profile
//   command()       the program, its arguments and its environment, to show an address in a window of its own
//   readsWhenFull   whether it leaves the database open when its disk is full
//   wipesDamaged    whether it removes everything that an origin has where it finds damage
//   networkProcess  the name of the process that serves IndexedDB, where a page can outlive it

import { CHROMIUM_LEVELDB, CHROMIUM_SQLITE } from "./chromium.mjs";
import { FIREFOX } from "./firefox.mjs";
import { WEBKIT } from "./webkit.mjs";

const ALL = [CHROMIUM_LEVELDB, CHROMIUM_SQLITE, FIREFOX, WEBKIT];

function named(name) {
  const engine = ALL.find((each) => each.name === name);
  if (!engine) throw new Error(`ENGINES names ${name}; there are ${ALL.map((each) => each.name).join(", ")}`);
  return engine;
}

/** Those that ENGINES names, separated by blanks; all where it names none. */
export const ENGINES = process.env.ENGINES?.trim() ? process.env.ENGINES.trim().split(/\s+/).map(named) : ALL;
