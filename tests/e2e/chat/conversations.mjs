import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("conversations", () => {
  test("are renamed, archived and deleted", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.ask("the first one");
    await chat.button("New chat").click();
    await chat.ask("the second one");
    await chat.conversation("the first one").waitFor();
    assert.deepEqual(await chat.titles(), ["the second one", "the first one"]);

    await chat.button("Rename").click();
    await page.getByLabel("Title").fill("  renamed <b>  ");
    await page.getByLabel("Title").press("Enter");
    await chat.conversation("renamed <b>").waitFor();
    await page.getByRole("heading", { name: "renamed <b>", exact: true }).waitFor();

    await chat.conversation("the first one").click();
    await chat.message(0).filter({ hasText: "the first one" }).waitFor();
    await chat.ask("once more");
    await chat.conversation("the first one").filter({ hasText: "4" }).waitFor();
    assert.deepEqual(await chat.titles(), ["the first one", "renamed <b>"]);

    await chat.button("Archive").click();
    await page.waitForFunction(() => document.querySelectorAll("#conversation-list .row").length === 1);
    await chat.button("Archived").click();
    await chat.conversation("the first one").waitFor();
    assert.deepEqual(await chat.titles(), ["the first one"]);
    await chat.button("Unarchive").click();
    await page.getByText("No conversation is archived.").waitFor();
    await chat.button("Archived").click();
    await chat.conversation("the first one").waitFor();
    assert.deepEqual(await chat.titles(), ["the first one", "renamed <b>"]);

    await chat.button("Delete").last().waitFor();
    await page.locator("#delete-conversation").click();
    await chat.confirm("Cancel");
    await page.locator("#delete-conversation").click();
    await page.locator("#confirm").filter({ hasText: "“the first one” with its 4 messages" }).waitFor();
    await chat.confirm("Delete");
    await page.getByRole("heading", { name: "New chat" }).waitFor();
    await chat.count(0);
    await chat.reload();
    await chat.conversation("renamed <b>").waitFor();
    assert.deepEqual(await chat.titles(), ["renamed <b>"]);
  });

  test("keep what was begun to be written in them, and the address leads back", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.ask("alpha");
    await chat.composer.fill("unsent in alpha");
    await chat.button("New chat").click();
    assert.equal(await chat.composer.inputValue(), "");
    await chat.ask("beta");
    await page.goBack();
    await page.goBack();
    await chat.message(0).filter({ hasText: "alpha" }).waitFor();
    assert.equal(await chat.composer.inputValue(), "unsent in alpha");
    await page.getByRole("listbox", { name: "Conversations" }).focus();
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    await chat.message(0).filter({ hasText: "beta" }).waitFor();
  });

  test("of several lines are written with Shift and Enter", async () => {
    const { chat } = stage;
    await chat.open();
    await chat.composer.press("Enter");
    assert.equal(chat.chat, null);
    await chat.composer.pressSequentially("one");
    await chat.composer.press("Shift+Enter");
    await chat.composer.pressSequentially("two");
    await chat.composer.press("Enter");
    await chat.answered(1);
    assert.equal((await chat.texts())[0], "one\ntwo");
  });

  test("that are not there are said not to be", async () => {
    const { chat, page } = stage;
    await chat.open({ chat: "no such <b>chat" });
    await page.locator("#notice").filter({ hasText: "not there any more" }).waitFor();
    assert.equal(chat.chat, null);
    await chat.ask("a new one");
    assert.deepEqual(await chat.titles(), ["a new one"]);
    await chat.open({ user: "grace" });
    await page.getByText("No conversations yet.").waitFor();
  });

  test("are read page by page as the list is scrolled", async () => {
    const { chat, page } = stage;
    await stage.inStore(async (db) => {
      const chats = db.messageStore();
      for (let at = 0; at < 150; at += 1) await chats.addMessage(`c${at}`, `words ${at}`, { createIfMissing: true });
    });
    await chat.open();
    await chat.conversation("words 149").waitFor();
    const size = () => page.locator("#conversation-list .row").first().getAttribute("aria-setsize").then(Number);
    assert.ok((await size()) < 150, "not all are read at first");
    await page.waitForFunction(() => {
      const list = document.getElementById("conversation-list");
      list.scrollTop = list.scrollHeight;
      return [...list.querySelectorAll(".row")].some((row) => row.textContent.includes("words 0"));
    });
    assert.equal(await size(), 150);
  });
});
