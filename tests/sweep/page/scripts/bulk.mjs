// The data store with so much that pages are made of the log, and what is no longer needed is removed, while the fault comes.

import { documentsOf } from "./data.mjs";
import { REOPEN } from "../run.mjs";
import { bare, change, read } from "./step.mjs";

/** About 240 KB in small records, for which a commit goes into the log. */
const some = (prefix) => Array.from({ length: 30 }, (_, place) => [`${prefix}${place}`, `${prefix}${place} `.repeat(1_000).slice(0, 8_000)]);

/** A time in which what is done beside the calls gets done. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 120));

export const bulk = {
  look: documentsOf,
  steps: [
    change("bulk", ({ data }) => data.setMany([...some("a"), ...some("b")])),
    ...["c", "d", "a", "b", "c"].map((prefix) => change(`set ${prefix}`, ({ data }) => data.setMany(some(prefix)))),
    bare("pause", pause),
    [
      change("set beside, together", ({ data }) => data.set("beside", 1)),
      change("delete beside, together", ({ data }) => data.deleteByPrefix("d1")),
    ],
    change("bulk again", ({ data }) => data.setMany([...some("b"), ...some("e")])),
    bare("pause", pause),
    read("keys", ({ data }) => data.listKeys("e2")),
    REOPEN,
    read("get", ({ data }) => data.get("c7")),
    change("clear some", ({ data }) => data.deleteByPrefix("b")),
  ],
  afterwards: [
    change("set, after the fault", ({ data }) => data.set("after", 1)),
    change("bulk, after the fault", ({ data }) => data.setMany([...some("f"), ...some("a")])),
    read("get, after the fault", ({ data }) => data.get("f3")),
  ],
};
