import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, freshName, newPage } from "./harness.mjs";

describe("two pages that change the same records", LIMIT, () => {
  async function pages(context) {
    const name = freshName();
    const both = [await newPage(context), await newPage(context)];
    for (const page of both) {
      await page.evaluate(async (name) => {
        globalThis.db = await ads.open({ name });
        globalThis.store = db.dataStore();
      }, name);
    }
    return both;
  }

  const together = (pages, run, argument) => Promise.all(pages.map((page, place) => page.evaluate(run, [place, argument])));

  /** What a page reads that has taken up what the other one wrote. */
  const read = (page, key) =>
    page.evaluate(async (key) => {
      await db.refresh();
      return store.get(key);
    }, key);

  test("updates of both lose nothing, those that nobody waits for and those one after the other", async (context) => {
    const both = await pages(context);
    const seen = await together(both, async ([, times]) => {
      const add = (count = 0) => count + 1;
      const values = (await Promise.all(Array.from({ length: times }, () => store.update("count", add)))).map(({ value }) => value);
      for (let done = 0; done < 4 * times; done++) values.push((await store.update("count", add)).value);
      return values;
    }, 100);
    assert.equal(new Set(seen.flat()).size, 1_000, "no two calls made the same value");
    for (const page of both) assert.equal(await read(page, "count"), 1_000);
  });

  test("an atomic commit of one is there as a whole for the other, whatever that does", async (context) => {
    const both = await pages(context);
    const [found] = await together(both, async ([place, times]) => {
      const torn = [];
      for (let done = 0; done < times; done++) {
        const change = db.atomic().sum("a", 1).useNamespace("others").sum("b", 1).append("list", [place]);
        if (!(await change.commit()).ok) torn.push("not made");
        const { ok } = await db.atomic().sum("both", 1).useNamespace("others").sum("both", 1).commit();
        if (!ok) torn.push("not made");
        // One reading of both.
        const [mine, theirs] = await Promise.all([store.get("a"), db.dataStore({ namespace: "others" }).get("b")]);
        if (mine !== theirs) torn.push([mine, theirs]);
      }
      return torn;
    }, 100);
    assert.deepEqual(found, []);
    for (const page of both) assert.equal(await read(page, "a"), 200);
    const list = await both[0].evaluate(() => db.dataStore({ namespace: "others" }).get("list"));
    assert.deepEqual([0, 1].map((place) => list.filter((each) => each === place).length), [100, 100]);
  });

  test("of two that checked the same version one is first, and the other is told", async (context) => {
    const both = await pages(context);
    await both[0].evaluate(() => store.set("turn", 0));
    let won = [0, 0];
    for (let round = 1; round <= 30; round++) {
      const { version } = await both[round % 2].evaluate(async () => {
        await db.refresh();
        return store.getEntry("turn");
      });
      const results = await together(both, async ([place, [version, round]]) => (await db.atomic().check("turn", version).set("turn", [round, place]).commit()).ok, [version, round]);
      assert.equal(results.filter(Boolean).length, 1, `round ${round}: ${results}`);
      const winner = results.indexOf(true);
      won[winner]++;
      assert.deepEqual(await read(both[1 - winner], "turn"), [round, winner]);
    }
    assert.equal(won[0] + won[1], 30);
  });
});
