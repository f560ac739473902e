import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("versions", () => {
  test("are made by saving, shown, compared and restored", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    assert.deepEqual(await snapshots.versions(), [4, 3, 2, 1]);
    await snapshots.button("Edit").click();
    await snapshots.write({ value: "{" });
    await snapshots.editor.getByRole("alert").filter({ hasText: "Not valid JSON" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("Discard your changes?").waitFor();
    await snapshots.confirm("Cancel");
    await snapshots.write({ value: { name: "Alice", step: 5 } });
    await snapshots.said("The snapshot is saved.");
    await snapshots.version(5).waitFor();
    assert.deepEqual(await snapshots.value(), { name: "Alice", step: 5 });

    await snapshots.version(2).click();
    await snapshots.shows('"step": 2');
    await page.getByText("This is version 2; the current one is 5.").waitFor();
    await snapshots.compare(5, 1);
    await page.getByRole("heading", { name: "From version 1 to version 5" }).waitFor();
    assert.deepEqual(await snapshots.diff(), [
      '-"role": "planner",', '-"step": 1,', '-"goal": "Compare three Rust HTTP clients",', '-"done": [],', '-"next": [', '-"list the crates"', "-]", '+"step": 5',
    ].map((line) => line.replace(/^-/, "\u2212")));
    await snapshots.reload();
    await page.getByText("1 line added, 7 removed").waitFor();
    assert.ok(await page.getByLabel("Compare version 1", { exact: true }).isChecked());
    // A third one takes the place of the one that was ticked first.
    await snapshots.compare(4);
    await page.getByRole("heading", { name: "From version 4 to version 5" }).waitFor();
    await snapshots.button("Close").click();
    await snapshots.shows('"step": 5');

    await snapshots.version(1).click();
    await snapshots.button("Restore it").click();
    await snapshots.version(6).waitFor();
    await snapshots.shows('"step": 1');
    assert.deepEqual(await snapshots.versions(), [6, 5, 4, 3, 2, 1]);
    await snapshots.compare(1, 6);
    await page.getByText("The values are equal.").waitFor();
  });

  test("are forgotten, of a key and of all below a scope", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    const prune = async (open, keep, said) => {
      await snapshots.button(open).click();
      await page.getByLabel("Keep beside the current one").fill(keep);
      await snapshots.button("Forget the others").click();
      await snapshots.said(said);
    };
    await snapshots.version(1).click();
    await snapshots.button("Restore it").waitFor();
    await prune("Forget\u2026", "1", "2 versions forgotten.");
    await page.getByText("Version 1 is not kept any more.").waitFor();
    assert.deepEqual(await snapshots.versions(), [4, 3]);
    await snapshots.row("session123").click();
    await page.locator("#scope-rows tr").nth(3).waitFor();
    await prune("Forget versions", "0", "6 versions forgotten.");
    await snapshots.row("agent").first().click();
    await snapshots.titled("agent");
    await page.waitForFunction(() => document.querySelectorAll("#versions li").length === 1);
    assert.ok(await snapshots.button("Forget\u2026").isDisabled());
  });

  test("keys and scopes are added and deleted", async () => {
    const { snapshots, page } = stage;
    await snapshots.open();
    await snapshots.button("Add a key").click();
    await snapshots.write({ key: "first", value: null });
    await snapshots.titled("first");
    assert.equal(await snapshots.value(), null);
    await snapshots.button("Add key").click();
    await snapshots.write({ key: "first", value: 1 });
    await snapshots.editor.getByRole("alert").filter({ hasText: "exists already" }).waitFor();
    await snapshots.write({ key: "second", value: 2 });
    await snapshots.titled("second");
    await snapshots.button("Add scope").click();
    await snapshots.write({ scope: "below", key: "third", value: [3] });
    await snapshots.titled("third");
    await snapshots.waitForRows(["below", "third", "first", "second"]);
    await snapshots.button("Delete").click();
    await page.getByText("\u201cthird\u201d in below with its 1 version will be gone.").waitFor();
    await snapshots.confirm("Delete");
    await page.getByText("Nothing is saved in this scope.").waitFor();
    await page.getByRole("link", { name: "All scopes" }).click();
    await snapshots.button("Delete all").click();
    await snapshots.confirm("Delete 2 snapshots");
    await snapshots.button("Fill in an example").waitFor();
  });
});
