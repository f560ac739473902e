import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("search", () => {
  test("can be stopped, and begins anew", async () => {
    const { demo, page } = stage;
    await demo.open();
    await demo.button("Load the sample").click();
    await demo.waitForCount(2);
    await page.getByLabel("Search keys and contents").fill("HTTP");
    // In one task, so that no record is read in between.
    await page.evaluate(() => {
      document.getElementById("search-form").requestSubmit();
      document.getElementById("search-stop").click();
    });
    assert.equal(await page.locator("#search-status").textContent(), "Stopped.");
    assert.deepEqual(await demo.search("HTTP"), { found: 1, looked: 2 });
    assert.deepEqual(await demo.search("http", "all"), { found: 2, looked: 6 });
    assert.deepEqual(await demo.search("no such words", "all"), { found: 0, looked: 6 });
    await page.getByLabel("Search keys and contents").fill("reqwest");
    await page.locator("#search-status").filter({ hasText: /^2 records of 6 in/ }).waitFor();
    await page.getByLabel("Search keys and contents").press("Escape");
    await demo.keyRow("goal").waitFor();
  });
});
