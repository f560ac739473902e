// The data store: what is read is in memory.

import { hasFailed, isUnknown } from "../outcome.mjs";
import { REOPEN } from "../run.mjs";
import { bare, change, read } from "./step.mjs";

export const large = (letter, length = 30_000) => letter.repeat(length);

/** Records as documents, without what differs from run to run. */
export async function documentsOf({ data }) {
  const docs = JSON.parse(await data.exportDocuments({ allNamespaces: true }));
  const kept = docs.map((doc) => Object.fromEntries(Object.entries(doc).filter(([name]) => !/^_rev|At$|^access|^lastAccessed/.test(name))));
  return kept.sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

const IMPORTED = JSON.stringify(
  ["i1", "i2", "a"].map((key) => ({
    userId: "ada", namespace: "default", key, value: `imported ${key}`, metadata: {}, createdByAgent: "planner",
    createdAt: "2026-01-01T00:00:00.000000", updatedAt: "2026-01-01T00:00:00.000000",
  })),
);

export const data = {
  look: documentsOf,
  steps: [
    change("set a", ({ data }) => data.set("a", { n: 1 }, { metadata: { first: true } })),
    [
      change("set b, together", ({ data }) => data.set("b", [1])),
      change("set c, together", ({ data }) => data.set("c", large("c"))),
      change("setMany d e, together", ({ data }) => data.setMany({ d: 4, e: 5 })),
      read("get a, together", ({ data }) => data.get("a")),
    ],
    change("setMany f g h", ({ data }) => data.setMany({ f: large("f", 70_000), g: "g", h: null }, { metadata: { many: true } })),
    read("getMany", ({ data }) => data.getMany(["a", "f", "nope", "h"])),
    change("set a, merged", ({ data }) => data.set("a", { n: 2 }, { metadata: { second: true } })),
    change("delete b", ({ data }) => data.delete("b")),
    change("delete nothing", ({ data }) => data.delete("nope")),
    change("deleteMany", ({ data }) => data.deleteMany(["d", "nope", "g"])),
    read("listKeys", ({ data }) => data.listKeys()),
    change("set in another namespace", ({ data }) => data.useNamespace("other").setMany({ x: 1, y: 2 })),
    change("deleteByPrefix", ({ data }) => data.useNamespace("other").deleteByPrefix("x")),
    change("clear", ({ data }) => data.useNamespace("other").clear()),
    change("import", ({ data }) => data.importDocuments(IMPORTED, { existing: "skip" })),
    read("export", async (c) => documentsOf(c)),
    change("set tracked", ({ tracked }) => tracked.set("t", 1)),
    read("get tracked", ({ tracked }) => tracked.get("t")),
    bare("flush", ({ db }) => db.flush()),
    read("get tracked", ({ tracked }) => tracked.get("t")),
    bare("refresh", ({ db }) => db.refresh()),
    bare("verify", ({ db }) => db.verify()),
    REOPEN,
    read("get a, reopened", ({ data }) => data.get("a")),
    read("getRecord", async ({ data }) => (await data.getRecord("f"))?.metadata),
    change("set z", ({ data }) => data.set("z", 26)),
    read("listNamespaces", ({ data }) => data.listNamespaces()),
  ],
  afterwards: [
    read("get a, after the fault", ({ data }) => data.get("a")),
    change("set a, after the fault", ({ data }) => data.set("a", { n: 3 }, { metadata: { third: true } })),
    change("setMany, after the fault", ({ data }) => data.setMany({ a: { n: 4 }, after: large("x") })),
    change("delete, after the fault", ({ data }) => data.delete("h")),
    bare("flush, after the fault", ({ db }) => db.flush()),
  ],
  counted: async ({ tracked }) => (await tracked.getRecord("t"))?.accessCount ?? null,
  /**
   * Reads are counted once, and at the least those that succeeded: unless closing said that it could not write them, or nobody knows
   * whether they were written.
   */
  check(trace, { value: count }, { isSilent }) {
    const reads = trace.filter(({ step }) => step.name === "get tracked");
    const most = reads.filter(({ outcome }) => !outcome.skipped).length;
    const isKnown = !isSilent && trace.every(({ step, outcome }) => !isUnknown(outcome) && !(step.name === "close" && hasFailed(outcome)));
    const least = reads.filter(({ outcome }) => outcome.value === 1).length;
    const wrong = [];
    if (count > most) wrong.push(`${count} reads were counted, of ${most}`);
    if (isKnown && count < least) wrong.push(`${count} reads were counted, of at least ${least}`);
    return wrong;
  },
};
