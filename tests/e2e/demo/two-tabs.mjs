import { describe, test } from "node:test";
import { DemoPage } from "./demo-page.mjs";
import { stage } from "./stage.mjs";

describe("two tabs", () => {
  test("show each other's records, and do not overwrite them unasked", async () => {
    const { demo, page } = stage;
    await demo.open();
    await demo.add("shared", "1");
    const second = await stage.browser.context.newPage();
    const other = new DemoPage(second, stage.server.origin, new URL(page.url()).searchParams.get("db"));
    await other.open({ agent: "second", key: "shared" });
    await demo.button("Edit").click();
    await other.button("Edit").click();
    await other.fillEditor({ value: "2" });
    await other.save();
    await other.add("new", "3");
    await second.close();

    await demo.fillEditor({ value: "4" });
    await demo.button("Save").click();
    await page.locator("#confirm").filter({ hasText: "Changed meanwhile" }).getByRole("button", { name: "Cancel" }).click();
    await demo.button("Cancel").click();
    await page.locator("#confirm").getByRole("button", { name: "Discard" }).click();
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await demo.waitForCount(2);
    await page.locator("#record-value").filter({ hasText: /^2$/ }).waitFor();
  });
});
