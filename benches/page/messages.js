// The records of every store: chat messages as an agent keeps them, the same in every run.

export const MESSAGES_PER_CHAT = 500;
const COMMON =
  `the a to of and in that for with this file test error function value store key user agent session message result
   because when after before while without should could would need look read write change add remove check build run
   call return first last next same other new old large small slow fast open close index record batch memory disk browser
   page worker promise transaction schema version parser token stream buffer cache lock queue retry timeout failure plan
   step tool answer question summary context prompt history branch commit merge review deploy release config option default`
    .trim()
    .split(/\s+/);
const ROLES = ["user", "assistant", "tool", "assistant"];

/** Small numbers that look random and are the same for the same seed (a linear congruential generator). */
export function randomOf(seed) {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SYLLABLES = "ab ac ad al an ar at ba be ca ce co con de di do en er es ex fi for ge in ing ion is le li lo ma me ment mi mo na ne no or pa per po pre pro ra re ri ro sa se si so ta te ter ti to tra tu un ur us ve vi wa wo".split(" ");

/** As many words as a person uses, so that nothing compresses better here than what people write. */
function vocabulary() {
  const random = randomOf(7);
  const rare = Array.from({ length: 6000 }, () =>
    Array.from({ length: 2 + random(3) }, () => SYLLABLES[random(SYLLABLES.length)]).join(""),
  );
  return [...COMMON, ...new Set(rare)];
}
const WORDS = vocabulary();

/** Few words are frequent and many are rare, as in any language (Zipf's law). */
const wordOf = (random) => WORDS[Math.floor(WORDS.length ** (random(2 ** 20) / 2 ** 20)) - 1];

/** As many as `length` characters of text that reads like sentences. */
export function sentences(random, length) {
  let text = "";
  while (text.length < length) {
    const words = Array.from({ length: 6 + random(10) }, () => wordOf(random));
    const sentence = words.join(" ");
    text += `${sentence[0].toUpperCase()}${sentence.slice(1)}${random(8) === 0 ? "? " : ". "}`;
  }
  // One message in twenty holds what Latin-1 does not, which makes its text two bytes a character in the browser.
  return `${text.slice(0, length).trimEnd()}${random(20) === 0 ? "… – 👍" : ""}`;
}

const padded = (number, digits) => String(number).padStart(digits, "0");

export const prefixOf = (chat) => `chat:${padded(chat, 4)}/`;

/** The key of the n-th message; each chat holds 500. */
export const keyOf = (n) => `${prefixOf(Math.floor(n / MESSAGES_PER_CHAT))}msg:${padded(n % MESSAGES_PER_CHAT, 6)}`;

/** The n-th message: 570 bytes of JSON on average. */
export function messageOf(n) {
  const random = randomOf(n + 1);
  return {
    id: `m${padded(n, 8)}`,
    role: ROLES[n % ROLES.length],
    content: sentences(random, 210 + random(401)),
    createdAt: new Date(Date.UTC(2026, 0, 1) + n * 1000 + random(1000)).toISOString(),
    tokens: 40 + random(160),
    temperature: random(100) / 100,
    pinned: random(50) === 0,
    tags: [wordOf(random), wordOf(random)],
  };
}

/** Messages with their keys, from the n-th on. */
export const entriesFrom = (start, count) =>
  Array.from({ length: count }, (_, at) => [keyOf(start + at), messageOf(start + at)]);

/** `count` different numbers below `below`, in an order that looks random. */
export function picksOf(seed, count, below) {
  const random = randomOf(seed);
  const numbers = Array.from({ length: below }, (_, n) => n);
  for (let at = 0; at < count; at++) {
    const other = at + random(below - at);
    [numbers[at], numbers[other]] = [numbers[other], numbers[at]];
  }
  return numbers.slice(0, count);
}
