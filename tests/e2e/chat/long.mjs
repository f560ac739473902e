import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const fill = (count) =>
  stage.inStore(
    async (db, wanted) => {
      const chats = db.messageStore();
      const { id } = await chats.createConversation({ title: "long" });
      const messages = Array.from({ length: wanted }, (_, at) => ({
        role: at % 2 === 0 ? "user" : "assistant",
        content: `number ${at}\n${"line\n".repeat(at % 7)}end`,
      }));
      await chats.addMessages(id, messages);
      return id;
    },
    count,
  );

describe("a long conversation", () => {
  test("opens at its end, and is read upwards without losing the place", async () => {
    const { chat, page } = stage;
    await chat.open({ chat: await fill(2000) });
    await chat.message(0).waitFor();
    const state = () =>
      page.evaluate(() => {
        const thread = document.getElementById("thread");
        const top = thread.getBoundingClientRect().top;
        const articles = [...document.querySelectorAll("#messages > article")];
        const number = (article) => Number(/number (\d+)/.exec(article.textContent)[1]);
        return {
          count: articles.length,
          numbers: articles.map(number),
          fromEnd: thread.scrollHeight - thread.scrollTop - thread.clientHeight,
          seen: articles.filter((each) => each.getBoundingClientRect().bottom > top).map((each) => [number(each), each.getBoundingClientRect().top])[0],
        };
      });
    const opened = await state();
    assert.equal(opened.numbers.at(-1), 1999);
    assert.ok(opened.fromEnd < 2, `${opened.fromEnd} px below`);
    assert.ok(opened.count < 200, `${opened.count} are drawn`);

    // Where a message is when the older ones come is where it stays.
    let most = 0;
    for (let step = 0; step < 60; step += 1) {
      const before = await page.evaluate(() => {
        const thread = document.getElementById("thread");
        const first = document.querySelector("#messages > article");
        thread.scrollTop = Math.max(0, thread.scrollTop - 600);
        window.watched = [...document.querySelectorAll("#messages > article")].find(
          (each) => each.getBoundingClientRect().bottom > thread.getBoundingClientRect().top,
        );
        return { first: first.textContent, top: window.watched.getBoundingClientRect().top };
      });
      await page.waitForTimeout(40);
      const after = await page.evaluate(() => window.watched.isConnected && window.watched.getBoundingClientRect().top);
      assert.ok(after !== false && Math.abs(after - before.top) < 1.5, `it moved from ${before.top} to ${after}`);
      most = Math.max(most, (await state()).count);
    }
    assert.ok((await state()).numbers[0] < 1850, "older ones were read");
    assert.ok(most <= 240, `${most} are drawn`);

    // All the way up, then down again to the end.
    await page.waitForFunction(() => {
      const thread = document.getElementById("thread");
      thread.scrollTop = 0;
      return document.querySelector("#messages > article").textContent.includes("number 0\n");
    });
    const top = await state();
    assert.deepEqual(top.numbers, Array.from({ length: top.count }, (_, at) => at));
    assert.ok(top.count <= 240);
    await page.waitForFunction(() => {
      const thread = document.getElementById("thread");
      thread.scrollTop = thread.scrollHeight;
      return document.querySelector("#messages > article:last-child").textContent.includes("number 1999");
    });
    const end = await state();
    assert.deepEqual(end.numbers, Array.from({ length: end.count }, (_, at) => 2000 - end.count + at));
  });

  test("has versions in its middle, which come and go in their place", async () => {
    const { chat, page } = stage;
    const id = await fill(300);
    await stage.inStore(async (db, conversation) => {
      const chats = db.messageStore();
      const all = await chats.getConversationMessages(conversation);
      const again = await chats.beginMessage(conversation, { siblingOf: all[261].id });
      again.append("another version of 261");
      await again.finish();
      await chats.switchBranch(conversation, all[261].id);
    }, id);
    await chat.open({ chat: id });
    const before = page.locator("#messages > article").filter({ hasText: "number 261" });
    await before.waitFor();
    await before.scrollIntoViewIfNeeded();
    const top = () => page.evaluate(() => document.activeElement.closest("article").getBoundingClientRect().top);
    await before.getByRole("button", { name: "Next version" }).focus();
    await page.keyboard.press("Enter");
    const after = page.locator("#messages > article").filter({ hasText: "another version of 261" });
    await after.filter({ hasText: "2 / 2" }).waitFor();
    assert.equal(await page.locator("#messages > article").last().locator(".message-text").innerText(), "another version of 261");
    // The focus goes on to the button that can still be pressed. Nothing is below, so it went down to the end.
    const was = await top();
    await page.keyboard.press("Enter");
    await before.filter({ hasText: "1 / 2" }).waitFor();
    await page.locator("#messages > article").filter({ hasText: "number 270" }).waitFor();
    assert.ok(Math.abs((await top()) - was) < 2, `it moved from ${was} to ${await top()}`);
  });

  test("of ten thousand messages opens and answers at once", async () => {
    const { chat, page } = stage;
    const id = await fill(10_000);
    await chat.open();
    const started = Date.now();
    await chat.conversation("long").click();
    await chat.message(0).waitFor();
    await page.getByText("10,000 messages").waitFor();
    assert.ok(Date.now() - started < 2000, `it took ${Date.now() - started} ms`);
    assert.equal(chat.chat, id);
    await chat.send("and one more");
    await page.locator("#messages > article").filter({ hasText: "there are none yet" }).waitFor();
    await page.getByText("10,002 messages").waitFor();
    assert.equal((await chat.texts()).at(-2), "and one more");
  });
});
