// The data store with next to no cache, on pages and values that are in the storage: every read goes there.

import { REOPEN } from "../run.mjs";
import { documentsOf, large } from "./data.mjs";
import { bare, change, read } from "./step.mjs";

const KEYS = Array.from({ length: 60 }, (_, place) => `k${String(place).padStart(2, "0")}`);

async function walk(iterator) {
  const pairs = [];
  for await (const pair of iterator) pairs.push(pair);
  return pairs;
}

export const cold = {
  options: { cacheBytes: 1 },
  /** Enough for several pages, which closing makes of them. */
  prepare: async ({ data }) => {
    await data.setMany(KEYS.map((key) => [key, key.repeat(2_000)]));
    await data.set("away", large("v", 90_000));
  },
  look: documentsOf,
  steps: [
    read("get", ({ data }) => data.get("k07")),
    read("get a large value", ({ data }) => data.get("away")),
    [read("get, together", ({ data }) => data.get("k30")), read("get another, together", ({ data }) => data.get("k55"))],
    read("getMany", ({ data }) => data.getMany(["k01", "k20", "k59", "nope"])),
    change("set", ({ data }) => data.set("k10", 10, { metadata: { seen: 1 } })),
    read("listKeys", ({ data }) => data.listKeys("k1")),
    read("entries", ({ data }) => walk(data.entries({ prefix: "k2", pageSize: 4 }))),
    change("delete", ({ data }) => data.delete("k11")),
    change("setMany", ({ data }) => data.setMany({ k10: 11, k12: 12, new: large("n") }, { metadata: { seen: 2 } })),
    change("deleteByPrefix", ({ data }) => data.deleteByPrefix("k4")),
    read("getRecord", async ({ data }) => (await data.getRecord("k10")).metadata),
    read("export", async (c) => (await documentsOf(c)).length),
    bare("verify", ({ db }) => db.verify()),
    REOPEN,
    read("get, reopened", ({ data }) => data.get("k12")),
    change("delete, reopened", ({ data }) => data.deleteMany(["k50", "nope"])),
  ],
  afterwards: [
    read("get, after the fault", ({ data }) => data.get("k33")),
    change("set, after the fault", ({ data }) => data.set("k34", 34)),
    read("getMany, after the fault", ({ data }) => data.getMany(["away", "k34", "k35"])),
  ],
};
