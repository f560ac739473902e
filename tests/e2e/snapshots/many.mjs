import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("many saves", () => {
  test("of which none is waited for become durable, while the page goes on", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    await snapshots.row("session124").click();
    await snapshots.titled("session124");
    await snapshots.button("Save 500 times").click();
    await page.getByText(/^500 saves durable after [\d,]+ ms\./).waitFor();
    assert.equal(await page.locator("#burst-bar").evaluate((bar) => bar.value), 500);
    await page.getByRole("link", { name: "See its versions" }).click();
    await snapshots.titled("state");
    await snapshots.version(500).waitFor();
    assert.deepEqual(await snapshots.versions(), Array.from({ length: 21 }, (_, at) => 500 - at));
    assert.equal((await snapshots.value()).step, 500);
    await snapshots.version(490).click();
    await snapshots.shows('"step": 490');
  });

  test("are deleted with their scope, after saying how many they are", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    await stage.inStore(async (db) => {
      const store = db.snapshotStore({ path: ["session123", "many"] });
      await Promise.all(Array.from({ length: 300 }, (_, at) => store.save(`key ${String(at).padStart(3, "0")}`, at)));
    });
    await snapshots.row("many").waitFor();
    await snapshots.row("many").click();
    await page.getByText("200 more are in the tree.").waitFor();
    await snapshots.row("session123").click();
    await snapshots.titled("session123");
    await snapshots.button("Delete all").click();
    await page.getByText("\u201csession123\u201d with all that is below it, 305 snapshots, will be gone with all versions.").waitFor();
    await snapshots.confirm("Cancel");
    await snapshots.button("Delete all").click();
    await snapshots.confirm("Delete 305 snapshots");
    await snapshots.said("305 snapshots deleted.");
    await snapshots.titled("All scopes");
    await snapshots.waitForRows(["session124", "defaults"]);
  });
});
