// A fault at every operation: each kind of failure of IndexedDB at the n-th call of it, for every n, and after each run it is looked at whether
// every promise settled, what was acknowledged is there, what was rejected is not, nothing is there twice, and the store goes on.
// Needs the package that scripts/build.sh makes. SWEEP=full makes all runs, also of other packages; REPORT=1 writes what came of them.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { report } from "../../scripts/report.mjs";
import { Browser, PAGES } from "./harness.mjs";
import { EVERY, FOUND, IS_FULL, everyRun, made, oneRun, someRuns } from "./sweep.mjs";
import { summary } from "./table.mjs";

const OURS = "agent-datastore";
const SAME = "agent-datastore, the same calls";
const LIMIT = { timeout: 3_600_000, concurrency: PAGES };

const browser = await Browser.launch();
const { kinds, scripts: all, targets, mutants, unbearable } = await browser.list();
const scripts = all.filter((name) => name !== "plain");
const others = scripts.filter((name) => name !== "data");

after(async () => {
  const version = browser.version();
  await browser.close();
  if (process.env.REPORT && IS_FULL) report("sweep", summary(made, { ours: OURS, same: SAME, version, every: EVERY }));
});

const none = (failures) => assert.equal(failures.length, 0, `${failures.length} failures\n${failures.slice(0, 20).join("\n")}`);

describe("what looks after faults", LIMIT, () => {
  for (const mutant of mutants) {
    test(`notices a store that is ${mutant}`, async () => {
      const { problems } = await browser.run({ target: SAME, script: "plain", kind: kinds[0].kind, nth: 0, mutant });
      assert.deepEqual([...new Set(problems.map(([what]) => what))], [mutant], JSON.stringify(problems));
    });
  }

  for (const kind of unbearable) {
    test(`notices ${kind}`, async () => {
      const { struck, problems } = await browser.run({ target: SAME, script: "plain", kind, nth: 3 });
      assert.equal(struck, 1);
      assert.notEqual(problems.length, 0);
    });
  }

  for (const target of targets) {
    for (const script of target === OURS ? scripts : ["plain"]) {
      test(`finds nothing wrong with ${target} without a fault: ${script}`, async () => {
        const { struck, calls, rejected, problems } = await browser.run({ target, script, kind: kinds[0].kind, nth: 0 });
        assert.ok(calls > 10, `${calls} calls`);
        assert.deepEqual({ struck, rejected, problems }, { struck: 0, rejected: 0, problems: [] });
      });
    }
  }
});

describe("what a fault has done once", LIMIT, () => {
  for (const run of FOUND) {
    test(`${run.script}: ${run.kind}, n = ${run.nth}`, async () => none(await oneRun(browser, { target: OURS, ...run })));
  }
});

describe("a fault at every operation", LIMIT, () => {
  for (const [place, { kind, isLong, isLasting }] of kinds.entries()) {
    for (const script of scripts) {
      const job = { target: OURS, script, kind };
      if (IS_FULL) test(`${script}: ${kind}`, async () => none(await everyRun(browser, job, { isLong })));
      // Of those that are slow none, and each with the data store and with one of the others.
      else if (!isLong && script === "data") test(`${script}: ${kind}`, async () => none(await someRuns(browser, job, isLasting ? [17] : [3, 11])));
      else if (!isLong && script === others[place % others.length]) test(`${script}: ${kind}`, async () => none(await someRuns(browser, job, [2 + ((place * 5) % 17)])));
    }
  }
});

// What becomes of the others is told, not judged; only that their runs were made.
if (IS_FULL) {
  const compared = targets.filter((name) => name !== OURS);

  describe("the same faults and other packages", LIMIT, () => {
    for (const target of compared) {
      for (const { kind, isLong } of kinds) {
        test(`${target}: ${kind}`, async () => {
          const failures = await everyRun(browser, { target, script: "plain", kind }, { isLong });
          if (target === SAME) none(failures);
        });
      }
    }
  });

  test("every fault struck every package", () => {
    const spared = compared.flatMap((target) => kinds.filter(({ kind }) => !made.some((run) => run.target === target && run.kind === kind)).map(({ kind }) => [target, kind]));
    // Not all of them end their transactions themselves.
    assert.deepEqual(spared.filter(([, kind]) => !kind.startsWith("commit()")), []);
  });
}
