import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const SCRIPT = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><b>bold</b>';
const BIDI = "\u202Ereversed\u202C";
const LONG = "w".repeat(3000);

describe("hostile prompts, names and files", () => {
  test("are text, wherever they are shown", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    for (const prompt of [`notes.md ${SCRIPT}`, `${BIDI} __proto__`, LONG]) {
      await sessions.runs(prompt);
      await sessions.apply(await page.locator("#runs > li").count());
    }
    assert.equal(await sessions.run(1).locator(".run-prompt").textContent(), `notes.md ${SCRIPT}`);
    await sessions.file("notes.md").click();
    await sessions.shows(SCRIPT);
    await page.getByText("Prompts (3)").click();
    await page.locator("#prompt-list").getByText(SCRIPT).waitFor();
    await page.keyboard.press("Escape");
    await sessions.button("Rewind").click();
    await sessions.changed("notes.md");
    const id = sessions.session;
    await stage.inStore(
      async (db, { session, script }) => {
        const store = db.sessions().open(session);
        await store.writeFile(`/${script.replaceAll("/", "|")}.html`, script);
        await store.writeFile("/__proto__/constructor", script);
        const answer = { modelId: script, text: script, error: script, proposedWrites: [{ path: script.replaceAll("/", "|"), content: script }], stopReason: "complete" };
        const lengths = await store.appendHistories([script, "__proto__"], [{ ...answer, error: "" }, { modelId: "__proto__", text: script }], script);
        await store.setSessionRecipe({ version: 1, name: script, systemPrompt: script, toolDescriptions: { [script]: script } });
        await store.persistRunState(script, [answer], { events: { [script]: [{ type: "error", data: script }] } });
        await store.pushRewindEntry({ historyLengths: lengths, prompt: script });
        await store.updateLastRunNote(script);
        await store.saveCheckpoint({ prompt: script, timestamp: "2026-01-02T03:04:05Z", adapterIds: [script], responses: [{ modelId: script, text: script, interrupted: true }], verbose: false });
        await db.sessions().rename(session, script);
      },
      { session: id, script: SCRIPT },
    );
    await sessions.titled(SCRIPT);
    await sessions.row(SCRIPT).waitFor();
    await sessions.banner.getByText(SCRIPT).first().waitFor();
    await sessions.run(5).locator(".run-note").getByText(SCRIPT).waitFor();
    await sessions.file("constructor").click();
    await sessions.shows(SCRIPT);
    await page.locator("#recipe > summary").click();
    await page.locator("#recipe-name").getByText(SCRIPT).waitFor();
    await page.locator("#histories > summary").click();
    await page.locator("#history-list summary").getByText("__proto__").waitFor();
    await stage.picture("hostile");
    const result = await page.evaluate(() => ({
      pwned: window.pwned,
      elements: document.querySelectorAll("body script, body img:not(header img), body b").length,
      wider: [document.documentElement, document.getElementById("work-scroll"), document.querySelector(".side")].map((each) => each.scrollWidth - each.clientWidth),
    }));
    assert.deepEqual(result, { pwned: undefined, elements: 0, wider: [0, 0, 0] });
  });
});
