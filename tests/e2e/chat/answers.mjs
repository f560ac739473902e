import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("answers", () => {
  test("come word by word from the documents, and name them", async () => {
    const { chat, page } = stage;
    await chat.open({ delay: 15 });
    await chat.loadSample();
    await chat.send("Which HTTP client is the usual choice?");
    await chat.stateOf(1, "streaming");
    assert.equal(await chat.composer.inputValue(), "");
    const lengths = [];
    while ((await chat.message(1).getAttribute("data-state")) === "streaming") {
      lengths.push((await chat.message(1).innerText()).length);
      await page.waitForTimeout(60);
    }
    await chat.answered(1);
    assert.ok(new Set(lengths).size > 3, `it grew in ${new Set(lengths).size} steps`);
    assert.ok((await chat.texts())[1].includes("reqwest is the usual choice."), "the passage is quoted");
    const links = chat.message(1).getByRole("list", { name: "Sources" }).getByRole("link");
    assert.match(await links.first().textContent(), /^latest-analysisshared$/);
    await page.getByRole("status").filter({ hasText: "reqwest is the usual choice." }).waitFor({ state: "attached" });

    const stored = await stage.inStore((db, id) => db.messageStore().getConversationMessages(id), chat.chat);
    assert.deepEqual(stored.map(({ role, state }) => [role, state]), [["user", "complete"], ["assistant", "complete"]]);
    assert.equal(stored[0].content, "Which HTTP client is the usual choice?");
    assert.deepEqual(stored[1].metadata.sources[0], { namespace: "shared", key: "latest-analysis", line: 1 });
    const { inputTokens, outputTokens, cost } = stored[1].usage;
    assert.ok(inputTokens > 20 && outputTokens > 50 && cost > 0);
    const facts = await page.locator("#conversation-facts").textContent();
    assert.equal(facts, `2 messages · ${inputTokens + outputTokens} tokens · $${cost.toFixed(4)}`);

    await chat.reload();
    await chat.count(2);
    await links.first().click();
    await page.locator("#record-key").filter({ hasText: "latest-analysis" }).waitFor();
    assert.ok(page.url().includes("user=ada"));
    await page.getByRole("link", { name: "Chat" }).click();
    await chat.ready();
    await chat.conversation("Which HTTP client is the usual choice?").waitFor();
  });

  test("say that there are no documents, and offer the sample", async () => {
    const { chat } = stage;
    await chat.open();
    await chat.ask("What is the goal?");
    assert.match((await chat.texts())[1], /there are none yet/);
    await chat.action(1, "Load the sample").click();
    await chat.message(1).filter({ hasText: "Compare three Rust HTTP clients" }).waitFor();
    assert.equal(await chat.action(1, "Load the sample").count(), 0);
    await chat.message(1).filter({ hasText: "2 / 2" }).waitFor();
    await chat.answered(1);
    await chat.ask("zeppelin?");
    assert.match((await chat.texts())[3], /^I found nothing about “zeppelin”\. I looked through 6 documents/);
  });

  test("can be stopped, and what was said stays", async () => {
    const { chat, page } = stage;
    await chat.open({ delay: 40 });
    await chat.loadSample();
    await chat.send("Which licence does reqwest have?");
    await chat.message(1).filter({ hasText: "These passages fit" }).waitFor();
    await page.keyboard.press("Escape");
    await chat.stateOf(1, "aborted");
    const said = (await chat.texts())[1];
    assert.ok(said.startsWith("These passages fit") && !said.includes("I looked through"), said);
    await chat.message(1).getByText("Stopped.").waitFor();

    await chat.send("reqwest again");
    await chat.message(3).filter({ hasText: "These passages fit" }).waitFor();
    await chat.button("Stop").click();
    await chat.stateOf(3, "aborted");
    await chat.button("Send").waitFor();
    await chat.reload();
    await chat.count(4);
    assert.equal((await chat.texts())[1], said);
    await chat.stateOf(1, "aborted");
  });

  test("do not drag down who reads further up, and are followed at the end", async () => {
    const { chat, page } = stage;
    const line = "zeppelin line of words to scroll through ";
    await stage.inStore((db, text) => db.dataStore().set("notes.txt", text), `${line}\n`.repeat(30));
    await page.setViewportSize({ width: 1280, height: 420 });
    await chat.open({ delay: 25 });
    await chat.ask("zeppelin?");
    await chat.send("zeppelin again?");
    await chat.message(3).filter({ hasText: "zeppelin line" }).waitFor();
    const place = () => page.evaluate(() => {
      const { scrollTop, scrollHeight, clientHeight } = document.getElementById("thread");
      return { top: scrollTop, below: scrollHeight - scrollTop - clientHeight };
    });
    assert.ok((await place()).below < 4);
    await page.getByRole("region", { name: "Messages" }).hover();
    await page.mouse.wheel(0, -30);
    await page.waitForTimeout(120);
    const before = await place();
    const length = (await chat.message(3).innerText()).length;
    await page.waitForFunction((least) => document.querySelectorAll("#messages > article")[3].innerText.length > least, length + 80);
    const after = await place();
    assert.equal(after.top, before.top);
    assert.ok(after.below > before.below, `${after.below} px below`);
    assert.equal(await chat.message(3).getAttribute("data-state"), "streaming");
    await page.mouse.wheel(0, 5000);
    await chat.answered(3);
    assert.ok((await place()).below < 4);
  });

  test("that a reload cut off are there with what they said, and can be given anew", async () => {
    const { chat } = stage;
    await chat.open({ delay: 60 });
    await chat.loadSample();
    await chat.send("Which licence does reqwest have?");
    await chat.message(1).filter({ hasText: "These passages fit “licence”" }).waitFor();
    await stage.page.waitForTimeout(400);
    await chat.reload();
    await chat.stateOf(1, "interrupted");
    const said = (await chat.texts())[1];
    assert.ok(said.startsWith("These passages fit “licence”"), said);
    await chat.message(1).getByText("Interrupted before it was finished.").waitFor();
    await stage.picture("interrupted");
    await chat.open({ chat: chat.chat });
    await chat.action(1, "Regenerate").click();
    await chat.answered(1);
    const whole = (await chat.texts())[1];
    assert.ok(whole.includes("MIT OR Apache-2.0") && whole.includes("I looked through"), whole);
    await chat.action(1, "Version before").click();
    await chat.stateOf(1, "interrupted");
    assert.equal((await chat.texts())[1], said);
  });

  test("a message that cannot be stored goes back into the composer", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.ask("first");
    const id = chat.chat;
    await page.evaluate(() => {
      IDBObjectStore.prototype.add = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
    });
    await chat.send("a second one\nof two lines");
    await page.locator("#notice").filter({ hasText: "QUOTA_EXCEEDED: " }).waitFor();
    assert.equal(await chat.composer.inputValue(), "a second one\nof two lines");
    assert.equal(await page.evaluate(() => document.activeElement.id), "composer-text");
    await chat.count(2);
    await chat.open({ chat: id });
    await chat.count(2);
  });
});
