import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("two tabs", () => {
  test("show what the other saves, and keep their place", async () => {
    const { snapshots } = stage;
    await snapshots.openWithExample();
    await snapshots.version(2).click();
    await snapshots.button("Restore it").waitFor();
    const other = await stage.newTab();
    await other.open({ scope: ["session123", "alice"], key: "agent" });
    await other.button("Edit").click();
    await other.write({ value: { step: "elsewhere" } });
    await other.version(5).waitFor();
    await snapshots.page.bringToFront();
    await snapshots.version(5).waitFor();
    await snapshots.page.getByText("This is version 2; the current one is 5.").waitFor();
    assert.equal((await snapshots.value()).step, 2);

    await snapshots.version(5).click();
    await snapshots.shows("elsewhere");
    await snapshots.button("Edit").click();
    await other.page.bringToFront();
    await other.button("Edit").click();
    await other.write({ value: { step: "meanwhile" } });
    await other.version(6).waitFor();
    await snapshots.page.bringToFront();
    await snapshots.write({ value: { step: "mine" } });
    await snapshots.page.getByText("Changed meanwhile").waitFor();
    await snapshots.confirm("Save mine");
    await snapshots.shows("mine");
    assert.equal((await snapshots.versions())[0], 7);

    await other.page.bringToFront();
    await other.button("Delete").click();
    await other.confirm("Delete");
    await other.titled("alice");
    await snapshots.page.bringToFront();
    await snapshots.page.getByText("\u201cagent\u201d is not in session123 / alice.").waitFor();
  });
});
