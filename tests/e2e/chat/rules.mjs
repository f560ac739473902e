import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

async function source(name) {
  const { module } = await runnerImport(fileURLToPath(new URL(`../../../www/src/chat/${name}.ts`, import.meta.url)));
  return module;
}

test("the agent looks for the telling words of a question, singular or plural", async () => {
  const { wordsOf, patternOfWords, stemOf } = await source("words");
  assert.deepEqual(wordsOf("What are the Licences of reqwest, and of REQWEST's CSS?"), ["licence", "reqwest", "css"]);
  assert.deepEqual(wordsOf("and what is it?"), []);
  assert.deepEqual(wordsOf("(.*)+ [a-z] \\"), ["z"]);
  assert.equal(wordsOf(Array.from({ length: 50 }, (_, at) => `word${at}`).join(" ")).length, 12);
  const found = (question, text) => Array.from(text.matchAll(patternOfWords(wordsOf(question))), ([match]) => match);
  assert.deepEqual(found("licences", "Licence, licences, sublicence"), ["Licence", "licences", "licence"]);
  assert.deepEqual(found("css", "CSS, access, css-modules"), ["CSS", "css"]);
  assert.deepEqual(found("schafe \u00fcber", "\u00dcBER SCHAFE"), ["\u00dcBER", "SCHAFE"]);
  assert.deepEqual(["Licences", "goal", "less"].map(stemOf), ["licence", "goal", "less"]);
});

test("the best passages are found, of few documents and with their lines", async () => {
  const { findPassages } = await source("passages");
  const records = {
    "summary:app": [["a.md", { headline: "zeppelin" }]],
    "files:app": [
      ["a.md", `${"nothing here\n".repeat(100)}The zeppelin has a rudder.\nIt flies.\n${"nothing here\n".repeat(100)}`],
      ["b.md", "A zeppelin.\n"],
      ["long.txt", `${"x".repeat(5000)} zeppelin rudder ${"y".repeat(5000)}`],
      ["c.md", "Only words."],
    ],
    plain: [["d", { zeppelin: [1] }]],
  };
  const store = {
    listNamespaces: async () => Object.keys(records),
    useNamespace: (namespace) => ({ entries: async function* () { yield* records[namespace]; } }),
  };
  const { passages, looked } = await findPassages(store, ["zeppelin", "rudder"], 3, new AbortController().signal);
  assert.equal(looked, 5);
  const of = (key) => passages.find((passage) => passage.key === key);
  assert.deepEqual(passages.slice(0, 2).map(({ key }) => key).sort(), ["a.md", "long.txt"]);
  assert.equal(of("a.md").line, 101);
  assert.ok(of("a.md").text.startsWith("The zeppelin has a rudder.\nIt flies."), of("a.md").text);
  assert.ok(of("long.txt").text.startsWith("…") && of("long.txt").text.includes("zeppelin rudder") && of("long.txt").text.length < 500);
  assert.ok(passages.every(({ namespace }) => namespace !== "summary:app"));
});

test("a place survives its address, and a delay is a number", async () => {
  const { readChatPlace, writeChatPlace } = await source("place");
  const { wordDelay } = await source("../pacing");
  for (const place of [{ user: "a&b=#/\u00fc", conversation: "<%>" }, { user: "demo", conversation: null }]) {
    assert.deepEqual(readChatPlace(writeChatPlace(place)), place);
  }
  assert.deepEqual(["?delay=5", "?delay=0", "?delay=-1", "?delay=x", ""].map(wordDelay), [5, 0, 35, 35, 35]);
});

test("a time is told as shortly as it can be", async () => {
  const { shortTime } = await source("../when");
  const now = new Date(2026, 4, 20, 12, 0);
  const at = (...parts) => shortTime(new Date(...parts).toISOString(), now);
  assert.deepEqual([at(2026, 4, 20, 9, 5), at(2026, 4, 18, 9, 5), at(2026, 0, 2), at(2025, 0, 2)], ["09:05", "Mon", "2 Jan", "2 Jan 2025"]);
});
