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

    // A key that is deleted and saved anew counts from 1 again.
    await snapshots.button("Edit").click();
    await stage.inStore(async (db) => {
      const store = db.snapshotStore({ path: ["session123", "alice"], history: 20 });
      await store.delete("agent");
      for (let step = 1; step <= 7; step += 1) await store.save("agent", { step });
    });
    await snapshots.write({ value: { step: "mine again" } });
    await snapshots.page.getByText("Changed meanwhile").waitFor();
    await snapshots.confirm("Save mine");
    await snapshots.shows("mine again");

    await other.page.bringToFront();
    await other.version(8).waitFor();
    await other.button("Delete").click();
    await other.confirm("Delete");
    await other.titled("alice");
    await snapshots.page.bringToFront();
    await snapshots.page.getByText("\u201cagent\u201d is not in session123 / alice.").waitFor();
  });
});
