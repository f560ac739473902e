import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const NAMES = ["<img src=x onerror=window.pwned=1>", "__proto__", "a/b", "constructor", "..", "\u202Ereversed", "w".repeat(200)];

describe("hostile names and values", () => {
  test("are text, wherever they are shown", async () => {
    const { snapshots, page } = stage;
    await stage.inStore(async (db, names) => {
      for (const scope of names.slice(0, 3)) {
        const store = db.snapshotStore({ path: [scope], history: 5 });
        for (const key of names) {
          await store.save(key, { [key]: 1, text: "<b>bold</b>" });
          await store.save(key, { text: "<script>window.pwned=1</script>", ["__proto__"]: key });
        }
      }
    }, NAMES);
    await snapshots.open();
    for (const scope of NAMES.slice(0, 3)) {
      await snapshots.open({ scope: [scope] });
      await snapshots.titled(scope);
      await page.locator("#scope-rows tr").nth(NAMES.length - 1).waitFor();
      assert.deepEqual((await page.locator("#scope-rows th").allTextContents()).sort(), [...NAMES].sort());
      for (const key of [NAMES[0], "__proto__", "a/b", ".."]) {
        await snapshots.row(key).and(page.locator("[aria-level='2']")).click();
        await snapshots.titled(key);
        await snapshots.shows("window.pwned=1");
        await snapshots.compare(1, 2);
        await page.locator("#comparison").getByText("<b>bold</b>").waitFor();
      }
    }
    await stage.picture("hostile");
    await snapshots.button("Delete").click();
    await page.getByText("\u201c..\u201d in a/b").waitFor();
    await snapshots.confirm("Delete");
    await snapshots.titled("a/b");
    await snapshots.button("Add scope").click();
    await snapshots.write({ scope: NAMES[0], key: "__proto__", value: '{"__proto__": 7}' });
    await snapshots.titled("__proto__");
    assert.equal(await page.locator("#snapshot-value").textContent(), '{\n  "__proto__": 7\n}');
    const result = await page.evaluate(() => ({
      pwned: window.pwned,
      elements: document.querySelectorAll("body script, body img:not(header img), body b").length,
      wider: document.documentElement.scrollWidth - innerWidth,
    }));
    assert.deepEqual(result, { pwned: undefined, elements: 0, wider: 0 });
  });
});
