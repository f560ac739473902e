// What every key-value store has.

import { REOPEN } from "../run.mjs";
import { change, read } from "./step.mjs";

const MANY = [["f", 6], ["g", "g".repeat(2_000)], ["h", null]];

/** A batch where there is such a call; else as many calls at the same time. */
const setMany = (name, entries) =>
  entries.map(([key, value], place) =>
    change(`${name} ${key}`, (c) => (c.setMany ? place === 0 && c.setMany(entries) : c.set(key, value)), { unless: (c) => c.setMany && place > 0 }));

export const plain = {
  async look(c) {
    const keys = await c.keys();
    return [keys, await c.getMany(keys)];
  },
  steps: [
    change("set a", (c) => c.set("a", { n: 1 })),
    change("append", (c) => c.append("list", 1)),
    change("append again", (c) => c.append("list", 2)),
    [
      change("set b, together", (c) => c.set("b", "b")),
      change("set c, together", (c) => c.set("c", "c".repeat(3_000))),
      read("get a, together", (c) => c.get("a")),
    ],
    setMany("setMany", MANY),
    read("getMany", (c) => c.getMany(["a", "f", "nope"])),
    change("delete b", (c) => c.delete("b")),
    read("keys", (c) => c.keys()),
    change("append once more", (c) => c.append("list", 3)),
    change("set a anew", (c) => c.set("a", { n: 2 })),
    read("get", (c) => c.get("list")),
    REOPEN,
    read("get a, reopened", (c) => c.get("a")),
    change("append, reopened", (c) => c.append("list", 4)),
    change("delete c", (c) => c.delete("c")),
  ],
  afterwards: [
    read("get a, after the fault", (c) => c.get("a")),
    change("append, after the fault", (c) => c.append("list", 5)),
    change("set, after the fault", (c) => c.set("after", 1)),
  ],
};
