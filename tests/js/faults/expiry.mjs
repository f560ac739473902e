import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, freshName, newPage } from "./harness.mjs";

describe("records that expire, in two pages", LIMIT, () => {
  test("are gone for both at their time, are told once to each, and leave nothing behind", async (context) => {
    const name = freshName();
    const pages = [await newPage(context), await newPage(context)];
    for (const page of pages) {
      await page.evaluate(async (name) => {
        globalThis.db = await ads.open({ name });
        globalThis.store = db.dataStore();
        globalThis.told = [];
        await new Promise((resolve) =>
          store.subscribe({ prefix: "" }, ({ changes }) => {
            resolve();
            for (const { key, value } of changes) told.push([key, value !== undefined]);
          }),
        );
      }, name);
    }
    const [writer, other] = pages;
    const at = await writer.evaluate(async () => {
      const at = Date.now() + 700;
      await store.setMany({ a: 1, b: 2 }, { expiresAt: new Date(at) });
      await store.set("kept", 3);
      return at;
    });
    const before = await other.evaluate(async () => {
      await db.refresh();
      return [await store.listKeys(), Date.now()];
    });
    if (before[1] < at) assert.deepEqual(before[0], ["a", "b", "kept"]);
    // Both look in the same millisecond.
    const look = async (at) => {
      while (Date.now() < at) await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
      return [await store.has("a"), await store.listKeys(), await store.get("kept")];
    };
    for (const seen of await Promise.all(pages.map((page) => page.evaluate(look, at)))) assert.deepEqual(seen, [false, ["kept"], 3]);
    for (const page of pages) {
      await page.waitForFunction(() => told.length >= 5);
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
      assert.deepEqual(await page.evaluate(() => told), [["a", true], ["b", true], ["kept", true], ["a", false], ["b", false]]);
    }
    // The record that is left, and nothing of the others.
    assert.equal((await writer.evaluate(() => db.verify())).entries, 1);
  });

  test("go by themselves, also in a page that only has the database open, or opens it later", async (context) => {
    const name = freshName();
    const [writer, other] = [await newPage(context), await newPage(context)];
    await other.evaluate(async (name) => void (globalThis.db = await ads.open({ name })), name);
    await writer.evaluate(async (name) => {
      globalThis.db = await ads.open({ name });
      const store = db.dataStore();
      await store.set("k", 1, { expiresInMs: 400 });
      await store.set("later", 1, { expiresInMs: 1_200 });
    }, name);
    await writer.close({ runBeforeUnload: false });
    const entries = (count) =>
      other.evaluate(async (count) => {
        for (let tries = 0; (await db.verify()).entries !== count; tries++) {
          if (tries > 100) throw new Error(`${(await db.verify()).entries} entries`);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }, count);
    // A record and its place in the list of what expires.
    await entries(2);
    await other.evaluate(() => db.close());
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await other.evaluate(async (name) => void (globalThis.db = await ads.open({ name })), name);
    await entries(0);
  });
});
