import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("the recipe", () => {
  test("is edited as markdown, says what is wrong with it, and goes back to the one before", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await page.locator("#recipe > summary").click();
    const field = page.getByLabel("Recipe in markdown");
    const base = await field.inputValue();
    assert.match(base, /^# Errata Default\nversion: 1\n/);
    await page.getByText("the base recipe", { exact: true }).waitFor();
    const hash = () => page.locator("#recipe-hash").getAttribute("title");
    const before = await hash();
    assert.match(before, /^cfg_v1_[0-9a-f]{64}$/);
    for (const name of ["Save the recipe", "Back to the base recipe"]) assert.ok(await sessions.button(name).isDisabled());

    await field.fill("# Reader\n\n## Tools\n- read_file\n");
    await sessions.button("Save the recipe").click();
    await page.getByRole("alert").filter({ hasText: "INVALID_DOCUMENT: " }).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.equal(await page.evaluate(() => document.activeElement.id), "recipe-text");
    assert.equal(await stage.inStore((db, id) => db.sessions().open(id).sessionRecipe(), sessions.session), null);
    await sessions.button("Undo what I wrote").click();
    assert.equal(await field.inputValue(), base);
    await page.getByRole("alert").filter({ hasText: "INVALID_DOCUMENT: " }).waitFor({ state: "hidden" });

    await field.fill("# Reader\nversion: 1\n\n## Tools\n- read_file\n\n## Moon Phase\n- full\n");
    await sessions.button("Save the recipe").click();
    await sessions.said("The recipe is saved.");
    await page.locator("#recipe-warning-list li").filter({ hasText: /moon phase/i }).waitFor();
    await page.getByText("set in this session").waitFor();
    await page.locator("#recipe-name").getByText("Reader").waitFor();
    assert.notEqual(await hash(), before);
    assert.ok(!(await field.inputValue()).includes("Moon"), "what was not understood is not stored");
    const stored = await stage.inStore((db, id) => db.sessions().open(id).sessionRecipe(), sessions.session);
    assert.deepEqual([stored.name, stored.tools.allowlist], ["Reader", ["read_file"]]);

    // The models work with it.
    await sessions.runs("add a function area to shapes.ts");
    await sessions.answer(1, "writer").getByText("The recipe gives me no tool to write files with").waitFor();
    await sessions.run(1).locator(".tag").getByText("Reader").waitFor();

    await sessions.button("Back to the base recipe").click();
    await page.getByText("the base recipe", { exact: true }).waitFor();
    assert.equal(await field.inputValue(), base);
    await sessions.runs("add a function area to shapes.ts");
    await sessions.answer(2, "writer").getByRole("button", { name: "Apply 1 file" }).waitFor();
    await sessions.run(2).locator(".tag").getByText("Errata Default").waitFor();
    await sessions.run(1).locator(".tag").getByText("Reader").waitFor();
  });

  test("says what markdown leaves out, and keeps what is being written", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await page.locator("#recipe > summary").click();
    await stage.inStore(
      (db, id) => db.sessions().open(id).setSessionRecipe({ version: 1, name: "Rich", systemPrompt: "Be short.", toolDescriptions: { read_file: "Reads." } }),
      sessions.session,
    );
    await page.locator("#recipe-name").getByText("Rich").waitFor();
    await page.getByText(/^Markdown leaves out .+; what is saved from here does not have it\.$/).waitFor();
    const field = page.getByLabel("Recipe in markdown");
    await field.fill("# Mine\nversion: 1\n");
    await stage.inStore((db, id) => db.sessions().open(id).setSessionRecipe({ version: 1, name: "Elsewhere" }), sessions.session);
    await page.getByText("The recipe was changed elsewhere meanwhile.").waitFor();
    assert.equal(await field.inputValue(), "# Mine\nversion: 1\n");
    await sessions.button("Save the recipe").click();
    await page.locator("#recipe-name").getByText("Mine").waitFor();
  });
});
