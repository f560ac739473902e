import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("records", () => {
  test("a record that is added, changed and deleted is so after a reload", async () => {
    const { demo, page } = stage;
    await demo.open();
    await demo.add("plan/first", '{"steps": [1, 2.5, null], "done": false}', '{"source": "person"}');
    await demo.add("plan/second", '"plain words"');
    await demo.reload();
    await demo.waitForCount(2);
    await demo.recordShown("plan/second");
    await demo.openKey("plan/first");
    assert.deepEqual(JSON.parse(await demo.value()), { steps: [1, 2.5, null], done: false });
    assert.deepEqual(JSON.parse(await page.locator("#record-metadata").textContent()), { source: "person" });
    await page.locator("#record-facts").getByText("by tester").first().waitFor();

    await demo.button("Edit").click();
    await demo.fillEditor({ value: '{"done": true}', metadata: '{"source": "person", "checked": 1}' });
    await demo.save();
    await page.locator("#record-value").filter({ hasText: "true" }).waitFor();
    await demo.reload();
    await demo.recordShown("plan/first");
    assert.deepEqual(JSON.parse(await demo.value()), { done: true });
    assert.deepEqual(JSON.parse(await page.locator("#record-metadata").textContent()), { checked: 1, source: "person" });

    await demo.button("Delete").click();
    await page.locator("#confirm").getByRole("button", { name: "Cancel" }).click();
    await demo.waitForCount(2);
    await demo.button("Delete").click();
    await page.locator("#confirm").getByRole("button", { name: "Delete" }).click();
    await demo.waitForCount(1);
    await demo.reload();
    await demo.waitForCount(1);
    await demo.keyRow("plan/second").waitFor();
    assert.equal(await demo.keyRow("plan/first").count(), 0);
  });

  test("what cannot be stored is explained, and nothing is written", async () => {
    const { demo, page } = stage;
    await demo.open();
    const refuse = async (fields, message) => {
      await demo.button("Add record").first().click();
      await demo.fillEditor({ key: "k", value: "1", metadata: "", ...fields });
      await demo.button("Save").click();
      await page.locator("#editor").getByRole("alert").filter({ hasText: message }).waitFor();
      await demo.button("Cancel").click();
      await page.locator("#confirm").getByRole("button", { name: "Discard" }).click();
      await page.locator("#editor").waitFor({ state: "hidden" });
    };
    await refuse({ value: '{"a": 1,}' }, /^Not valid JSON: /);
    await refuse({ value: "" }, /^Not valid JSON: /);
    await refuse({ value: "[9007199254740993]" }, /^The number 9007199254740993 /);
    await refuse({ metadata: "[1]" }, /^Metadata has to be a JSON object/);
    await refuse({ key: "k".repeat(70_000) }, /^LIMIT_EXCEEDED: /);
    await refuse({ value: "[".repeat(101) + "]".repeat(101) }, /^(LIMIT_EXCEEDED|INVALID_VALUE): /);
    await demo.waitForCount(0);

    await demo.add("k", "1", '{"kept": 1}');
    await refuse({ value: "2" }, /exists already/);
    await demo.button("Edit").click();
    await demo.fillEditor({ value: "{", metadata: "{}" });
    await demo.button("Save").click();
    await page.locator("#editor-value-error").filter({ hasText: "Not valid JSON" }).waitFor();
    await stage.picture("editor-invalid-json");
    await demo.fillEditor({ value: "2" });
    await demo.button("Save").click();
    await page.locator("#editor-metadata-error").filter({ hasText: "kept" }).waitFor();
    await page.keyboard.press("Escape");
    await page.locator("#confirm").getByRole("button", { name: "Discard" }).click();
    await demo.reload();
    await demo.recordShown("k");
    assert.equal(await demo.value(), "1");
  });

  test("text with any line ends survives being edited", async () => {
    const { demo, page } = stage;
    await demo.open();
    await demo.add("crlf", JSON.stringify("one\r\ntwo"));
    await demo.button("Edit").click();
    await page.getByLabel("Plain text").click();
    await page.locator("#editor-value-error").filter({ hasText: "carriage returns" }).waitFor();
    await demo.fillEditor({ value: JSON.stringify("one\r\ntwo\r\nthree") });
    await demo.save();
    await page.locator("#record-value").filter({ hasText: "three" }).waitFor();
    await demo.button("JSON").click();
    assert.equal(await demo.value(), JSON.stringify("one\r\ntwo\r\nthree"));
  });

  test("users do not see each other's records, and namespaces are cleared one by one", async () => {
    const { demo, page } = stage;
    await demo.open();
    await demo.add("a", "1");
    await demo.openNamespace("other");
    await demo.add("b", "2");
    await page.getByLabel("User", { exact: true }).fill("grace");
    await page.getByLabel("User", { exact: true }).press("Enter");
    await page.getByRole("heading", { name: "Nothing is stored for “grace” yet" }).waitFor();
    await page.goBack();
    await demo.waitForCount(1);
    await demo.button("Clear").click();
    await page.locator("#confirm").filter({ hasText: "1 record in “other”" }).getByRole("button", { name: "Clear" }).click();
    await demo.waitForCount(0);
    await page.getByRole("navigation", { name: "Namespaces" }).getByRole("link", { name: "default" }).click();
    await demo.waitForCount(1);
    await demo.reload();
    assert.deepEqual(await page.getByRole("navigation", { name: "Namespaces" }).getByRole("link").allTextContents(), ["default"]);
  });

  test("a newcomer is told what to do, and can load a sample", async () => {
    const { demo, page } = stage;
    await demo.open({ user: "newcomer" });
    await page.getByRole("heading", { name: "Nothing is stored for “newcomer” yet" }).waitFor();
    await stage.picture("empty-light");
    await demo.button("Load the sample").click();
    await demo.openKey("goal");
    await page.locator("#record-facts").getByText("by planner").first().waitFor();
    await demo.reload();
    const namespaces = await page.getByRole("navigation", { name: "Namespaces" }).getByRole("link").allTextContents();
    assert.deepEqual(namespaces, ["cache:crates", "default", "shared"]);
  });
});
