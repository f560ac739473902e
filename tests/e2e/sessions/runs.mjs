import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("runs", () => {
  test("come word by word, are stored with what they cost, and stand in the timeline", async () => {
    const { sessions, page } = stage;
    await sessions.openNew({ delay: 25 });
    await page.getByText("No runs yet.").waitFor();
    await sessions.ask("add a function area to shapes.ts");
    const growing = page.locator("#running [data-model=writer] .answer-text");
    await growing.filter({ hasText: "I put area" }).waitFor();
    assert.equal(await sessions.prompt.inputValue(), "");
    const lengths = new Set();
    while (await growing.isVisible()) {
      lengths.add((await growing.textContent({ timeout: 1000 }).catch(() => "")).length);
      await page.waitForTimeout(40);
    }
    assert.ok(lengths.size > 3, `it grew in ${lengths.size} steps`);
    await sessions.answer(1, "writer").filter({ hasText: "It takes any number of values and multiplies them." }).waitFor();
    await sessions.answer(1, "reviewer").filter({ hasText: "There are no files yet." }).waitFor();
    await page.getByRole("status").filter({ hasText: "writer: I put area into" }).waitFor({ state: "attached" });

    const stored = await stage.inStore(async (db, id) => {
      const store = db.sessions().open(id);
      return {
        metadata: await store.metadata(),
        content: await store.content(),
        usage: await store.usageByRun(),
        total: await store.totalCost(),
        costs: await store.costPerModel(),
        histories: await store.histories(),
        tools: await store.lastActiveTools(),
        canRewind: await store.canRewind(),
        checkpoint: await store.loadCheckpoint(),
      };
    }, sessions.session);
    const [run] = stored.metadata.runs;
    assert.deepEqual(run.models, ["writer", "reviewer"]);
    assert.equal(stored.metadata.firstPrompt, "add a function area to shapes.ts");
    assert.deepEqual(Object.keys(stored.histories).sort(), ["reviewer", "writer"]);
    assert.deepEqual(stored.histories.writer.map(({ role }) => role), ["user", "assistant"]);
    assert.deepEqual(stored.content.runs[0].models[0].proposedWrites.map(({ path }) => path), ["shapes.ts"]);
    assert.deepEqual(stored.content.runs[0].models[0].events.map(({ type }) => type), ["request", "text", "writing"]);
    assert.ok(stored.tools.includes("write_file"));
    assert.deepEqual([stored.canRewind, stored.checkpoint], [true, null]);
    const { costUsd, inputTokens, outputTokens } = stored.usage[0].total;
    assert.ok(costUsd > 0 && Math.abs(stored.total - costUsd) < 1e-12, `${stored.total} is not ${costUsd}`);
    assert.ok(Math.abs(stored.costs.writer - stored.usage[0].models.writer.costUsd) < 1e-12);

    const cost = `$${costUsd.toFixed(4)}`;
    assert.equal(await sessions.run(1).locator(".run-cost").textContent(), `${cost} · ${inputTokens + outputTokens} tokens`);
    const { writer } = stored.usage[0].models;
    assert.ok((await sessions.answer(1, "writer").locator(".answer-use").textContent()).startsWith(`$${writer.costUsd.toFixed(4)} · ${writer.inputTokens} in, ${writer.outputTokens} out · `));
    await sessions.run(1).locator(".tag").getByText("Errata Default").waitFor();
    await page.getByText(`1 run cost ${cost}.`).waitFor();
    assert.equal(await page.locator("#cost-runs g").count(), 1);
    await page.locator("#cost-days li").filter({ hasText: `Today${cost} · 1 run` }).waitFor();
    await sessions.row("add a function area").filter({ hasText: `1 run${cost}` }).waitFor();

    await sessions.reload();
    await sessions.runs("describe it in notes.md");
    await page.getByText(/^2 runs cost /).waitFor();
    assert.equal(await page.locator("#cost-runs g").count(), 2);
    // The answers of an earlier run are folded away.
    await sessions.answer(2, "writer").getByRole("button", { name: "Apply 1 file" }).waitFor();
    assert.equal(await sessions.answer(1, "writer").isVisible(), false);
    assert.equal(await sessions.run(1).getByRole("button", { name: /^Apply/ }).count(), 0);
  });

  test("are chosen, applied and rated", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await sessions.runs("add a function area to src/shapes.ts and test it");
    await sessions.answer(1, "writer").locator("summary").first().click();
    await sessions.answer(1, "writer").getByLabel("Proposed text").filter({ hasText: "export function area", visible: true }).waitFor();
    await sessions.apply(1);
    await sessions.said("The answer of writer is chosen. 2 files changed.");
    assert.equal(await page.evaluate(() => document.activeElement.id), "run-0-writer-good");
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts"]);
    await sessions.run(1).getByText("Applied: src/shapes.ts, src/shapes.test.ts").waitFor();
    assert.deepEqual((await sessions.diff("/src/shapes.ts")).slice(0, 2), ["+/** Multiplies the values that area is of. */", "+export function area(...values: number[]): number {"]);
    await sessions.file("shapes.ts").click();
    await sessions.shows("export function area");
    assert.equal(await sessions.fileText(), await stage.inStore((db, id) => db.sessions().open(id).readFile("/src/shapes.ts"), sessions.session));
    // What is applied stays chosen: another answer cannot take its place.
    assert.equal(await sessions.answer(1, "reviewer").getByRole("button").count(), 0);
    await sessions.answer(1, "writer").getByRole("button", { name: "Good" }).click();
    await sessions.run(1).locator(".run-head").getByText("writer: good").waitFor();
    assert.equal(await sessions.answer(1, "writer").getByRole("button", { name: "Good" }).getAttribute("aria-pressed"), "true");

    await sessions.runs("what do you think?");
    await sessions.answer(2, "reviewer").getByRole("button", { name: "Bad" }).click();
    await sessions.run(2).getByText("Rated bad: reviewer").waitFor();
    const runs = await stage.inStore(async (db, id) => (await db.sessions().open(id).metadata()).runs, sessions.session);
    assert.deepEqual(runs.map(({ selected, rating, note }) => [selected, rating, note]), [
      ["writer", "good", "Applied: src/shapes.ts, src/shapes.test.ts"],
      ["reviewer", "bad", "Rated bad: reviewer"],
    ]);
    assert.deepEqual(runs[0].appliedFiles, ["src/shapes.ts", "src/shapes.test.ts"]);
    await sessions.answer(2, "reviewer").getByRole("button", { name: "Bad" }).click();
    await sessions.run(2).getByText("Voted for: reviewer").waitFor();
    await page.reload();
    await sessions.ready();
    await sessions.shows("export function area");
  });

  test("of a model that fails say so, and only models that are ticked are asked", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await sessions.model("reviewer").uncheck();
    await sessions.model("writer").uncheck();
    await sessions.prompt.fill("odd");
    assert.ok(await sessions.button("Run").isDisabled());
    await sessions.model("unsteady").check();
    await sessions.runs("odd");
    await sessions.answer(1, "unsteady").getByText("The model is overloaded.").waitFor();
    await sessions.answer(1, "unsteady").getByText("failed").waitFor();
    assert.equal(await sessions.answer(1, "unsteady").getByRole("button").count(), 0);
    assert.equal(await sessions.banner.isVisible(), false);
    await sessions.runs("even");
    await sessions.apply(2, "unsteady");
    await sessions.waitForRows(["notes.md"]);
  });

  test("are remembered by the models, which can be made to forget", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await sessions.runs("first");
    await sessions.runs("second");
    await sessions.answer(2, "reviewer").getByText("You asked me 1 time before.").waitFor();
    await page.locator("#histories > summary").click();
    await page.locator("#history-list [data-model=writer]").getByText("4 turns").click();
    assert.deepEqual(await page.locator("#history-list [data-model=writer] .turn strong").allTextContents(), ["user", "assistant", "user", "assistant"]);
    await page.getByRole("button", { name: "Forget the history of writer" }).click();
    await sessions.said("The history of writer is forgotten.");
    await page.locator("#history-list [data-model=writer]").waitFor({ state: "detached" });
    await sessions.button("Forget all histories").click();
    await sessions.confirm("Forget");
    await page.getByText("Nothing was said that the models would remember.").waitFor();
    assert.equal(await stage.inStore((db, id) => db.sessions().open(id).histories(), sessions.session), null);
    assert.equal(await page.locator("#runs > li").count(), 2);
  });
});
