import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("documents", () => {
  const importFile = async (text, { skip = false } = {}) => {
    const { demo, page } = stage;
    await demo.button("Import documents").click();
    await page.getByLabel("File", { exact: true }).setInputFiles({ name: "d.json", mimeType: "application/json", buffer: Buffer.from(text) });
    if (skip) await page.getByLabel("Leave it as it is").check();
    await page.locator("#documents").getByRole("button", { name: "Import" }).click();
  };

  test("go out and come back, and a wrong file changes nothing", async () => {
    const { demo, page } = stage;
    await demo.open({ ns: "files:a/b" });
    await demo.add("one", '{"n": 1}', '{"m": true}');
    await demo.add("two", '"2"');
    const { name, text } = await stage.exported();
    assert.equal(name, "files-a-b.json");
    await demo.button("Clear").click();
    await page.locator("#confirm").getByRole("button", { name: "Clear" }).click();
    await demo.waitForCount(0);
    await importFile(text);
    await demo.waitForCount(2);
    assert.equal((await stage.exported()).text, text);

    const [one] = JSON.parse(text);
    await importFile(JSON.stringify([{ ...one, value: 5 }]), { skip: true });
    await page.locator("#notice").filter({ hasText: "0 records imported, 1 record left as they were." }).waitFor();
    assert.equal((await stage.exported()).text, text);
    await importFile(JSON.stringify([{ ...one, value: 5 }, { nonsense: true }]));
    await page.locator("#documents-error").filter({ hasText: /^INVALID_DOCUMENT: / }).waitFor();
    await page.locator("#documents").getByRole("button", { name: "Cancel" }).click();
    assert.equal((await stage.exported()).text, text);
  });

  test("by the thousand stay quick to look through, also by keyboard", async () => {
    const { demo, page } = stage;
    const documents = Array.from({ length: 5000 }, (_, at) => ({
      userId: "ada",
      namespace: "many",
      key: `item-${String(at).padStart(4, "0")}`,
      value: at,
    }));
    await demo.open({ ns: "many" });
    await importFile(JSON.stringify(documents));
    await demo.waitForCount(5000);
    const keys = page.getByRole("listbox", { name: "Keys" });
    assert.ok((await keys.getByRole("option").count()) < 100);
    await keys.press("End");
    await demo.keyRow("item-4999").waitFor();
    await keys.press("ArrowUp");
    await keys.press("Enter");
    await demo.recordShown("item-4998");
    await page.getByLabel("Only keys that begin with").fill("item-12");
    await page.locator("#keys-count").filter({ hasText: "100 of 5,000 keys" }).waitFor();
    assert.deepEqual(await demo.search("item-123"), { found: 10, looked: 5000 });
  });
});
