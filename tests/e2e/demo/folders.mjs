import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { telling, textFiles } from "./real-folder.mjs";
import { byCodePoint, repository, stage } from "./stage.mjs";

const realFolder = join(repository, "node_modules", "typescript");

describe("a real folder", () => {
  test("is imported, searched and still there after a reload", async () => {
    const { demo, page } = stage;
    const files = await textFiles(realFolder);
    assert.ok(files.size >= 200, `only ${files.size} text files`);
    const name = basename(realFolder);
    const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes, 0);

    await demo.open();
    const { line, skipped } = await demo.importFolder(realFolder, { ignored: ".git, node_modules" });
    assert.match(line, new RegExp(`^Imported ${files.size} files, [\\d.]+ MB, [\\d,]+ ms\\.$`));
    assert.equal(Number(/([\d.]+) MB/.exec(line)[1]), Math.round(bytes / 100_000) / 10);
    assert.deepEqual(skipped, []);
    await stage.picture("import-done-light");
    await demo.button("Done").click();
    await demo.waitForCount(files.size);
    assert.equal(await page.locator("#namespace-title").textContent(), `files:${name}`);

    const documents = JSON.parse((await stage.exported()).text);
    assert.deepEqual(documents.map(({ key }) => key), [...files.keys()].sort(byCodePoint));
    for (const { key, value, metadata } of documents) {
      assert.ok(value === files.get(key).text, `${key} differs`);
      assert.equal(metadata.source, `folder ${name}`);
      assert.equal(metadata.batch, documents[0].metadata.batch);
    }

    const { word, paths } = telling(files);
    assert.equal((await demo.search(word)).found, paths.length);
    const hits = await demo.allRows("#search-list");
    assert.equal(hits.length, paths.length);
    for (const [head, snippet] of hits) assert.ok(`${head}${snippet}`.toLowerCase().includes(word), head);
    assert.equal((await page.locator("#search-list mark").first().textContent()).toLowerCase(), word);
    await page.getByRole("listbox", { name: "Search results" }).getByRole("option").first().click();
    await demo.recordShown(paths.toSorted(byCodePoint)[0]);
    assert.equal((await page.locator("#record-value mark").first().textContent()).toLowerCase(), word);
    assert.equal(await demo.value(), files.get(paths.toSorted(byCodePoint)[0]).text);
    await stage.picture("search-light");
    assert.ok((await demo.search(word, "all")).looked >= 2 * files.size);
    await demo.button("Close").click();

    await demo.reload();
    await demo.waitForCount(files.size);
    const keys = page.getByRole("listbox", { name: "Keys" });
    await keys.press("End");
    await demo.keyRow([...files.keys()].sort(byCodePoint).at(-1)).waitFor();
    await demo.openKey("README.md");
    assert.equal(await demo.value(), files.get("README.md").text);
    await stage.picture("record-light");

    await page.getByRole("navigation", { name: "Namespaces" }).getByRole("link", { name: `summary:${name}` }).click();
    await demo.waitForCount(files.size);
    await demo.openKey("README.md");
    const { text } = files.get("README.md");
    const heading = /^#+ *(.+)$/m.exec(text)[1].trim();
    assert.deepEqual(JSON.parse(await demo.value()), {
      language: "Markdown",
      lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
      bytes: files.get("README.md").bytes,
      headline: heading,
    });

    await page.emulateMedia({ colorScheme: "dark" });
    await stage.picture("record-dark");
    await demo.search(word, "all");
    await stage.picture("search-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 390, height: 844 });
    await stage.picture("phone-search");
    await demo.button("Close").click();
    await demo.openKey("README.md");
    await stage.picture("phone-record");
    await page.getByRole("link", { name: "Back" }).click();
    await demo.waitForCount(files.size);
    await page.getByLabel("Only keys that begin with").fill("");
    await stage.picture("phone-keys");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, "the phone page scrolls sideways");
  });

  test("can be dropped on the page", async () => {
    const { demo, page } = stage;
    const folder = await stage.folder("dropped", { "a.txt": "one", "deep/er/b.txt": "two", "node_modules/c.js": "three" });
    await demo.open();
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await devtools.send("Input.dispatchDragEvent", { type, x: 600, y: 500, data });
    }
    await page.locator("#folder-chosen").filter({ hasText: "dropped: 2 files, 1 directory left out" }).waitFor();
    await demo.button("Import").click();
    const { line, skipped } = await demo.importResult();
    assert.match(line, /^Imported 2 files, 6 bytes, /);
    assert.deepEqual(skipped, [["node_modules/", "directory left out"]]);
    await demo.button("Done").click();
    await demo.openKey("deep/er/b.txt");
    assert.equal(await demo.value(), "two");
  });

  test("leaves out nothing without saying so", async () => {
    const { demo, page } = stage;
    const folder = await stage.folder("mixed", {
      "src/lib.rs": "//! Counts sheep.\nfn main() {}\n",
      "empty.txt": "",
      "bom.txt": "\uFEFFtext",
      "image.bin": Buffer.from([1, 2, 0, 3]),
      "latin1.txt": Buffer.from("caf\xe9", "latin1"),
      "huge.txt": Buffer.alloc(16_000_001, "x"),
      "target/debug/out": "x",
      "target/debug/more": "x",
    });
    await demo.open();
    const { line, skipped } = await demo.importFolder(folder);
    assert.match(line, /^Imported 3 files, /);
    assert.deepEqual(
      skipped.toSorted(([a], [b]) => byCodePoint(a, b)),
      [
        ["huge.txt", "larger than 16 MB"],
        ["image.bin", "binary file (NUL byte at 2)"],
        ["latin1.txt", "not UTF-8 text"],
        ["target/", "directory left out, 2 files"],
      ],
    );
    await stage.picture("import-skipped-light");
    await demo.button("Done").click();
    const values = JSON.parse((await stage.exported()).text).map(({ key, value }) => [key, value]);
    assert.deepEqual(values, [["bom.txt", "\uFEFFtext"], ["empty.txt", ""], ["src/lib.rs", "//! Counts sheep.\nfn main() {}\n"]]);
    await page.getByRole("navigation", { name: "Namespaces" }).getByRole("link", { name: "summary:mixed" }).click();
    await demo.openKey("src/lib.rs");
    assert.deepEqual(JSON.parse(await demo.value()), { language: "Rust", lines: 2, bytes: 31, headline: "Counts sheep." });
  });

  test("stops when it is cancelled, and says how far it came", async () => {
    const { demo, page } = stage;
    const names = Array.from({ length: 450 }, (_, at) => `${String(at).padStart(3, "0")}.txt`);
    const folder = await stage.folder("long", Object.fromEntries(names.map((name) => [name, name])));
    await page.addInitScript(() => {
      const read = Blob.prototype.arrayBuffer;
      let reads = 0;
      const gate = new Promise((open) => {
        window.openGate = open;
      });
      Blob.prototype.arrayBuffer = async function arrayBuffer() {
        reads += 1;
        if (reads > 250) await gate;
        return read.call(this);
      };
    });
    await demo.open();
    await demo.button("Import folder").first().click();
    await page.locator("#folder-input").setInputFiles(folder);
    await demo.button("Import").click();
    await page.locator("#folder-status").filter({ hasText: "250 of 450 files" }).waitFor();
    await stage.picture("import-running-light");
    await demo.button("Cancel the import").click();
    await page.evaluate(() => window.openGate());
    const { line } = await demo.importResult();
    assert.match(line, /^Cancelled after 200 files, 1.4 kB, [\d,]+ ms\. 250 files not imported\.$/);
    await demo.button("Done").click();
    await demo.waitForCount(200);
  });

  test("says so when the browser has no room left, and keeps what is in", async () => {
    const { page } = stage;
    const names = Array.from({ length: 40 }, (_, at) => `${String(at).padStart(2, "0")}.txt`);
    const folder = await stage.folder("large", Object.fromEntries(names.map((name) => [name, randomBytes(250_000).toString("hex")])));
    // A quota is taken up only before the origin first stores anything.
    await stage.onOwnOrigin(async (origin, demo) => {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 10_000_000 });
      await demo.open();
      const { line } = await demo.importFolder(folder);
      const [, imported, left] = /^Stopped after (\d+) files, .* (\d+) files not imported\.$/.exec(line);
      assert.equal(Number(imported) + Number(left), 40);
      assert.ok(Number(imported) >= 8 && Number(left) >= 8, line);
      await page.locator("#folder-failure").filter({ hasText: /^QUOTA_EXCEEDED: / }).waitFor();
      await demo.button("Done").click();
      await demo.reload();
      await demo.waitForCount(Number(imported));
    });
  });

  test("of JSON files gives values, and reports the broken ones by name", async () => {
    const { demo } = stage;
    const folder = await stage.folder("data", {
      "good.json": '{"a": [1, "two", null]}',
      "deep/list.json": "[1, 2, 3]",
      "deep/UPPER.JSON": "\uFEFFtrue",
      "broken.json": '{"a": ',
      "empty.json": "",
      "digits.json": '{"id": 9007199254740993}',
      "surrogate.json": '"\\ud800"',
      "notes.txt": "not JSON",
      "binary.json": Buffer.from([0]),
    });
    await demo.open({ ns: "inbox" });
    const { line, skipped } = await demo.importFolder(folder, { json: true });
    assert.match(line, /^Imported 3 files, /);
    const reasons = Object.fromEntries(skipped);
    assert.deepEqual(Object.keys(reasons).sort(), [
      "binary.json", "broken.json", "digits.json", "empty.json", "notes.txt", "surrogate.json",
    ]);
    assert.match(reasons["binary.json"], /^binary file/);
    assert.match(reasons["broken.json"], /^Not valid JSON: /);
    assert.match(reasons["empty.json"], /^Not valid JSON: /);
    assert.match(reasons["digits.json"], /^The number 9007199254740993 /);
    assert.equal(reasons["notes.txt"], "not a .json file");
    assert.match(reasons["surrogate.json"], /^INVALID_VALUE: /);
    await demo.button("Done").click();
    await demo.reload();
    await demo.waitForCount(3);
    const values = JSON.parse((await stage.exported()).text).map(({ namespace, key, value }) => [namespace, key, value]);
    assert.deepEqual(values, [
      ["inbox", "deep/UPPER.JSON", true],
      ["inbox", "deep/list.json", [1, 2, 3]],
      ["inbox", "good.json", { a: [1, "two", null] }],
    ]);
  });
});
