import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, freshName, newPage } from "./harness.mjs";

const open = async (page, name) => {
  await page.evaluate(async (name) => {
    globalThis.db = await ads.open({ name });
    globalThis.store = db.dataStore();
  }, name);
  return page;
};

/** What an index and a walk through all records find in a page that has taken up what others wrote. */
const both = (page) =>
  page.evaluate(async () => {
    await db.refresh();
    const found = [];
    for (let group = 0; group < 4; group++) {
      const options = { where: { group }, limit: 100_000, keysOnly: true };
      const { index, entries } = await store.explain(options);
      const { keys } = await store.find(options);
      // Under two negations no index serves.
      const walked = await store.find({ ...options, where: { $not: { $not: { group } } } });
      found.push([index, entries === keys.length, JSON.stringify(keys) === JSON.stringify(walked.keys), keys.length]);
    }
    return found;
  });

describe("indexes, and two pages", LIMIT, () => {
  test("one that is built while the other page writes lists every record once, and goes on doing so", async (context) => {
    const name = freshName();
    const [builder, writer] = [await open(await newPage(context), name), await open(await newPage(context), name)];
    await builder.evaluate(() => store.setMany(Array.from({ length: 8_000 }, (_, n) => [`k${n}`, { group: n % 4, n }])));
    const writing = writer.evaluate(async () => {
      await db.refresh();
      let count = 0;
      while (!globalThis.isOver) {
        const n = (count++ * 37) % 8_000;
        await store.set(`k${n}`, { group: (n + count) % 4 });
        if (count % 3 === 0) await store.delete(`k${(n + 1) % 8_000}`);
        if (count % 5 === 0) await store.deleteByPrefix(`k${(n % 90) + 10}1`);
      }
      return count;
    });
    await builder.evaluate(() => store.createIndex("group", ["group"]));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await writer.evaluate(() => void (globalThis.isOver = true));
    assert.ok((await writing) > 20, "the other page wrote meanwhile");
    for (const page of [builder, writer]) {
      for (const [index, isExact, isSame, count] of await both(page)) {
        assert.deepEqual([index, isExact, isSame], ["group", true, true]);
        assert.ok(count > 100);
      }
    }
  });

  test("one whose page was killed in the middle is built by the next page", async (context) => {
    const name = freshName();
    const killed = await open(await newPage(context), name);
    await killed.evaluate(() => store.setMany(Array.from({ length: 30_000 }, (_, n) => [`k${n}`, { group: n % 4 }])));
    await killed.evaluate(() => void store.createIndex("group", ["group"]));
    const next = await open(await newPage(context), name);
    const isReady = () => next.evaluate(async () => (await db.refresh(), (await store.listIndexes())[0]?.isReady));
    while ((await isReady()) === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    await killed.close({ runBeforeUnload: false });
    const before = await isReady();
    const early = await both(next);
    if (!before) assert.ok(early.every(([index]) => index === null), "it is not used before it is ready");
    await next.evaluate(() => store.createIndex("group", ["group"]));
    assert.equal(await isReady(), true);
    for (const found of await both(next)) assert.deepEqual(found, ["group", true, true, 7_500]);
  });
});
