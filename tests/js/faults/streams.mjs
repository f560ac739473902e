import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LIMIT, browser, freshName, newPage, prepare } from "./harness.mjs";

/** Begins a message in a page, and writes three words of it. */
const begin = (page, name) =>
  page.evaluate(async (name) => {
    globalThis.chats = (await ads.open({ name })).messageStore();
    await chats.createConversation({ id: "c" });
    globalThis.stream = await chats.beginMessage("c");
    for (const word of ["what ", "was ", "written"]) stream.append(word);
    await stream.flush();
    return stream.id;
  }, name);

const messageIn = (page, name, id) =>
  page.evaluate(
    async ([name, id]) => {
      globalThis.reading ??= await ads.open({ name });
      await reading.refresh();
      const { content, state } = await reading.messageStore().getMessage("c", id);
      return { content, state };
    },
    [name, id],
  );

/** What a page sees, as soon as that is no longer `streaming`: the browser may free the locks of another page a little later. */
async function ended(page, name, id) {
  for (let tries = 0; ; tries++) {
    const seen = await messageIn(page, name, id);
    if (seen.state !== "streaming" || tries === 50) return seen;
    await page.waitForTimeout(100);
  }
}

const INTERRUPTED = { content: "what was written", state: "interrupted" };

describe("streams", LIMIT, () => {
  test("another page sees a message streaming, and interrupted when its page is closed", async (context) => {
    const [writer, reader] = [await newPage(context), await newPage(context)];
    const name = freshName();
    const id = await begin(writer, name);
    assert.deepEqual(await messageIn(reader, name, id), { content: "what was written", state: "streaming" });
    await writer.close();
    assert.deepEqual(await ended(reader, name, id), INTERRUPTED);
  });

  test("a page that crashes in the middle leaves what was written", async (context) => {
    const [writer, reader] = [await newPage(context), await newPage(context)];
    const name = freshName();
    const id = await begin(writer, name);
    const crashed = writer.waitForEvent("crash");
    writer.goto("chrome://crash").catch(() => {});
    await crashed;
    assert.deepEqual(await ended(reader, name, id), INTERRUPTED);
    await writer.close();
  });

  test("after a reload a message is interrupted at once, and can be written anew beside it", async (context) => {
    const page = await newPage(context);
    const name = freshName();
    const id = await begin(page, name);
    await page.reload();
    await prepare(page, browser.server.origin);
    assert.deepEqual(await ended(page, name, id), INTERRUPTED);
    const anew = await page.evaluate(async (id) => {
      const chats = reading.messageStore();
      const stream = await chats.beginMessage("c", { siblingOf: id });
      stream.append("whole");
      await stream.finish();
      return (await chats.getConversationMessages("c")).map(({ content, siblingIndex }) => [content, siblingIndex]);
    }, id);
    assert.deepEqual(anew, [["whole", 1]]);
  });
});
