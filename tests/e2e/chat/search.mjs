import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

/** A long conversation, and one in which a message was said anew. */
const fill = () =>
  stage.inStore(async (db) => {
    const chats = db.messageStore();
    const long = await chats.createConversation({ title: "Long one" });
    const text = (at) => (at === 400 ? "Here is the only needle <b>of all</b>" : `hay number ${at}`);
    await chats.addMessages(long.id, Array.from({ length: 800 }, (_, at) => ({ content: text(at) })));
    const edited = await chats.createConversation({ title: "Edited one" });
    const first = await chats.addMessage(edited.id, "A needle in the branch before");
    await chats.editMessage(edited.id, first.id, "Something else");
    return { long: long.id, edited: edited.id };
  });

const hits = () => stage.page.locator("#message-hits > button");

describe("searching the messages", () => {
  test("finds them in all conversations, and opens each where it stands", async () => {
    const { chat, page } = stage;
    const ids = await fill();
    await chat.open();
    const field = page.getByLabel("Search all messages");
    await field.fill("needl");
    await page.waitForFunction(() => document.querySelectorAll("#message-hits > button").length === 2);
    assert.deepEqual(await hits().locator("mark").allTextContents(), ["needle", "needle"]);
    assert.equal(await page.locator("#message-hits b").count(), 0, "what was stored is text");
    await stage.picture("search");

    await hits().filter({ hasText: "Long one" }).click();
    const article = page.locator("#messages > article.message").filter({ hasText: "the only needle" });
    await article.waitFor();
    assert.equal(chat.chat, ids.long);
    const inSight = await article.evaluate((found) => {
      const { top, bottom } = found.getBoundingClientRect();
      const thread = document.getElementById("thread").getBoundingClientRect();
      return top >= thread.top && bottom <= thread.bottom;
    });
    assert.ok(inSight, "the message is where one sees it");
    const texts = await chat.texts();
    const at = texts.findIndex((each) => each.includes("needle"));
    assert.deepEqual([texts[at - 1], texts[at + 1]], ["hay number 399", "hay number 401"]);

    // One of another branch: that becomes the active one.
    await hits().filter({ hasText: "Edited one" }).click();
    await page.locator("#messages > article").filter({ hasText: "in the branch before" }).waitFor();
    assert.equal(chat.chat, ids.edited);
    assert.deepEqual(await chat.texts(), ["A needle in the branch before"]);

    await field.fill("nowhere at all");
    await page.getByText("Nothing found.").waitFor();
    assert.equal(await hits().count(), 0);
    await field.press("Escape");
    await page.waitForFunction(() => !document.body.hasAttribute("data-searching"));
    assert.equal((await chat.titles()).length, 2);
  });
});
