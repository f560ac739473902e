import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("earlier prompts", () => {
  test("come back by the arrow keys as in a shell, and out of the menu", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    for (const prompt of ["first", "second", "two\nlines"]) await sessions.runs(prompt);
    const shown = () => sessions.prompt.inputValue();
    const press = async (key, wanted) => {
      await sessions.prompt.press(key);
      assert.equal(await shown(), wanted);
    };
    await sessions.prompt.fill("begun");
    await press("ArrowUp", "two\nlines");
    // Within several lines the key moves the cursor first.
    await press("ArrowUp", "two\nlines");
    await press("ArrowUp", "second");
    await press("ArrowUp", "first");
    await press("ArrowUp", "first");
    await press("ArrowDown", "second");
    await press("ArrowDown", "two\nlines");
    await press("ArrowDown", "begun");
    await press("ArrowDown", "begun");
    await press("ArrowUp", "two\nlines");
    await sessions.prompt.fill("another");
    await press("ArrowUp", "two\nlines");

    // They are those of the user, of all sessions.
    await sessions.button("New session").click();
    await page.locator("#runs > li").first().waitFor({ state: "detached" });
    assert.equal(await shown(), "");
    await page.getByText("Prompts (3)").click();
    assert.deepEqual(await page.locator("#prompt-list button").allTextContents(), ["two\nlines", "second", "first"]);
    await page.keyboard.press("Escape");
    await page.locator("#prompt-list").waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    await page.locator("#prompt-list").getByRole("button", { name: "first" }).click();
    assert.equal(await shown(), "first");
    assert.equal(await page.evaluate(() => document.activeElement.id), "prompt");
    await sessions.prompt.press("Enter");
    await sessions.run(1).waitFor();
    await page.getByText("Prompts (4)").waitFor();
  });
});
