// The snapshot store: a queue of saves, versions, scopes, files.

import { REOPEN } from "../run.mjs";
import { bare, change, read } from "./step.mjs";

async function scope(store) {
  const keys = [];
  for (const key of await store.list()) {
    const versions = await store.versions(key);
    const values = [];
    for (const { version } of versions) values.push([version, await store.loadAt(key, version)]);
    keys.push([key, await store.load(key), values]);
  }
  const below = [];
  for (const child of await store.children()) below.push([child, await scope(store.narrow(child))]);
  return { keys, below };
}

/** A longer value, for which a blob of its own is made. */
const state = (step) => ({ step, text: `${step}`.repeat(20_000) });

const FILES = { "imported.json": '{"a": 1}', "deep/down.json": "[1, 2]" };

export const snapshots = {
  look: ({ snaps }) => scope(snaps),
  steps: [
    change("save", ({ snaps }) => snaps.save("state", { step: 1 })),
    [
      change("save 2, together", ({ snaps }) => snaps.save("state", { step: 2 })),
      change("save 3, together", ({ snaps }) => snaps.save("state", { step: 3 })),
      change("save other, together", ({ snaps }) => snaps.save("other", state(1))),
      read("load, together", ({ snaps }) => snaps.loadOr("state", null)),
    ],
    change("save below", ({ snaps }) => snaps.narrow("alice").save("agent", { tools: [] })),
    read("load", ({ snaps }) => snaps.load("state")),
    read("versions", async ({ snaps }) => (await snaps.versions("state")).map(({ version, bytes }) => [version, bytes])),
    change("save 4", ({ snaps }) => snaps.save("state", { step: 4 })),
    change("prune", ({ snaps }) => snaps.prune({ keep: 2 })),
    change("save other again", ({ snaps }) => snaps.save("other", state(2))),
    change("delete", ({ snaps }) => snaps.delete("other")),
    change("save other anew", ({ snaps }) => snaps.save("other", state(3))),
    change("import", ({ snaps }) => snaps.importFiles(FILES)),
    read("export", async ({ snaps }) => [...(await snaps.exportFiles()).keys()]),
    change("deleteAll", ({ snaps }) => snaps.narrow("deep").deleteAll()),
    bare("flush", ({ snaps }) => snaps.flush()),
    REOPEN,
    read("loadAt", async ({ snaps }) => (await snaps.versions("state")).length),
    change("save 5", ({ snaps }) => snaps.save("state", { step: 5 })),
    read("list", ({ snaps }) => snaps.list()),
  ],
  afterwards: [
    change("save, after the fault", ({ snaps }) => snaps.save("state", { step: 6 })),
    read("load, after the fault", ({ snaps }) => snaps.load("state")),
    change("save elsewhere, after the fault", ({ snaps }) => snaps.narrow("after").save("a", 1)),
    change("delete, after the fault", ({ snaps }) => snaps.delete("imported")),
    bare("flush, after the fault", ({ snaps }) => snaps.flush()),
  ],
};
