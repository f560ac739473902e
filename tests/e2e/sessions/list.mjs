import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("sessions", () => {
  test("are listed by their last activity, opened, renamed and deleted", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await sessions.runs("the first session");
    await sessions.button("New session").click();
    await sessions.titled("New session");
    await sessions.runs("the second session");
    await sessions.titled("the second session");
    assert.deepEqual(await sessions.names(), ["the second session", "the first session"]);
    await sessions.row("the first session").click();
    await sessions.titled("the first session");
    await sessions.runs("again");
    await page.waitForFunction(() => document.querySelector("#session-list .session-name").textContent === "the first session");
    await sessions.row("the first session").filter({ hasText: "2 runs" }).waitFor();

    await sessions.button("Rename").click();
    await page.getByLabel("Title").fill("Shapes");
    await page.getByLabel("Title").press("Enter");
    await sessions.titled("Shapes");
    await sessions.row("Shapes").waitFor();
    await sessions.reload();
    await sessions.titled("Shapes");
    const list = page.getByRole("listbox", { name: "Sessions" });
    await list.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await sessions.titled("the second session");
    await page.goBack();
    await sessions.titled("Shapes");

    await sessions.button("Delete").click();
    await page.getByText("\u201cShapes\u201d with its 2 runs and its files will be gone. Your prompts stay.").waitFor();
    await sessions.confirm("Cancel");
    await sessions.button("Delete").click();
    await sessions.confirm("Delete");
    await sessions.said("The session is deleted.");
    await sessions.button("Fill in an example").waitFor();
    assert.deepEqual(await sessions.names(), ["the second session"]);
    await page.goBack();
    assert.equal(await stage.inStore(async (db) => (await db.sessions().list()).length), 1);
  });

  test("are found by the start of their id, or not, and it says why", async () => {
    const { sessions, page } = stage;
    await sessions.open();
    const field = page.getByLabel("Open by the start of its id");
    const find = async (prefix) => {
      await field.fill(prefix);
      await field.press("Enter");
    };
    const fails = (text) => page.locator("#find-error").filter({ hasText: text }).waitFor();
    await find("ses_");
    await fails("There are no sessions yet.");
    const ids = await stage.inStore(async (db) => {
      const made = [db.sessions().open("ses_one"), db.sessions().open("ses_other"), db.sessions().create()];
      for (const session of made) await session.saveInitialMeta();
      return made.map((session) => session.sessionId());
    });
    await page.locator("#session-list .session-name").nth(2).waitFor();
    await find("ses_x<b>");
    await fails("No session has an id that begins with \u201cses_x<b>\u201d.");
    await find("ses_o");
    await fails("2 sessions have ids that begin so: ");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    await find("ses_on");
    await page.locator("#session-facts").filter({ hasText: "ses_one" }).waitFor();
    assert.equal(await page.locator("#find-error").isVisible(), false);
    await find(ids[2].slice(0, -3));
    await page.locator("#session-facts").filter({ hasText: ids[2] }).waitFor();
    assert.equal(await field.inputValue(), "");
    await sessions.open({ session: "ses_nowhere" });
    await sessions.said("This session is not there any more.");
  });

  test("lead to the other pages of the same user, and from them to this one", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    for (const name of ["Chat", "Snapshots", "Explorer"]) {
      await page.getByRole("link", { name }).click();
      await page.locator("body[data-state=open]").waitFor();
      await page.getByRole("link", { name: "Sessions" }).click();
      await sessions.ready();
      await sessions.row("New session").waitFor();
    }
  });
});
