import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

async function source(name) {
  const { module } = await runnerImport(fileURLToPath(new URL(`../../www/src/${name}.ts`, import.meta.url)));
  return module;
}

test("a summary tells language, lines, bytes and what a file says first of itself", async () => {
  const { summarize } = await source("summary");
  const cases = [
    ["src/lib.rs", "//! Counts sheep.\n", "Rust", 1, "Counts sheep."],
    ["a.ts", "#!/usr/bin/env node\n/*! Copyright 2020 */\n/**\n * Walks trees.\n */\nwalk();", "TypeScript", 6, "Walks trees."],
    ["a.py", "# Copyright\n'''Greets people.\n\nMore.'''\n", "Python", 4, "Greets people."],
    ["a.py", "# Only a comment\nx = 1\n", "Python", 2, "Only a comment"],
    ["README.md", "[badge]\n\n## The *title* ##\ntext", "Markdown", 4, "The *title*"],
    ["README.md", "Title\n=====\n", "Markdown", 2, "Title"],
    ["p.html", "<!doctype html>\n<title>Page\n one</title>", "HTML", 3, "Page one"],
    ["package.json", '{"name": "x", "description": "Does y."}', "JSON", 1, "Does y."],
    ["broken.json", '{"name"', "JSON", 1, '{"name"'],
    ["style.css", "#id { color: red }\n", "CSS", 1, "#id { color: red }"],
    ["q.sql", "-- All users.\nselect 1;", "SQL", 2, "All users."],
    ["run", "#!/usr/bin/env -S python3 -u\n# Runs it.\n", "Python", 2, "Runs it."],
    ["Makefile", "# Builds.\nall:\n", "Makefile", 2, "Builds."],
    ["constructor", "words", "Text", 1, "words"],
    ["a.constructor", "", "Text", 0, ""],
    ["bom.md", "\uFEFF# Title\n", "Markdown", 1, "Title"],
  ];
  for (const [path, text, language, lines, headline] of cases) {
    assert.deepEqual(summarize(path, text, 7), { language, lines, bytes: 7, headline }, `${path}: ${text}`);
  }
  for (const text of ["\n".repeat(1e5), " \n".repeat(1e5), "<title".repeat(1e5), `# ${" ".repeat(1e6)}`, `/*${"*".repeat(1e6)}`, "#\n".repeat(1e5)]) {
    const started = performance.now();
    for (const path of ["a.py", "a.html", "a.md", "a.js", "a.sql", "a.json"]) summarize(path, text, 0);
    assert.ok(performance.now() - started < 1000, `slow: ${text.slice(0, 10)}`);
  }
  const { headline } = summarize("long.txt", `a${"🐑".repeat(500)}`, 2001);
  assert.deepEqual([Array.from(headline).length, headline.at(-1), headline.isWellFormed()], [160, "…", true]);
});

test("directories are ignored by their whole name, wherever they are", async () => {
  const { ignoredDirectory, parseIgnored } = await source("ignore");
  const ignored = parseIgnored(" node_modules/ , dist\n.git,,");
  assert.deepEqual([...ignored], ["node_modules", "dist", ".git"]);
  assert.equal(ignoredDirectory("a/node_modules/b/dist/c", ignored), "a/node_modules");
  assert.equal(ignoredDirectory("dist/a", ignored), "dist");
  assert.equal(ignoredDirectory("a/dist", ignored), null);
  assert.equal(ignoredDirectory("distant/a", ignored), null);
});

test("a search takes what is typed as it is, whatever its case", async () => {
  const { matchRecord, patternOf } = await source("search");
  const find = (query, value, key = "k") => matchRecord(patternOf(query), "n", key, value);
  assert.deepEqual(find("A.B", "x a.b A.B axb").inContent, { before: "x ", match: "a.b", after: " A.B axb" });
  assert.equal(find("A.B", "x a.b A.B axb").matches, 2);
  assert.equal(find("a-b[c](d)\\{1}|^$*+?/", "A-B[C](D)\\{1}|^$*+?/").matches, 1);
  assert.equal(find("i", "\u0130i").inContent.match, "i");
  assert.deepEqual(find("K", { n: null }), { namespace: "n", key: "k", inKey: { before: "", match: "k", after: "" }, inContent: null, matches: 0 });
  assert.equal(find("null", { n: null }, "x").matches, 1);
  assert.equal(find("absent", "text"), null);
  for (const emojis of [find("x", `${"🐑".repeat(50)}x${"🐑".repeat(100)}`), find("x", `🐑${"🐑".repeat(50)}x a${"🐑".repeat(100)}`)]) {
    assert.ok(emojis.inContent.before.isWellFormed() && emojis.inContent.after.isWellFormed());
  }
});

test("JSON that JavaScript would change is refused", async () => {
  const { parseJson, parseJsonObject } = await source("json");
  assert.deepEqual(parseJson('\uFEFF{"a": [1e300, 0.1, -5, 9007199254740991]}'), { a: [1e300, 0.1, -5, 9007199254740991] });
  assert.throws(() => parseJson("{"), /^Error: Not valid JSON: /);
  assert.throws(() => parseJsonObject("null"), /JSON object/);
});

test("a place survives its address, and any namespace makes a file name", async () => {
  const { readPlace, writePlace, databaseName } = await source("location");
  const place = { user: "a&b=#/ü", agent: "", namespace: "", key: "<%>\u202E" };
  assert.deepEqual(readPlace(writePlace(place)), place);
  assert.deepEqual(readPlace(""), { user: "demo", agent: "explorer", namespace: "default", key: null });
  assert.equal(databaseName("?db=x%20y"), "x y");
  assert.equal(databaseName(""), "agent-datastore-demo");
  const { fileNameOf } = await source("format");
  const names = ["files:a/b", "../..", "", "\u202Egpj", "x".repeat(300)].map((name) => fileNameOf(name, "json"));
  assert.deepEqual(names, ["files-a-b.json", "export.json", "export.json", "gpj.json", `${"x".repeat(80)}.json`]);
});
