import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const repository = new URL("../../../", import.meta.url);
const FILES = ["README.md", "docs/architecture.md", "docs/performance.md", "scripts/test.sh", "www/src/search.ts", "src/store/chat/stream.rs"];

const NARROW = { width: 390, height: 844 };

describe("looks", () => {
  test("in light and dark, wide and narrow", async () => {
    const { chat, page } = stage;
    await chat.open({ delay: 20 });
    await stage.picture("nothing-light");
    await chat.loadSample();
    await stage.picture("welcome-light");
    await page.setViewportSize(NARROW);
    await stage.picture("welcome-narrow");
    await page.setViewportSize({ width: 1280, height: 800 });
    await chat.button("Which HTTP client is the usual choice?").click();
    await chat.answered(1);
    await chat.button("New chat").click();
    await chat.ask("What is the goal, and is it done?");
    await chat.ask("Which licence does reqwest have?");
    await stage.picture("light");
    await chat.send("And the features of hyper?");
    await chat.message(5).filter({ hasText: "best." }).waitFor();
    await page.emulateMedia({ colorScheme: "dark" });
    await stage.picture("streaming-dark");
    await chat.answered(5);
    await stage.picture("dark");
    await chat.action(4, "Edit").click();
    await stage.picture("editing-dark");
    await page.keyboard.press("Escape");
    await page.setViewportSize(NARROW);
    await stage.picture("narrow-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await stage.picture("narrow-light");
    await chat.button("‹ Chats").click();
    await chat.conversation("Which HTTP client").waitFor();
    await stage.picture("narrow-list");
    await page.setViewportSize({ width: 1280, height: 800 });
    const files = await Promise.all(FILES.map(async (path) => [path, await readFile(new URL(path, repository), "utf8")]));
    await stage.inStore((db, items) => db.dataStore({ namespace: "files:agent-datastore" }).setMany(items), files);
    await chat.button("New chat").click();
    await chat.ask("When is a message interrupted, after a crash?");
    await stage.picture("files-light");
    await page.setViewportSize(NARROW);
    await chat.button("‹ Chats").click();

    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(wider, 0, "the page scrolls sideways");
    await chat.conversation("Which HTTP client").click();
    await chat.message(1).filter({ hasText: "usual choice" }).waitFor();
    assert.ok(await chat.composer.isVisible());
  });
});
