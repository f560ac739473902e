// The parts of the benchmark that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "../../benches/lib/options.mjs";
import { renderReport } from "../../benches/lib/report.mjs";
import { Samples } from "../../benches/lib/samples.mjs";
import { median, ratio, rotated } from "../../benches/lib/stats.mjs";
import { judge } from "../../benches/lib/targets.mjs";
import { DEXIE, IDS, OURS, RAW, SQLITE, STORES, WORKLOADS } from "../../benches/lib/workloads.mjs";
import { entriesFrom, keyOf, messageOf, picksOf, prefixOf } from "../../benches/page/messages.js";
import { STATUSES, keyOfTask, taskOf } from "../../benches/page/tasks.js";
import { checkKeys, checkMessages, checkTasks } from "../../benches/page/verify.js";
import { SESSIONS } from "../../benches/sessions.mjs";
import { TURNS } from "../../benches/turns.mjs";

const machine = { cpu: "a processor", cores: 2, memoryGiB: 8, os: "linux" };

/** A run in which every store took `theirs` and we took `ours`. */
function run(ours, theirs, change = () => undefined) {
  const value = (workload, durability, store) => change(workload, durability, store) ?? (store === OURS ? ours : theirs);
  const results = WORKLOADS.flatMap(({ id, durabilities, floor }) =>
    durabilities.flatMap((durability) =>
      (floor ? [RAW] : STORES).map((store) => ({ workload: id, durability, store, medianMs: value(id, durability, store) })),
    ),
  );
  const sizes = STORES.map((store) => ({ workload: "disk", durability: "relaxed", store, medianBytes: value("disk", "relaxed", store) }));
  return { results, sizes, machine, versions: { Chromium: "1" }, rounds: 5 };
}

const verdicts = (measured) => judge(measured).map(({ met }) => met);

test("the median is the middle, whatever the order", () => {
  assert.equal(median([3]), 3);
  assert.equal(median([10, 1, 9]), 9);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([2, 10, 1]), 2, "numbers are not ordered as texts");
  assert.throws(() => median([]));
});

test("a ratio over 1 is in our favour", () => {
  assert.equal(ratio(12, 4), 3);
  assert.equal(ratio(undefined, 4), undefined);
  assert.equal(ratio(12, undefined), undefined);
});

test("every store is once the first, and all of them are in every round", () => {
  const rounds = STORES.map((_, round) => rotated(STORES, round));
  assert.deepEqual(rounds[0], STORES);
  assert.equal(new Set(rounds.map(([first]) => first)).size, STORES.length);
  for (const round of rounds) assert.deepEqual([...round].sort(), [...STORES].sort());
  assert.deepEqual(rotated(STORES, STORES.length), STORES);
  assert.deepEqual(rotated([], 3), []);
});

test("samples of several rounds become one entry of the file", () => {
  const samples = new Samples();
  samples.add("set-many", "strict", OURS, [3]);
  samples.add("set-many", "strict", OURS, [1, 2.00004]);
  samples.add("set-many", "relaxed", OURS, [9]);
  samples.add("disk", "relaxed", OURS, [4096]);
  const [strict, relaxed, ...rest] = samples.results(["set-many"], "Ms", 2);
  assert.deepEqual(strict, {
    workload: "set-many", durability: "strict", store: OURS, medianMs: 2, minMs: 1, maxMs: 3, samples: 3, rounds: 2,
  });
  assert.equal(relaxed.medianMs, 9);
  assert.deepEqual(rest, []);
  assert.equal(samples.results(["disk"], "Bytes", 2)[0].medianBytes, 4096);
});

test("targets are met, missed, or cannot be judged", () => {
  const fast = judge(run(1, 100, (id, _durability, store) => (id === "open-100k" && store === OURS ? 1.5 : undefined)));
  assert.deepEqual(fast.filter(({ met }) => met !== true), []);
  const slow = verdicts(run(100, 1));
  // 100,000 records open as fast as 10,000 also in a store that is slow throughout; nothing else of it is good.
  assert.equal(slow.filter((met) => met === true).length, 1);
  assert.equal(slow.filter((met) => met === null).length, 0);
  const nothing = judge({ results: [], sizes: [] });
  assert.ok(nothing.every(({ met, actual }) => met === null && actual === "not measured"));
});

test("a target is missed just beyond its limit", () => {
  const found = (workload, ours, dexie) =>
    judge(run(1, 1000, (id, _durability, store) => (id !== workload ? undefined : { [OURS]: ours, [DEXIE]: dexie }[store])));
  const dexie = (verdict, name) => verdict.find(({ target }) => target.startsWith(name) && target.includes(DEXIE));
  assert.equal(dexie(found("list-keys", 1, 10), "listKeys").met, true);
  assert.equal(dexie(found("list-keys", 1, 9.99), "listKeys").met, false);
  assert.equal(dexie(found("list-keys", 1, 9.99), "listKeys").actual, "9.99x");
  assert.equal(dexie(found("disk", 5, 10), "bytes").met, true);
  assert.equal(dexie(found("disk", 5.01, 10), "bytes").met, false);
  const gets = judge(run(1, 1000, (id, _durability, store) => (id === "gets-warm" && store === OURS ? 3.01 : undefined)));
  assert.deepEqual(gets.find(({ target }) => target.includes("µs each")), {
    target: "500 awaited gets, warm: at most 6 µs each", actual: "6.02 µs", met: false,
  });
});

test("finding, counting and notices have targets of their own", () => {
  const found = (workload, ours, theirs) =>
    judge(run(1, 1000, (id, _durability, store) => (id === workload ? (store === OURS ? ours : theirs) : undefined)));
  for (const { id, label } of WORKLOADS.filter(({ id }) => /^(find|updates)-/.test(id))) {
    const met = (ours) => found(id, ours, 2).find(({ target }) => target.startsWith(`${label}: not slower than`)).met;
    assert.deepEqual([met(2), met(2.01)], [true, false], id);
  }
  const notice = (ms) => found("notice", ms, 1).find(({ target }) => target.startsWith("notice"));
  assert.equal(notice(9.99).met, true);
  assert.deepEqual([notice(10).met, notice(10).actual], [false, "10.00 ms"]);
});

test("a row that is slower than SQLite is named", () => {
  const one = judge(run(1, 1000, (id, durability, store) =>
    id === "sets-awaited" && durability === "strict" && store === SQLITE ? 0.5 : undefined)).at(-1);
  assert.equal(one.met, false);
  assert.equal(one.actual, "200 awaited sets, strict (2.00x)");
});

test("the report holds every row, every store and every target", () => {
  const measured = run(2, 100);
  measured.targets = judge(measured);
  const report = renderReport(measured, STORES);
  for (const text of [...STORES, ...WORKLOADS.map(({ label }) => label), "50.00x", "targets"]) assert.ok(report.includes(text), text);
  assert.equal(report.match(/^ {2}(met|MISSED|\?) /gm).length, measured.targets.length);
});

test("every row is measured somewhere, by stores that there are", () => {
  const measured = [...Object.values(SESSIONS), ...TURNS].flatMap(({ ids }) => ids);
  assert.deepEqual(measured.toSorted(), IDS.toSorted());
  for (const { stores, alone } of TURNS) {
    assert.ok(stores.every((store) => STORES.includes(store)));
    assert.ok(alone.every((store) => stores.includes(store)));
  }
});

test("options choose rounds, stores and workloads, and refuse what there is not", () => {
  const plain = readOptions([]);
  assert.deepEqual([plain.rounds, plain.quick, plain.stores], [5, false, STORES]);
  assert.equal(readOptions(["--quick"]).rounds, 1);
  assert.equal(readOptions(["--quick", "--rounds", "3"]).rounds, 3);
  const chosen = readOptions(["--only", "dexie, agent-datastore", "--workload", "read-all,disk"]);
  assert.deepEqual([chosen.stores, chosen.workloads], [[DEXIE, OURS], ["read-all", "disk"]]);
  assert.throws(() => readOptions(["--only", "redis"]), /no store is called redis/);
  assert.throws(() => readOptions(["--workload", "x"]), /no workload/);
  for (const rounds of ["0", "1.5", "many"]) assert.throws(() => readOptions(["--rounds", rounds]), /whole number/);
});

test("the messages are the same in every run, and as large as it is said", () => {
  assert.deepEqual(messageOf(123), messageOf(123));
  assert.equal(keyOf(7 * 500 + 123), "chat:0007/msg:000123");
  const entries = entriesFrom(0, 5000);
  assert.equal(entries.filter(([key]) => key.startsWith(prefixOf(7))).length, 500);
  assert.equal(new Set(entries.map(([key]) => key)).size, 5000);
  const bytes = Buffer.byteLength(JSON.stringify(entries.map(([, value]) => value))) / 5000;
  assert.ok(bytes > 550 && bytes < 590, `${bytes} bytes a message`);
  const picks = picksOf(1, 500, 5000);
  assert.deepEqual(picks, picksOf(1, 500, 5000));
  assert.equal(new Set(picks).size, 500);
  assert.ok(picks.every((n) => n >= 0 && n < 5000));
});

test("the tasks are the same in every run, and spread over what is asked for", () => {
  assert.deepEqual(taskOf(5), taskOf(5));
  assert.equal(keyOfTask(123), "task:000123");
  const tasks = Array.from({ length: 100_000 }, (_, n) => taskOf(n));
  const count = (fits) => tasks.filter(fits).length;
  for (const one of STATUSES) assert.ok(Math.abs(count(({ status }) => status === one) - 25_000) < 500, one);
  assert.equal(new Set(tasks.map(({ owner }) => owner)).size, 50);
  assert.ok(tasks.every(({ priority }) => Number.isInteger(priority) && priority >= 0 && priority < 10_000));
  const few = count(({ status, priority }) => status === "open" && priority < 20);
  assert.ok(few >= 20 && few <= 80, `${few} open tasks of high priority`);
  const some = count(({ priority }) => priority < 20);
  assert.ok(some >= 150 && some <= 250, `${some} tasks of high priority`);
  const bytes = Buffer.byteLength(JSON.stringify(tasks)) / tasks.length;
  assert.ok(bytes > 200 && bytes < 240, `${bytes} bytes a task`);
  const found = [3, 1].map((n) => [keyOfTask(n), taskOf(n)]);
  checkTasks([3, 1], found);
  assert.throws(() => checkTasks([1, 3], found), /task:000003 instead of task:000001/);
  assert.throws(() => checkTasks([3], found), /2 tasks instead of 1/);
  assert.throws(() => checkTasks([3], [[keyOfTask(3), { ...taskOf(3), owner: "nobody" }]]), /task:000003.owner is wrong/);
});

test("a store that loses, changes or makes up a message is found out", () => {
  const same = (value) => value;
  const messages = [1, 2, 3].map(messageOf);
  checkMessages([1, 2, 3], messages.toReversed(), same, false);
  checkMessages([1, 2, 3], messages.map((value) => ({ ...value, _rev: "1-x" })), same, true);
  assert.throws(() => checkMessages([1, 2, 3], messages.toReversed(), same, true), /message 1/);
  assert.throws(() => checkMessages([1, 2, 3], messages.slice(1), same, false), /2 messages instead of 3/);
  assert.throws(() => checkMessages([1, 2, 3], [messages[0], messages[1], messages[1]], same, false), /message 3 is missing/);
  assert.throws(() => checkMessages([1], [{ ...messages[0], tags: ["other"] }], same, true), /message 1\.tags\.0 is wrong/);
  assert.throws(() => checkMessages([1], [undefined], same, true), /message 1 is missing/);
  checkKeys(["a", "b"], ["b", "a"]);
  assert.throws(() => checkKeys(["a", "b"], ["a", "a"]), /key a instead of b/);
  assert.throws(() => checkKeys([], ["a"]), /1 keys instead of 0/);
});
