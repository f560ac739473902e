import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { transferDialogOf } from "../transfer-dialog.mjs";
import { stage } from "./stage.mjs";

describe("export and import", () => {
  const { dialog, press, said, exported, importFiles } = transferDialogOf(stage);

  test("take all conversations out and bring them to another user, as an archive and as lines", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.button("Files").click();
    assert.ok(await dialog().getByLabel("The open conversation").isDisabled());
    await press("Close");
    await chat.ask("the first one");
    await chat.action(0, "Edit").click();
    await page.keyboard.type(" edited");
    await page.keyboard.press("Enter");
    await chat.message(0).filter({ hasText: "edited" }).waitFor();
    await chat.answered(1);
    await chat.button("New chat").click();
    await chat.ask("the second one");
    const texts = await chat.texts();

    await chat.button("Files").click();
    await stage.picture("transfer-light");
    await dialog().getByLabel("All conversations of this user").check();
    const archive = await exported();
    await said("2 conversations exported.");
    await dialog().getByLabel("Lines of JSON").check();
    const lines = await exported();
    await dialog().getByLabel("The open conversation").check();
    const one = await exported();
    assert.deepEqual([archive.name, lines.name, one.name], ["conversations.zip", "conversations.ndjson", "the-second-one.ndjson"]);
    assert.equal(archive.buffer.subarray(0, 2).toString(), "PK");
    assert.equal(lines.buffer.toString().trim().split("\n").length, 8);
    assert.equal(one.buffer.toString().trim().split("\n").length, 3);

    for (const [user, file] of [["by archive", archive], ["by lines", lines]]) {
      await chat.open({ user });
      await chat.button("Files").click();
      await importFiles(file);
      await said("2 conversations imported.");
      await importFiles(one);
      await said("0 conversations imported, 1 conversation here already.");
      await press("Close");
      assert.deepEqual(await chat.titles(), ["the second one", "the first one"]);
      await chat.conversation("the second one").click();
      await chat.message(1).waitFor();
      assert.deepEqual(await chat.texts(), texts);
      await chat.conversation("the first one").click();
      await chat.message(0).filter({ hasText: "2 / 2" }).waitFor();
    }
  });

  test("replaces what is here only where that is wanted, and says what is wrong with a file", async () => {
    const { chat, page } = stage;
    await chat.open();
    await chat.ask("as it was");
    await chat.button("Files").click();
    const before = await exported();
    await press("Close");
    await chat.ask("said later");
    await chat.button("Files").click();

    const fails = async (code, ...files) => {
      await importFiles(...files);
      await dialog().getByRole("alert").filter({ hasText: code }).waitFor();
    };
    await fails("INVALID_DOCUMENT", { name: "a.zip", buffer: Buffer.from("no archive") });
    await fails("line 1", { name: "a.ndjson", buffer: Buffer.from("{}") });
    await fails("conversations/b.json", { name: "a.json", buffer: Buffer.from('{"id": "a"}') }, { name: "b.json", buffer: Buffer.from("[]") });
    await stage.picture("transfer-failure");

    await importFiles(before);
    await said("1 conversation here already");
    await importFiles({ name: "message_store.json", buffer: Buffer.from('{"conversation_ids": ["x"]}') }, { name: "x.json", buffer: Buffer.from('{"title": "from elsewhere", "messages": [{"content": "hi"}]}') });
    await said("1 conversation imported.");
    await dialog().getByLabel("Replace it by the one in the file").check();
    await importFiles(before);
    await said("1 conversation imported.");
    await press("Close");
    await chat.count(2);
    await chat.conversation("from elsewhere").waitFor();
    assert.deepEqual(await page.locator("#conversation-list .conversation-title").count(), 2);
  });
});
