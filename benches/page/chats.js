// Long conversations: one of 50,000 messages that goes on, and 100,000 messages to search in.
import { messageOf } from "./messages.js";
import { check } from "./verify.js";
import { timed } from "./timing.js";

const LONG = 50_000;
const ALL = 100_000;
const CHUNK = 2_500;
const APPENDS = 10;
const NEWEST = 50;
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

let store;
let next;

/** The steps of a session. Each is one call, so that the runner can go through it with several stores in turns. */
export const chats = {
  /** Opens a store, with one long conversation. */
  async open(name) {
    const { open } = await CHATS[name]();
    store = await open("chats");
    for (let from = 0; from < LONG; from += CHUNK) await store.fill("long", messages(from, CHUNK));
    await store.settle();
    next = LONG;
  },

  /** Resolves to the milliseconds of ten appends. */
  async append() {
    const added = messages(next, APPENDS);
    next += APPENDS;
    const { ms } = await timed(async () => {
      for (const message of added) await store.append("long", message);
    });
    return ms;
  },

  /** Resolves to the milliseconds of reading the newest messages. */
  async newest() {
    const { ms, result: newest } = await timed(() => store.newest("long", NEWEST));
    const wanted = messages(next - NEWEST, NEWEST).map(({ content }) => content);
    check(newest.join("\n") === wanted.join("\n"), "the newest messages are not those that were written last");
    return ms;
  },

  /** Adds the rest of the messages to be searched. */
  async fill() {
    for (let from = LONG + 10_000; from < ALL + 10_000; from += CHUNK) await store.fill("other", messages(from, CHUNK));
    await store.settle();
  },

  /** Resolves to the milliseconds of a search; each `round` asks something else. */
  async search(round) {
    const question = questionOf((1_000 + round * 12_345) % LONG);
    const { ms, result: found } = await timed(() => store.search(question.text, question.words, FOUND));
    check(found.length > 0 && found.length <= FOUND, `${found.length} messages were found`);
    check(found.every((content) => has(content, question.words)), "a message was found that has not all words");
    if (found.length < FOUND) check(found.includes(messageOf(question.n).content), "a message that has all words was not found");
    return ms;
  },

  close: () => store.close(),
};
