// The end of the origin's quota, for each of the four stores. Needs the package that scripts/build.sh makes. REPORT=1 writes what was measured.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { report } from "../../scripts/report.mjs";
import { CHROMIUM, CHROMIUM_FLAGS } from "../chromium.mjs";
import { serve } from "../e2e/serve.mjs";

const QUOTA = 3_000_000;
/** The ways in which Chromium keeps databases. */
const BACKENDS = { LevelDB: [], SQLite: ["--enable-features=IdbSqliteBackingStore"] };
const STORES = ["data", "messages", "snapshots", "sessions"];
const measured = [];

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

const isRefused = (outcome, what) => assert.deepEqual([outcome.name, outcome.code], ["StoreError", "QUOTA_EXCEEDED"], `${what}: ${JSON.stringify(outcome)}`);
const isDone = (outcome, what) => assert.ok(!outcome.hung && outcome.name === undefined, `${what}: ${JSON.stringify(outcome)}`);

for (const [backend, flags] of Object.entries(BACKENDS)) {
  describe(`the quota, ${backend}`, { timeout: 300_000 }, async () => {
    const profile = await mkdtemp(join(tmpdir(), "agent-datastore-quota-"));
    const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, headless: true, args: [...CHROMIUM_FLAGS, ...flags] });
    const version = context.browser()?.version();

    after(async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    });

    for (const store of STORES) {
      test(`${store}: refused as a whole, deletions need no room, small changes fit after them, and all goes on when it is lifted`, async (t) => {
        // The quota is of an origin, and counts only if it is set before the origin's first use of IndexedDB.
        const server = await serve({ "/": folder("page"), "/pkg": folder("../../pkg/web") });
        const page = await context.newPage();
        t.after(() => Promise.all([page.close(), server.close()]));
        await page.goto(`${server.origin}/blank.html`);
        const session = await context.newCDPSession(page);
        const { origin } = server;
        await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: QUOTA });
        await page.evaluate(async (store) => {
          globalThis.quota = await import("/quota.mjs");
          await quota.begin(store);
        }, store);

        const over = await page.evaluate(() => quota.over());
        isRefused(over.filled, "filling");
        assert.ok(over.filled.count >= 3 && over.filled.count < 20, `${over.filled.count} records fitted`);
        isRefused(over.large, "more than there is room");
        assert.deepEqual([over.isIntact, over.isSame], [true, true], "nothing of it is written, and what was there stays");

        const brim = await page.evaluate(() => quota.brim());
        for (const [size, filled] of brim) isRefused(filled, `${size} bytes`);

        const free = await page.evaluate(() => quota.free());
        // So small a quota is full of what LevelDB itself keeps, and it gives nothing back for a while, not even the reserve.
        const isStuck = backend === "LevelDB" && free.removed.code === "QUOTA_EXCEEDED";
        if (!isStuck) {
          isDone(free.removed, "a deletion without room");
          isDone(free.deleted, "deletions of large records");
          assert.equal(free.deleted.value, 2);
          isDone(free.small, "a small change after the deletions");
        }
        assert.equal(free.isSame, true);

        await session.send("Storage.overrideQuotaForOrigin", { origin });
        const lifted = await page.evaluate(() => quota.lifted());
        isDone(lifted.outcome, "what was refused, once there is room");
        assert.deepEqual([lifted.isSame, lifted.damage], [true, []]);
        const fitted = [over.filled.count, ...brim.map(([, { count }]) => count)].join(" + ");
        measured.push({ backend, version, cells: [store, fitted, over.large.code, isStuck ? "refused" : `${free.ms} ms`, `${lifted.ms} ms`] });
      });
    }
  });
}

after(() => {
  // Only what all of the tests have seen.
  if (!process.env.REPORT || measured.length < STORES.length * Object.keys(BACKENDS).length) return;
  const rows = measured.map(({ backend, cells }) => `| ${[backend, ...cells].join(" | ")} |`);
  report(
    "quota",
    `${new Date().toISOString().slice(0, 10)}, Chromium ${measured[0].version}, a quota of ${QUOTA.toLocaleString("en-US")} bytes. Written by \`REPORT=1 node --test tests/sweep/quota.test.mjs\`.

| kept in | store | records of 500,000, 50,000, 5,000, 500, 50 bytes that fitted | one change of 2 MB | deletions and a small change, then | the same change, the quota lifted |
| --- | --- | ---: | --- | ---: | ---: |
${rows.join("\n")}

What was refused was refused as a whole; what was there could be read all the time, by the same object and by a new one.`,
  );
});
