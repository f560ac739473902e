import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stage } from "./stage.mjs";

describe("hostile content", () => {
  test("is shown as the text that it is", async () => {
    const { demo, page } = stage;
    const image = "<img src=x onerror=\"window.pwned = 'image'\">";
    const script = "</script><script>window.pwned = 'script'</script>";
    const reversed = "invoice\u202Efdp.exe";
    await demo.open({ user: `${image}\u202E`, ns: image });
    for (const key of [image, script, reversed, "__proto__", "javascript:window.pwned='link'", "${window.pwned='template'}"]) {
      await demo.add(key, JSON.stringify(`needle ${image}${script}${reversed}`), JSON.stringify({ [script]: image }));
      assert.equal(await demo.value(), `needle ${image}${script}${reversed}`);
    }
    await demo.reload();
    await demo.waitForCount(6);
    assert.equal(await page.locator("#namespace-title").textContent(), image);
    await demo.keyRow(script).waitFor();
    await demo.openKey(reversed);
    await page.locator("#record-warning").filter({ hasText: "writing direction" }).waitFor();
    assert.equal((await demo.search("needle", "all")).found, 6);
    const hits = await demo.allRows("#search-list");
    assert.ok(hits.every((texts) => texts.at(-1).includes("<img src=x")));
    await demo.search('onerror="window', "all");
    await stage.picture("hostile-light");

    const folder = await stage.folder("hostile <b>folder", { "<svg onload=window.pwned=1>.txt": script, "<img src=x>.bin": Buffer.from([0]) });
    const { skipped } = await demo.importFolder(folder);
    assert.deepEqual(skipped, [["<img src=x>.bin", "binary file (NUL byte at 0)"]]);
    await demo.button("Done").click();
    await demo.openKey("<svg onload=window.pwned=1>.txt");
    assert.equal(await demo.value(), script);

    const injected = await page.evaluate(() => ({
      pwned: window.pwned,
      elements: document.querySelectorAll("body script, body img:not([src='./icon.svg']), body svg, body b").length,
    }));
    assert.deepEqual(injected, { pwned: undefined, elements: 0 });
  });
});
