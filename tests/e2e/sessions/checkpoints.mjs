import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const PROMPT = "add a function area to shapes.ts";

describe("a run that is cut short", () => {
  test("by a reload is there, and is gone on with", async () => {
    const { sessions, page } = stage;
    await sessions.openNew({ delay: 60 });
    await sessions.ask(PROMPT);
    await page.locator("#running [data-model=writer]").filter({ hasText: "I put area into" }).waitFor();
    assert.equal(await sessions.banner.isVisible(), false);
    // What was said so far is kept a few times a second.
    await page.waitForTimeout(300);
    await sessions.reload();
    await sessions.banner.getByText("A run was cut short").waitFor();
    await sessions.banner.getByText(PROMPT).waitFor();
    await sessions.banner.getByText("writer is not done").waitFor();
    await stage.picture("checkpoint-light");
    const kept = await stage.inStore((db, id) => db.sessions().open(id).loadCheckpoint(), sessions.session);
    assert.ok(kept.responses.find(({ modelId }) => modelId === "writer").text.startsWith("I put area"));
    await sessions.open({ session: sessions.session });
    await sessions.button("Continue").click();
    await sessions.answer(1, "writer").getByText("Nothing else changes.").waitFor();
    await sessions.banner.waitFor({ state: "hidden" });
    await sessions.apply(1);
    const { checkpoint, runs } = await stage.inStore(async (db, id) => {
      const store = db.sessions().open(id);
      return { checkpoint: await store.loadCheckpoint(), runs: (await store.metadata()).runs };
    }, sessions.session);
    assert.deepEqual([checkpoint, runs.length], [null, 1]);
  });

  test("by Stop keeps what was said, and asks only the others again", async () => {
    const { sessions, page } = stage;
    await sessions.openNew({ delay: 60 });
    await sessions.runs("remember this");
    await sessions.ask(PROMPT);
    await page.locator("#running [data-model=writer]").filter({ hasText: "I put area into" }).waitFor();
    await page.keyboard.press("Escape");
    await sessions.answer(2, "writer").getByText("stopped").waitFor();
    await sessions.banner.getByText("writer is not done").waitFor();
    const said = await sessions.answer(2, "writer").locator(".answer-text").textContent();
    assert.ok(said.startsWith("I put area") && !said.includes("Nothing else"), said);
    await sessions.button("Discard").click();
    await sessions.confirm("Discard");
    await sessions.banner.waitFor({ state: "hidden" });

    const id = sessions.session;
    await stage.inStore(async (db, session) => {
      await db.sessions().open(session).saveCheckpoint({
        prompt: "who is done?",
        timestamp: "2026-01-02T03:04:05Z",
        adapterIds: ["reviewer", "writer"],
        responses: [
          { modelId: "reviewer", text: "I was done before.", costUsd: 0.5, inputTokens: 7, outputTokens: 5, completed: true, interrupted: false },
          { modelId: "writer", text: "I was", interrupted: true, completed: false },
        ],
        verbose: false,
      });
    }, id);
    await sessions.banner.getByText("reviewer is done").waitFor();
    await sessions.banner.getByText("writer is not done").waitFor();
    await sessions.button("Continue").click();
    await sessions.answer(3, "writer").getByText("so that it is not forgotten").waitFor();
    await sessions.answer(3, "reviewer").getByText("I was done before.").waitFor();
    await sessions.banner.waitFor({ state: "hidden" });
    // What it cost before the page ended was not stored before, and is now.
    assert.ok((await sessions.answer(3, "reviewer").locator(".answer-use").textContent()).startsWith("$0.5000 · 7 in, 5 out"));
  });

  test("and was stored already costs nothing a second time", async () => {
    const { sessions, page } = stage;
    await sessions.openNew({ delay: 80 });
    // The reviewer is done long before.
    await sessions.ask(`${PROMPT} and test it, ${"with care ".repeat(5)}`);
    await page.locator("#running [data-model=writer]").filter({ hasText: "I put area into" }).waitFor();
    await sessions.button("Stop").click();
    await sessions.button("Run").waitFor();
    const usage = () => stage.inStore((db, id) => db.sessions().open(id).usageByRun(), sessions.session);
    const [{ models: stopped }] = await usage();
    await stage.inStore(async (db, id) => {
      const store = db.sessions().open(id);
      const checkpoint = await store.loadCheckpoint();
      const responses = checkpoint.responses.map((each) => (each.modelId === "reviewer" ? { ...each, completed: true, interrupted: false } : each));
      await store.saveCheckpoint({ ...checkpoint, responses });
    }, sessions.session);
    await sessions.banner.getByText("reviewer is done").waitFor();
    await sessions.open({ session: sessions.session });
    await sessions.button("Continue").click();
    await sessions.answer(2, "writer").getByText("Nothing else changes.").waitFor();
    const [, { models: gone }] = await usage();
    assert.ok(stopped.reviewer.costUsd > 0);
    assert.deepEqual([gone.reviewer.costUsd, gone.reviewer.inputTokens], [0, 0]);
    assert.ok(gone.writer.costUsd > 0);
  });
});
