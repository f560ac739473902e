import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b>bold</b>';
const BIDI = "\u202Ereversed\u202C and \u2067isolated";
const LONG = "w".repeat(5000);

describe("hostile content", () => {
  test("is text, wherever it comes from", async () => {
    const { chat, page } = stage;
    const id = await stage.inStore(
      async (db, { script, bidi, long }) => {
        const chats = db.messageStore();
        const conversation = await chats.createConversation({ title: `${script}${bidi}` });
        const sources = [{ namespace: script, key: script }, { namespace: 1, key: {} }, null, "x"];
        await chats.addMessage(conversation.id, script, { metadata: { sources, offer: { a: 1 } } });
        await chats.addMessage(conversation.id, `\`\`\`\n${script}\n\`\`\`\n> ${script}\n\n\`${script}\``, { role: script });
        await chats.addMessage(conversation.id, bidi, { role: "assistant", metadata: { sources: script } });
        await chats.addMessage(conversation.id, long, { role: "__proto__" });
        await chats.addMessage(conversation.id, [{ type: "text", text: script }, { type: "tool-call", toolCallId: "1", toolName: script }]);
        const failed = await chats.beginMessage(conversation.id);
        await failed.fail(script);
        await db.dataStore({ namespace: script }).set(`${script}.md`, `zeppelin ${script}`);
        return conversation.id;
      },
      { script: SCRIPT, bidi: BIDI, long: LONG },
    );
    await chat.open({ chat: id });
    await chat.count(6);
    const texts = await chat.texts();
    assert.equal(texts[0], SCRIPT);
    assert.equal(texts[1].split(SCRIPT).length, 4);
    assert.equal(texts[2], BIDI);
    assert.ok(texts[4].includes(SCRIPT));
    assert.equal(await page.locator("#conversation-title").textContent(), SCRIPT + BIDI);
    assert.equal(await chat.message(0).getByRole("link").count(), 1);
    await page.getByText(`Failed: ${SCRIPT}`).waitFor();
    await chat.send("zeppelin");
    await chat.answered(7);
    assert.ok((await chat.texts())[7].includes(`zeppelin ${SCRIPT}`));
    await stage.picture("hostile");
    const result = await page.evaluate(() => ({
      pwned: window.pwned,
      elements: document.querySelectorAll("body script, body img:not(header img), body b").length,
      wider: [document.documentElement, document.getElementById("thread")].map((each) => each.scrollWidth - each.clientWidth),
    }));
    assert.deepEqual(result, { pwned: undefined, elements: 0, wider: [0, 0] });
  });
});
