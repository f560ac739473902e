import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { DemoPage } from "./demo-page.mjs";
import { telling, textFiles } from "./real-folder.mjs";
import { serve } from "./serve.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const pictures = join(repository, "test-results");
const realFolder = join(repository, "node_modules", "typescript");

const byCodePoint = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

let server;
let browser;
let scratch;
let demo;
let page;

async function folderOf(name, files) {
  const folder = join(scratch, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function picture(name) {
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** The documents that the Export button gives. */
async function exported() {
  const [download] = await Promise.all([page.waitForEvent("download"), demo.button("Export").click()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

before(async () => {
  await mkdir(pictures, { recursive: true });
  scratch = await mkdtemp(join(tmpdir(), "agent-datastore-folders-"));
  server = await serve(join(repository, "www", "dist"));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await rm(scratch, { recursive: true, force: true });
});

beforeEach(async (context) => {
  page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  demo = new DemoPage(page, server.origin, context.name);
});

afterEach(async () => {
  await page.close();
  assert.deepEqual(browser.complaints.splice(0), []);
});

describe("records", () => {
  test("a record that is added, changed and deleted is so after a reload", async () => {
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
    await picture("editor-invalid-json");
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
    await page.getByRole("navigation").getByRole("link", { name: "default" }).click();
    await demo.waitForCount(1);
    await demo.reload();
    assert.deepEqual(await page.getByRole("navigation").getByRole("link").allTextContents(), ["default"]);
  });

  test("a newcomer is told what to do, and can load a sample", async () => {
    await demo.open({ user: "newcomer" });
    await page.getByRole("heading", { name: "Nothing is stored for “newcomer” yet" }).waitFor();
    await picture("empty-light");
    await demo.button("Load the sample").click();
    await demo.openKey("goal");
    await page.locator("#record-facts").getByText("by planner").first().waitFor();
    await demo.reload();
    const namespaces = await page.getByRole("navigation").getByRole("link").allTextContents();
    assert.deepEqual(namespaces, ["cache:crates", "default", "shared"]);
  });
});

describe("a real folder", () => {
  test("is imported, searched and still there after a reload", async () => {
    const files = await textFiles(realFolder);
    assert.ok(files.size >= 200, `only ${files.size} text files`);
    const name = basename(realFolder);
    const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes, 0);

    await demo.open();
    const { line, skipped } = await demo.importFolder(realFolder, { ignored: ".git, node_modules" });
    assert.match(line, new RegExp(`^Imported ${files.size} files, [\\d.]+ MB, [\\d,]+ ms\\.$`));
    assert.equal(Number(/([\d.]+) MB/.exec(line)[1]), Math.round(bytes / 100_000) / 10);
    assert.deepEqual(skipped, []);
    await picture("import-done-light");
    await demo.button("Done").click();
    await demo.waitForCount(files.size);
    assert.equal(await page.locator("#namespace-title").textContent(), `files:${name}`);

    const documents = JSON.parse((await exported()).text);
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
    await picture("search-light");
    assert.ok((await demo.search(word, "all")).looked >= 2 * files.size);
    await demo.button("Close").click();

    await demo.reload();
    await demo.waitForCount(files.size);
    const keys = page.getByRole("listbox", { name: "Keys" });
    await keys.press("End");
    await demo.keyRow([...files.keys()].sort(byCodePoint).at(-1)).waitFor();
    await demo.openKey("README.md");
    assert.equal(await demo.value(), files.get("README.md").text);
    await picture("record-light");

    await page.getByRole("navigation").getByRole("link", { name: `summary:${name}` }).click();
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
    await picture("record-dark");
    await demo.search(word, "all");
    await picture("search-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 390, height: 844 });
    await picture("phone-search");
    await demo.button("Close").click();
    await demo.openKey("README.md");
    await picture("phone-record");
    await page.getByRole("link", { name: "Back" }).click();
    await demo.waitForCount(files.size);
    await page.getByLabel("Only keys that begin with").fill("");
    await picture("phone-keys");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.equal(wide, false, "the phone page scrolls sideways");
  });

  test("can be dropped on the page", async () => {
    const folder = await folderOf("dropped", { "a.txt": "one", "deep/er/b.txt": "two", "node_modules/c.js": "three" });
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
    const folder = await folderOf("mixed", {
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
    await picture("import-skipped-light");
    await demo.button("Done").click();
    const values = JSON.parse((await exported()).text).map(({ key, value }) => [key, value]);
    assert.deepEqual(values, [["bom.txt", "\uFEFFtext"], ["empty.txt", ""], ["src/lib.rs", "//! Counts sheep.\nfn main() {}\n"]]);
    await page.getByRole("navigation").getByRole("link", { name: "summary:mixed" }).click();
    await demo.openKey("src/lib.rs");
    assert.deepEqual(JSON.parse(await demo.value()), { language: "Rust", lines: 2, bytes: 31, headline: "Counts sheep." });
  });

  test("stops when it is cancelled, and says how far it came", async () => {
    const names = Array.from({ length: 450 }, (_, at) => `${String(at).padStart(3, "0")}.txt`);
    const folder = await folderOf("long", Object.fromEntries(names.map((name) => [name, name])));
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
    await picture("import-running-light");
    await demo.button("Cancel the import").click();
    await page.evaluate(() => window.openGate());
    const { line } = await demo.importResult();
    assert.match(line, /^Cancelled after 200 files, 1.4 kB, [\d,]+ ms\. 250 files not imported\.$/);
    await demo.button("Done").click();
    await demo.waitForCount(200);
  });

  test("says so when the browser has no room left, and keeps what is in", async () => {
    const names = Array.from({ length: 40 }, (_, at) => `${String(at).padStart(2, "0")}.txt`);
    const folder = await folderOf("large", Object.fromEntries(names.map((name) => [name, randomBytes(250_000).toString("hex")])));
    // An origin of its own, because a quota is taken up before the origin first stores anything.
    const other = await serve(join(repository, "www", "dist"));
    try {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Storage.overrideQuotaForOrigin", { origin: other.origin, quotaSize: 10_000_000 });
      demo = new DemoPage(page, other.origin, "full");
      await demo.open();
      const { line } = await demo.importFolder(folder);
      const [, imported, left] = /^Stopped after (\d+) files, .* (\d+) files not imported\.$/.exec(line);
      assert.equal(Number(imported) + Number(left), 40);
      assert.ok(Number(imported) >= 8 && Number(left) >= 8, line);
      await page.locator("#folder-failure").filter({ hasText: /^QUOTA_EXCEEDED: / }).waitFor();
      await demo.button("Done").click();
      await demo.reload();
      await demo.waitForCount(Number(imported));
    } finally {
      await page.goto("about:blank");
      await other.close();
    }
  });

  test("of JSON files gives values, and reports the broken ones by name", async () => {
    const folder = await folderOf("data", {
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
    const values = JSON.parse((await exported()).text).map(({ namespace, key, value }) => [namespace, key, value]);
    assert.deepEqual(values, [
      ["inbox", "deep/UPPER.JSON", true],
      ["inbox", "deep/list.json", [1, 2, 3]],
      ["inbox", "good.json", { a: [1, "two", null] }],
    ]);
  });
});

describe("documents", () => {
  const importFile = async (text, { skip = false } = {}) => {
    await demo.button("Import documents").click();
    await page.getByLabel("File", { exact: true }).setInputFiles({ name: "d.json", mimeType: "application/json", buffer: Buffer.from(text) });
    if (skip) await page.getByLabel("Leave it as it is").check();
    await page.locator("#documents").getByRole("button", { name: "Import" }).click();
  };

  test("go out and come back, and a wrong file changes nothing", async () => {
    await demo.open({ ns: "files:a/b" });
    await demo.add("one", '{"n": 1}', '{"m": true}');
    await demo.add("two", '"2"');
    const { name, text } = await exported();
    assert.equal(name, "files-a-b.json");
    await demo.button("Clear").click();
    await page.locator("#confirm").getByRole("button", { name: "Clear" }).click();
    await demo.waitForCount(0);
    await importFile(text);
    await demo.waitForCount(2);
    assert.equal((await exported()).text, text);

    const [one] = JSON.parse(text);
    await importFile(JSON.stringify([{ ...one, value: 5 }]), { skip: true });
    await page.locator("#notice").filter({ hasText: "0 records imported, 1 record left as they were." }).waitFor();
    assert.equal((await exported()).text, text);
    await importFile(JSON.stringify([{ ...one, value: 5 }, { nonsense: true }]));
    await page.locator("#documents-error").filter({ hasText: /^INVALID_DOCUMENT: / }).waitFor();
    await page.locator("#documents").getByRole("button", { name: "Cancel" }).click();
    assert.equal((await exported()).text, text);
  });

  test("by the thousand stay quick to look through, also by keyboard", async () => {
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

describe("search", () => {
  test("can be stopped, and begins anew", async () => {
    await demo.open();
    await demo.button("Load the sample").click();
    await demo.waitForCount(2);
    await page.getByLabel("Search keys and contents").fill("HTTP");
    // In one task, so that no record is read in between.
    await page.evaluate(() => {
      document.getElementById("search-form").requestSubmit();
      document.getElementById("search-stop").click();
    });
    assert.equal(await page.locator("#search-status").textContent(), "Stopped.");
    assert.deepEqual(await demo.search("HTTP"), { found: 1, looked: 2 });
    assert.deepEqual(await demo.search("http", "all"), { found: 2, looked: 6 });
    assert.deepEqual(await demo.search("no such words", "all"), { found: 0, looked: 6 });
    await page.getByLabel("Search keys and contents").fill("reqwest");
    await page.locator("#search-status").filter({ hasText: /^2 records of 6 in/ }).waitFor();
    await page.getByLabel("Search keys and contents").press("Escape");
    await demo.keyRow("goal").waitFor();
  });
});

describe("two tabs", () => {
  test("show each other's records, and do not overwrite them unasked", async () => {
    await demo.open();
    await demo.add("shared", "1");
    const second = await browser.context.newPage();
    const other = new DemoPage(second, server.origin, new URL(page.url()).searchParams.get("db"));
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

describe("hostile content", () => {
  test("is shown as the text that it is", async () => {
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
    await picture("hostile-light");

    const folder = await folderOf("hostile <b>folder", { "<svg onload=window.pwned=1>.txt": script, "<img src=x>.bin": Buffer.from([0]) });
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

describe("storage", () => {
  test("shows what is used, and asks the browser to keep it", async () => {
    await demo.open();
    await page.locator("#storage-used").filter({ hasText: / of .+ used$/ }).waitFor();
    assert.equal(await page.locator("#storage-database").textContent(), new URL(page.url()).searchParams.get("db"));
    assert.equal(await page.locator("#storage-backend").textContent(), "indexeddb");
    const keep = demo.button("Keep it");
    await keep.click();
    const answered = page.locator("#notice").filter({ hasText: "The browser declined." });
    await page.locator("#storage-persisted").filter({ hasText: "Kept until you delete it." }).or(answered).first().waitFor();
  });
});
