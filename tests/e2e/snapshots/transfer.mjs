import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { transferDialogOf } from "../transfer-dialog.mjs";
import { stage } from "./stage.mjs";

describe("export and import of snapshots", () => {
  const { dialog, press, said, exported, importFiles } = transferDialogOf(stage);
  const everything = ["session123", "  alice", "    agent", "    notes", "  bob", "  messages", "  settings", "session124", "defaults"];

  test("an archive brings back what was deleted, and replaces only where that is wanted", async () => {
    const { snapshots, page } = stage;
    await snapshots.openWithExample();
    await snapshots.button("Files").click();
    const scope = await exported();
    await said("2 snapshots exported.");
    await dialog().getByLabel("The top").check();
    const all = await exported();
    await said("7 snapshots exported.");
    assert.deepEqual([scope.name, all.name], ["alice.zip", "snapshots.zip"]);
    assert.equal(all.buffer.subarray(0, 2).toString(), "PK");
    await press("Close");
    await page.getByRole("link", { name: "All scopes" }).click();
    await snapshots.button("Delete all").click();
    await snapshots.confirm("Delete 7 snapshots");
    await snapshots.button("Fill in an example").waitFor();

    await snapshots.button("Files").click();
    assert.ok(await dialog().getByLabel("The open scope").isDisabled());
    await importFiles({ name: "broken.zip", buffer: Buffer.from("no archive") });
    await dialog().getByRole("alert").filter({ hasText: "INVALID_DOCUMENT" }).waitFor();
    await importFiles(all);
    await said("7 snapshots imported.");
    await importFiles(all);
    await said("0 snapshots imported, 7 snapshots here already.");
    await importFiles({ name: "hand made.json", buffer: Buffer.from('{"by": "hand"}') });
    await said("1 snapshot imported.");
    await press("Close");
    await snapshots.open({ scope: ["session123", "alice"], key: "agent" });
    await snapshots.shows('"step": 4');
    assert.deepEqual(await snapshots.rows(), [...everything, "hand made"]);
    await snapshots.button("Edit").click();
    await snapshots.write({ value: 1 });
    await snapshots.version(2).waitFor();
    await snapshots.button("Files").click();
    await dialog().getByLabel("Save the value of the file").check();
    await importFiles(scope);
    await said("2 snapshots imported.");
    await press("Close");
    await snapshots.shows('"step": 4');
    assert.deepEqual(await snapshots.versions(), [3, 2, 1]);
  });

  test("a directory takes all files and gives them back", async () => {
    const { snapshots, page } = stage;
    // The picker itself cannot be driven; the origin's own directory is one of the same kind.
    await page.addInitScript(() => {
      window.showDirectoryPicker = async ({ mode }) => {
        if (window.declines) throw new DOMException("declined", "AbortError");
        window.asked = mode;
        const root = await navigator.storage.getDirectory();
        return root.getDirectoryHandle("snapshots-of-a-test", { create: true });
      };
    });
    await snapshots.openWithExample();
    await snapshots.button("Files").click();
    await dialog().getByLabel("The top").check();
    await dialog().getByRole("radio", { name: /^Directory/ }).check();
    await press("Export");
    await said("7 snapshots exported.");
    assert.equal(await page.evaluate(() => window.asked), "readwrite");
    const names = await page.evaluate(async () => {
      const found = [];
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("snapshots-of-a-test");
      for await (const name of root.keys()) found.push(name);
      return found.sort();
    });
    assert.deepEqual(names, ["defaults.json", "session123", "session124"]);
    await page.evaluate(() => (window.declines = true));
    await press("Export");
    await said("No directory was chosen.");
    await snapshots.open({ user: "another" });
    await snapshots.button("Files").click();
    await press("Import a directory");
    await said("7 snapshots imported.");
    assert.equal(await page.evaluate(() => window.asked), "read");
    await press("Close");
    await snapshots.waitForRows(["session123", "session124", "defaults"]);
  });
});
