import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("two tabs", () => {
  test("show each other's messages, and an answer that the other one is writing", async () => {
    const { chat } = stage;
    await chat.open({ delay: 50 });
    await chat.loadSample();
    const other = await stage.newTab();
    await other.open();
    await chat.send("Which licence does reqwest have?");
    await other.conversation("Which licence does reqwest have?").click();
    await other.stateOf(1, "streaming");
    assert.equal(await other.button("Stop").count(), 0);
    const first = (await other.message(1).innerText()).length;
    await other.page.waitForFunction((length) => document.querySelectorAll("#messages > article")[1].innerText.length > length + 20, first);
    assert.equal(await other.message(1).getAttribute("data-state"), "streaming");
    await chat.answered(1);
    await other.stateOf(1, "complete");
    assert.deepEqual(await other.texts(), await chat.texts());

    await other.ask("What is the goal?");
    await chat.count(4);
    await chat.answered(3);
    await other.action(0, "Edit").click();
    await other.page.getByLabel("Message", { exact: true }).fill("hyper?");
    await other.page.getByLabel("Message", { exact: true }).press("Enter");
    await chat.message(0).filter({ hasText: "hyper?" }).waitFor();
    await chat.count(2);

    await other.button("Rename").click();
    await other.page.getByLabel("Title").fill("named elsewhere");
    await other.page.getByLabel("Title").press("Enter");
    await chat.conversation("named elsewhere").waitFor();
    await chat.page.getByRole("heading", { name: "named elsewhere" }).waitFor();
    await other.page.locator("#delete-conversation").click();
    await other.confirm("Delete");
    await chat.page.locator("#notice").filter({ hasText: "not there any more" }).waitFor();
    await chat.count(0);
  });

  test("an answer whose tab is closed is interrupted in the other", async () => {
    const { chat } = stage;
    await chat.open();
    await chat.loadSample();
    const other = await stage.newTab();
    await other.open({ delay: 100 });
    await other.send("Which licence does reqwest have?");
    await other.message(1).filter({ hasText: "These passages" }).waitFor();
    await chat.conversation("Which licence").click();
    await chat.stateOf(1, "streaming");
    await other.page.close();
    await chat.stateOf(1, "interrupted");
    await chat.message(1).filter({ hasText: "These passages" }).waitFor();
    await chat.action(1, "Regenerate").waitFor();
  });
});
