import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("branches", () => {
  test("an edited message has an answer of its own, and both can be gone back to", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.loadSample();
    await chat.ask("What is the goal?");
    await chat.ask("Which licence does ureq have?");
    const before = await chat.texts();
    await chat.action(0, "Edit").click();
    const editor = page.getByLabel("Message", { exact: true });
    assert.equal(await editor.inputValue(), "What is the goal?");
    await editor.fill("Which features does hyper have?");
    await editor.press("Enter");
    await chat.message(1).filter({ hasText: "http1" }).waitFor();
    await chat.count(2);
    await chat.answered(1);
    const after = await chat.texts();
    assert.equal(after[0], "Which features does hyper have?");
    await chat.message(0).filter({ hasText: "2 / 2" }).waitFor();
    assert.ok(await chat.action(0, "Next version").isDisabled());

    await chat.action(0, "Version before").click();
    await chat.count(4);
    assert.deepEqual(await chat.texts(), before);
    await chat.message(0).filter({ hasText: "1 / 2" }).waitFor();
    // The focus stays on what can be pressed next.
    assert.equal(await page.evaluate(() => document.activeElement.closest("article")?.dataset.role), "user");
    await chat.reload();
    await chat.count(4);
    assert.deepEqual(await chat.texts(), before);
    await chat.action(0, "Next version").click();
    await chat.count(2);
    assert.deepEqual(await chat.texts(), after);
  });

  test("an editing that is given up changes nothing", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.ask("first words");
    await chat.action(0, "Edit").click();
    const editor = page.getByLabel("Message", { exact: true });
    await editor.fill("other words");
    // A change of the conversation meanwhile does not take the editor away.
    await stage.inStore(async (db, id) => {
      const chats = db.messageStore();
      const [first] = await chats.getConversationMessages(id);
      await chats.updateMessage(id, first.id, { metadata: { seen: true } });
      await chats.addMessage(id, "from elsewhere");
    }, chat.chat);
    await chat.count(3);
    assert.equal(await editor.inputValue(), "other words");
    await editor.press("Escape");
    await chat.message(0).filter({ hasText: "first words" }).waitFor();
    await chat.count(3);
    assert.equal((await chat.texts())[0], "first words");
    assert.equal(await chat.message(0).getByText("1 / ").count(), 0);
  });

  test("what is being written anew is kept where its message goes out of sight", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.ask("first words");
    await chat.action(0, "Edit").click();
    await page.getByLabel("Message", { exact: true }).fill("much longer words");
    await stage.inStore(async (db, id) => {
      const chats = db.messageStore();
      const [first] = await chats.getConversationMessages(id);
      await chats.editMessage(id, first.id, "edited elsewhere");
    }, chat.chat);
    await chat.message(0).filter({ hasText: "edited elsewhere" }).waitFor();
    assert.equal(await chat.composer.inputValue(), "much longer words");
  });

  test("a message whose answer is missing can be answered", async () => {
    const { chat } = stage;
    await chat.open({ delay: 10 });
    await chat.ask("first words");
    assert.equal(await chat.action(0, "Answer").count(), 0);
    await chat.action(1, "Delete").click();
    await chat.confirm("Delete");
    await chat.count(1);
    await chat.reload();
    await chat.action(0, "Answer").click();
    await chat.answered(1);
    await chat.message(1).filter({ hasText: "there are none yet" }).waitFor();
    assert.equal(await chat.action(0, "Answer").count(), 0);
  });

  test("an answer can be given anew, as often as one likes", async () => {
    const { chat } = stage;
    await chat.open();
    await chat.loadSample();
    await chat.ask("What is the goal?");
    await chat.action(1, "Regenerate").click();
    await chat.message(1).filter({ hasText: "2 / 2" }).waitFor();
    await chat.answered(1);
    await chat.action(1, "Regenerate").click();
    await chat.message(1).filter({ hasText: "3 / 3" }).waitFor();
    await chat.answered(1);
    await chat.count(2);
    await chat.action(1, "Version before").click();
    await chat.message(1).filter({ hasText: "2 / 3" }).waitFor();
    await stage.picture("branches");
    const stored = await stage.inStore((db, id) => db.messageStore().getConversation(id), chat.chat);
    assert.equal(stored.messageCount, 4);
    await chat.ask("Which licence does ureq have?");
    await chat.action(1, "Next version").click();
    await chat.count(2);
    await chat.action(1, "Version before").click();
    await chat.count(4);
  });

  test("a message can be deleted, and what follows it stays", async () => {
    const { chat } = stage;
    await chat.open();
    await chat.ask("one");
    await chat.ask("two");
    await chat.action(1, "Delete").click();
    await chat.confirm("Cancel");
    await chat.count(4);
    await chat.action(1, "Delete").click();
    await chat.confirm("Delete");
    await chat.count(3);
    const left = await chat.texts();
    assert.deepEqual([left[0], left[1]], ["one", "two"]);
    await chat.reload();
    await chat.count(3);
    assert.deepEqual(await chat.texts(), left);
  });
});
