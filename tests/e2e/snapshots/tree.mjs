import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("the tree", () => {
  test("is walked through by keyboard alone, and what is chosen stays over a reload", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    await snapshots.open();
    await snapshots.waitForRows(["session123", "session124", "defaults"]);
    await snapshots.tree.focus();
    const press = async (key, on) => {
      await page.keyboard.press(key);
      await page.waitForFunction((name) => {
        const id = document.getElementById("tree").getAttribute("aria-activedescendant");
        return document.getElementById(id)?.children[1].textContent === name;
      }, on);
    };
    await press("ArrowDown", "session123");
    await page.keyboard.press("ArrowRight");
    await snapshots.waitForRows(["session123", "alice", "bob", "messages", "settings", "session124", "defaults"]);
    assert.equal(await snapshots.active(), "session123");
    assert.equal(await snapshots.row("session123").getAttribute("aria-expanded"), "true");
    await press("ArrowRight", "alice");
    await page.keyboard.press("ArrowRight");
    await snapshots.row("notes").waitFor();
    await press("ArrowRight", "agent");
    await press("ArrowDown", "notes");
    assert.deepEqual(
      await snapshots.row("notes").evaluate((row) => ["aria-level", "aria-posinset", "aria-setsize", "aria-expanded"].map((name) => row.getAttribute(name))),
      ["3", "2", "2", null],
    );
    await page.keyboard.press("Enter");
    await snapshots.titled("notes");
    await snapshots.shows("ureq blocks");
    assert.equal(await snapshots.row("notes").getAttribute("aria-selected"), "true");
    await press("ArrowLeft", "alice");
    await page.keyboard.press("ArrowLeft");
    await snapshots.row("notes").waitFor({ state: "detached" });
    await press("End", "defaults");
    await press("Home", "session123");
    await page.keyboard.press("Enter");
    await snapshots.titled("session123");
    await page.getByRole("row", { name: "alice 2 keys" }).waitFor();

    await page.goBack();
    await snapshots.titled("notes");
    await snapshots.version(1).click();
    await snapshots.button("Restore it").waitFor();
    await snapshots.reload();
    await snapshots.titled("notes");
    await snapshots.button("Restore it").waitFor();
    assert.deepEqual(await snapshots.value(), ["hyper is low level"]);
    assert.deepEqual(await snapshots.rows(), [
      "session123", "  alice", "    agent", "    notes", "  bob", "  messages", "  settings", "session124", "defaults",
    ]);
  });

  test("shows only the names that are looked for, wherever they are, and the scopes around them", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    await snapshots.open();
    await page.getByLabel("Find a name").fill("AGE");
    await snapshots.waitForRows(["session123", "alice", "agent", "bob", "agent", "messages", "session124", "messages"]);
    await page.getByText("4 names found").waitFor();
    await page.getByLabel("Find a name").fill("nowhere");
    await page.getByText("No name has this in it.").waitFor();
    await page.getByLabel("Find a name").fill("bob");
    await snapshots.waitForRows(["session123", "bob"]);
    await snapshots.row("bob").click();
    await snapshots.titled("bob");
    await page.getByLabel("Find a name").fill("");
    await snapshots.waitForRows(["session123", "alice", "bob", "agent", "messages", "settings", "session124", "defaults"]);
  });

  test("leads to the other pages of the same user, and from them to this one", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    await page.getByRole("link", { name: "Chat" }).click();
    await page.locator("body[data-state=open]").waitFor();
    await page.getByRole("link", { name: "Snapshots" }).click();
    await snapshots.row("session123").waitFor();
    await page.getByRole("link", { name: "Explorer" }).click();
    await page.locator("body[data-state=open]").waitFor();
    await page.getByRole("link", { name: "Snapshots" }).click();
    await snapshots.row("session123").waitFor();
  });
});
