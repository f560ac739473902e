import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

const readFile = (path) => stage.inStore((db, [id, of]) => db.sessions().open(id).readFile(of), [stage.sessions.session, path]);

describe("the way back", () => {
  test("restores the files run by run, shows what that changed, and goes forth again", async () => {
    const { sessions, page } = stage;
    await sessions.openNew();
    await sessions.runs("add a function area to shapes.ts");
    await sessions.apply(1);
    const first = await readFile("/shapes.ts");
    await sessions.runs("rename area to surface in shapes.ts");
    await sessions.apply(2);
    const second = await readFile("/shapes.ts");
    assert.notEqual(first, second);
    await sessions.file("shapes.ts").click();
    await sessions.shows("function surface");
    await page.getByText("Rewind takes back \u201crename area to surface in shapes.ts\u201d and puts back 1 file.").waitFor();
    assert.ok(await sessions.button("Redo").isDisabled());

    await sessions.button("Rewind").click();
    await sessions.said("\u201crename area to surface in shapes.ts\u201d is taken back. 1 file changed.");
    await sessions.waitForEntries(["run", "rewound", "rewind"]);
    await sessions.shows("function area");
    assert.equal(await sessions.fileText(), first);
    assert.equal(await readFile("/shapes.ts"), first);
    assert.deepEqual((await sessions.diff("/shapes.ts")).filter((line) => line.includes("export")), [
      "\u2212export function surface(...values: number[]): number {",
      "+export function area(...values: number[]): number {",
    ]);
    await sessions.run(2).getByText("[rewound] Applied: shapes.ts").waitFor();
    await page.getByText("Redo makes run 2, \u201crename area to surface in shapes.ts\u201d, again.").waitFor();

    await sessions.button("Rewind").click();
    await sessions.waitForEntries(["rewound", "rewound", "rewind", "rewind"]);
    await page.getByText("There is no such file now.").waitFor();
    await page.getByText(/^No files yet\./).waitFor();
    // The keyboard goes on to the button that can still be pressed.
    assert.equal(await page.evaluate(() => document.activeElement.id), "redo");
    assert.equal(await readFile("/shapes.ts"), null);
    assert.ok(await sessions.button("Rewind").isDisabled());
    assert.ok((await page.getByText(/of it for runs that were taken back/).count()) === 1);

    await sessions.button("Redo").click();
    await sessions.waitForEntries(["run", "rewound", "rewind"]);
    assert.equal(await readFile("/shapes.ts"), first);
    await sessions.button("Redo").click();
    await sessions.waitForEntries(["run", "run"]);
    await sessions.shows("function surface");
    assert.equal(await readFile("/shapes.ts"), second);
    assert.equal((await sessions.diff("/shapes.ts")).filter((line) => line.startsWith("+export")).length, 1);
    await sessions.run(2).getByText("Applied: shapes.ts", { exact: true }).waitFor();
    assert.ok(await sessions.button("Redo").isDisabled());

    // A new run forgets what could be made again.
    await sessions.button("Rewind").click();
    await sessions.waitForEntries(["run", "rewound", "rewind"]);
    await sessions.runs("add a function volume to shapes.ts");
    await sessions.waitForEntries(["run", "rewound", "rewind", "run"]);
    assert.ok(await sessions.button("Redo").isDisabled());
    const histories = await stage.inStore((db, id) => db.sessions().open(id).histories(), sessions.session);
    assert.deepEqual(histories.writer.filter(({ role }) => role === "user").map(({ content }) => content), ["add a function area to shapes.ts", "add a function volume to shapes.ts"]);
  });

  test("leads to any earlier run at once, and survives a reload", async () => {
    const { sessions, page } = stage;
    await sessions.openWithExample();
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts", "README.md"]);
    await sessions.reload();
    const goBack = (number) => sessions.button(`Go back to here: run ${number}`);
    assert.ok(await goBack(4).isDisabled());
    await goBack(1).click();
    await sessions.said("3 runs taken back. 3 files changed.");
    await sessions.waitForEntries(["run", "rewound", "rewound", "rewound", "rewind", "rewind", "rewind"]);
    await sessions.waitForRows(["src", "  shapes.ts"]);
    await sessions.changed("Back at run 1");
    assert.deepEqual(await page.locator("#changes .file-change .tag").allTextContents(), ["deleted", "deleted", "changed"]);
    assert.ok(!(await readFile("/src/shapes.ts")).includes("volume"));
    for (const left of [["rewound", "rewound", "rewind", "rewind"], ["rewound", "rewind"], []]) {
      await sessions.button("Redo").click();
      await sessions.waitForEntries(["run", ...Array.from({ length: 3 - Math.ceil(left.length / 2) }, () => "run"), ...left]);
    }
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts", "README.md"]);
    await sessions.button("Go back to the start").click();
    await sessions.said("4 runs taken back.");
    await page.getByText(/^No files yet\./).waitFor();
  });

  test("branches off into a session of its own", async () => {
    const { sessions, page } = stage;
    await sessions.openWithExample();
    const origin = sessions.session;
    await sessions.button("Fork from here: run 2").click();
    await sessions.titled("add a function area to src/shapes.ts, from run 2");
    assert.notEqual(sessions.session, origin);
    await sessions.waitForEntries(["run", "run"]);
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts"]);
    // It has cost nothing yet.
    await sessions.row("from run 2").filter({ hasText: "2 runs$0.0000" }).waitFor();
    await sessions.button("Rewind").click();
    await sessions.waitForEntries(["run", "rewound", "rewind"]);
    await sessions.waitForRows(["src", "  shapes.ts"]);
    assert.ok(await sessions.button("Fork from here: run 2").isDisabled());
    await page.goBack();
    await sessions.waitForEntries(["run", "run", "run", "run"]);
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts", "README.md"]);
    assert.equal(sessions.session, origin);
  });
});
