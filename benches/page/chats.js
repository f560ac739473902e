// Long conversations: one of 50,000 messages that goes on, and 100,000 messages to search in.
import { messageOf } from "./messages.js";
import { check } from "./verify.js";
import { quiet, timed } from "./timing.js";

const LONG = 50_000;
const ALL = 100_000;
const CHUNK = 2_500;
const APPENDS = 10;
const NEWEST = 50;
const REPEATS = 10;
const FOUND = 20;

const CHATS = {
  "raw IndexedDB": () => import("./chats/one-record.js"),
  Dexie: () => import("./chats/dexie.js"),
  "agent-datastore": () => import("./chats/agent-datastore.js"),
};

const messages = (from, count) => Array.from({ length: count }, (_, at) => messageOf(from + at));

/** Two words that stand in few messages, of one that is known to have them. */
function questionOf(n) {
  const words = messageOf(n).content.match(/[a-z]{6,}/gi);
  const [one, two] = words.toSorted((a, b) => b.length - a.length);
  return { n, text: `${one} ${two}`.toLowerCase(), words: [one.toLowerCase(), two.toLowerCase()] };
}

const has = (content, words) => words.every((word) => content.toLowerCase().includes(word));

/** Resolves to the samples of each row, in milliseconds. */
export async function measureChats(name) {
  const { open } = await CHATS[name]();
  const store = await open("chats");
  for (let from = 0; from < LONG; from += CHUNK) await store.fill("long", messages(from, CHUNK));
  await store.settle();
  const result = { "chat-append": [], "chat-newest": [], "chat-search": [] };

  let next = LONG;
  for (let round = 0; round <= REPEATS; round++) {
    const added = messages(next, APPENDS);
    next += APPENDS;
    await quiet();
    const { ms } = await timed(async () => {
      for (const message of added) await store.append("long", message);
    });
    if (round > 0) result["chat-append"].push(ms);
  }
  for (let round = 0; round <= REPEATS; round++) {
    await quiet();
    const { ms, result: newest } = await timed(() => store.newest("long", NEWEST));
    const wanted = messages(next - NEWEST, NEWEST).map(({ content }) => content);
    check(newest.join("\n") === wanted.join("\n"), "the newest messages are not those that were written last");
    if (round > 0) result["chat-newest"].push(ms);
  }
  for (let from = LONG + 10_000; from < ALL + 10_000; from += CHUNK) await store.fill("other", messages(from, CHUNK));
  await store.settle();
  for (let round = 0; round <= REPEATS; round++) {
    const question = questionOf((1_000 + round * 12_345) % LONG);
    await quiet();
    const { ms, result: found } = await timed(() => store.search(question.text, question.words, FOUND));
    check(found.length > 0 && found.length <= FOUND, `${found.length} messages were found`);
    check(found.every((content) => has(content, question.words)), "a message was found that has not all words");
    if (found.length < FOUND) check(found.includes(messageOf(question.n).content), "a message that has all words was not found");
    if (round > 0) result["chat-search"].push(ms);
  }
  await store.close();
  return result;
}
