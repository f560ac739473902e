// The judge of all drivers, held against what it must not let through.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "./harness/judge.mjs";

const WELL = { last: 10, broken: [], unreadable: null, damage: [], dataLoss: null, events: [] };
const LOSS = { events: [{ type: "data-loss" }] };
const REFUSED = { refused: { code: "CORRUPT" }, events: [] };

test("what is whole passes, also with batches that were not acknowledged yet", () => {
  assert.deepEqual(judge({ acknowledged: 10, promised: 10 }, WELL), { lost: 0, told: false });
  assert.deepEqual(judge({ acknowledged: 8, promised: 8 }, WELL), { lost: 0, told: false });
});

test("where a loss is allowed, a prefix passes, and nothing or damage only if it is told", () => {
  const relaxed = { acknowledged: 12, promised: 0 };
  assert.deepEqual(judge(relaxed, WELL), { lost: 2, told: false });
  for (const seen of [
    { ...WELL, ...LOSS, last: 0 },
    { ...WELL, dataLoss: "CLEARED", last: 0 },
    { ...WELL, last: 0, damage: ["a blob"], unreadable: { code: "CORRUPT" } },
    REFUSED,
  ]) {
    assert.deepEqual(judge(relaxed, seen), { lost: 12, told: true });
  }
});

test("where an engine is known to break the promise, the loss has to be told", () => {
  const broken = { acknowledged: 12, promised: 12, orTold: true };
  assert.deepEqual(judge(broken, { ...WELL, ...LOSS, last: 0 }), { lost: 12, told: true });
  for (const last of [0, 10]) assert.throws(() => judge(broken, { ...WELL, last }), { code: "ERR_ASSERTION" });
});

for (const [what, promised, seen] of [
  ["an acknowledged batch is gone", 12, { ...WELL, last: 11 }],
  ["all is gone", 12, { ...WELL, last: 0 }],
  ["all is gone, and told", 12, { ...WELL, ...LOSS, last: 0 }],
  ["the database does not open", 12, REFUSED],
  ["half a batch", 10, { ...WELL, broken: ["half a batch"] }],
  ["damage", 10, { ...WELL, damage: ["a blob"] }],
  ["a read fails", 10, { ...WELL, unreadable: { code: "CORRUPT" } }],
  ["a loss where there may be none", 10, { ...WELL, ...LOSS }],
  ["silently empty", 0, { ...WELL, last: 0 }],
  ["half a batch where a prefix would do", 0, { ...WELL, last: 5, broken: ["half a batch"] }],
  ["half a batch where only a loss is told", 0, { ...WELL, ...LOSS, last: 5, broken: ["half a batch"] }],
  ["a refusal that does not say why", 0, { refused: { code: "TIMEOUT" }, events: [] }],
  ["a refusal that says that there is nothing", 0, { refused: { code: "NOT_FOUND" }, events: [] }],
]) {
  test(`noticed: ${what}`, () => {
    assert.throws(() => judge({ acknowledged: 12, promised }, seen), { code: "ERR_ASSERTION" });
  });
}
