import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { transferDialogOf } from "../transfer-dialog.mjs";
import { stage } from "./stage.mjs";

describe("export and import of sessions", () => {
  const { dialog, press, said, exported, importFiles } = transferDialogOf(stage);

  test("an archive and a file bring back what was deleted, and replace only where that is wanted", async () => {
    const { sessions, page } = stage;
    await sessions.openWithExample();
    const id = sessions.session;
    await sessions.button("Files").click();
    const one = await exported();
    await said("1 session exported.");
    assert.equal(one.name, `${id}.zip`);
    assert.equal(one.buffer.subarray(0, 2).toString(), "PK");
    await dialog().getByLabel("All sessions of this user").check();
    await dialog().getByRole("radio", { name: /^One JSON file/ }).check();
    const all = await exported();
    assert.equal(all.name, "sessions.json");
    const files = JSON.parse(all.buffer.toString());
    assert.ok(files[`data/sessions/${id}/session_metadata.json`].includes(id));
    assert.ok("data/prompt_history.jsonl" in files);
    await press("Close");
    await sessions.button("Delete").click();
    await sessions.confirm("Delete");
    await sessions.button("Fill in an example").waitFor();

    await sessions.button("Files").click();
    assert.ok(await dialog().getByLabel("The open session").isDisabled());
    await importFiles({ name: "broken.zip", buffer: Buffer.from("no archive") });
    await dialog().getByRole("alert").filter({ hasText: "INVALID_DOCUMENT" }).waitFor();
    await importFiles({ name: "broken.json", buffer: Buffer.from('{"a": 1}') });
    await dialog().getByRole("alert").filter({ hasText: "texts by path" }).waitFor();
    await importFiles(one);
    await said("1 session imported.");
    await importFiles(all);
    await said("0 sessions imported, 1 session here already.");
    await dialog().getByLabel("Import nothing at all").check();
    await importFiles(all);
    await dialog().getByRole("alert").filter({ hasText: "ALREADY_EXISTS" }).waitFor();
    await press("Close");

    await sessions.row("add a function area to src/shapes.ts").click();
    await sessions.waitForEntries(["run", "run", "run", "run"]);
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts", "README.md"]);
    // The way back came along.
    await sessions.button("Rewind").click();
    await sessions.waitForEntries(["run", "run", "run", "rewound", "rewind"]);
    await sessions.button("Files").click();
    await dialog().getByLabel("Replace it by the one in the file").check();
    await importFiles(all);
    await said("1 session imported.");
    await press("Close");
    await sessions.waitForEntries(["run", "run", "run", "run"]);
    await page.getByText(/^4 runs cost /).waitFor();
  });

  test("a directory takes all files and gives them back", async () => {
    const { sessions, page } = stage;
    // The picker itself cannot be driven; the origin's own directory is one of the same kind.
    await page.addInitScript(() => {
      window.showDirectoryPicker = async ({ mode }) => {
        if (window.declines) throw new DOMException("declined", "AbortError");
        window.asked = mode;
        const root = await navigator.storage.getDirectory();
        return root.getDirectoryHandle("sessions-of-a-test", { create: true });
      };
    });
    await sessions.openWithExample();
    await sessions.button("Files").click();
    await dialog().getByLabel("All sessions of this user").check();
    await dialog().getByRole("radio", { name: /^Directory/ }).check();
    await press("Export");
    await said("1 session exported.");
    assert.equal(await page.evaluate(() => window.asked), "readwrite");
    await page.evaluate(() => (window.declines = true));
    await press("Export");
    await said("No directory was chosen.");
    await sessions.open({ user: "another" });
    await sessions.button("Files").click();
    await press("Import a directory");
    await said("1 session imported.");
    assert.equal(await page.evaluate(() => window.asked), "read");
    await press("Close");
    await sessions.row("add a function area to src/shapes.ts").click();
    await sessions.waitForRows(["src", "  shapes.test.ts", "  shapes.ts", "README.md"]);
  });
});
