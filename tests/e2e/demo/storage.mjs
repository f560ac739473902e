import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("storage", () => {
  test("shows what is used, and asks the browser to keep it", async () => {
    const { demo, page } = stage;
    await demo.open();
    await page.locator("#storage-used").filter({ hasText: / of .+ used$/ }).waitFor();
    assert.equal(await page.locator("#storage-database").textContent(), new URL(page.url()).searchParams.get("db"));
    assert.equal(await page.locator("#storage-backend").textContent(), "indexeddb");
    const keep = demo.button("Keep it");
    await keep.click();
    const answered = page.locator("#notice").filter({ hasText: "The browser declined." });
    await page.locator("#storage-persisted").filter({ hasText: "Kept until you delete it." }).or(answered).first().waitFor();
  });
});
