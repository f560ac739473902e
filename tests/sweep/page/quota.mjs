// What a page does at the end of its origin's quota, at `globalThis.quota`. One store a page; the filling is that of the data store.

import { same, settle, sleep } from "./outcome.mjs";
import { SCRIPTS } from "./scripts/index.mjs";
import { load, ours } from "./targets/ours.mjs";

const LARGE = 500_000;
const LIMIT_MS = 60_000;
/** How small a record is that does not fit any more when the quota is used to the brim. */
const BRIM = [50_000, 5_000, 500, 50];
const MOST = 200;

/** A text that cannot be compressed to less than three quarters. */
function noise(length) {
  const bytes = crypto.getRandomValues(new Uint8Array(30_000));
  const part = btoa(String.fromCharCode(...bytes));
  let text = part;
  while (text.length < length) text += btoa(String.fromCharCode(...crypto.getRandomValues(bytes)));
  return text.slice(0, length);
}

const files = () => Array.from({ length: 4 }, (_, place) => ({ path: `large${place}.md`, content: noise(LARGE) }));

/** What a store is given at first, a change that is too large, a deletion, and a small change. */
const STORES = {
  data: {
    begin: ({ data }) => data.setMany({ small: "old", gone: 1 }, { metadata: { first: true } }),
    large: ({ data }) =>
      data.setMany({ small: "new", ...Object.fromEntries([1, 2, 3, 4].map((place) => [`batch ${place}`, noise(LARGE)])) }, { metadata: { second: true } }),
    remove: ({ data }) => data.delete("gone"),
    small: ({ data }) => data.set("small", "newer"),
  },
  messages: {
    begin: async ({ chats }) => {
      await chats.createConversation({ id: "c" });
      await chats.addMessages("c", [{ content: "by train", id: "m" }, { content: "gone", id: "gone" }]);
    },
    large: ({ chats }) => chats.addMessages("c", [1, 2, 3, 4].map(() => ({ content: noise(LARGE) }))),
    remove: ({ chats }) => chats.deleteMessage("c", "gone"),
    small: ({ chats }) => chats.addMessage("c", "small"),
  },
  snapshots: {
    begin: async ({ snaps }) => {
      await snaps.save("state", { step: 1 });
      await snaps.save("gone", 1);
    },
    large: ({ snaps }) => snaps.save("state", { step: 2, text: noise(4 * LARGE) }),
    remove: ({ snaps }) => snaps.delete("gone"),
    small: ({ snaps }) => snaps.save("state", { step: 3 }),
  },
  sessions: {
    begin: async ({ sessions }) => {
      await sessions.open("s").persistRunState("prompt", [{ modelId: "m", text: "answer", costUsd: 1 }]);
      await sessions.open("s").pushRewindEntry({ prompt: "prompt" });
      await sessions.open("gone").saveInitialMeta();
    },
    large: ({ sessions }) => sessions.open("s").applyWrites(files()),
    remove: ({ sessions }) => sessions.delete("gone"),
    small: ({ sessions }) => sessions.open("s").accumulateCost("m", 1),
  },
};

export const stores = Object.keys(STORES);

let store;
let c;
const NAME = "quota";

const make = (act, its = c) => settle(() => act(its), LIMIT_MS);

/** Everything that is stored, as this object and as a new one sees it. */
async function everything() {
  const scripts = [SCRIPTS.data, SCRIPTS.messages, SCRIPTS.snapshots, SCRIPTS.sessions];
  const look = async (its) => Promise.all(scripts.map((script) => script.look(its)));
  const inside = await make(look);
  const fresh = await ours.open(NAME, { isPatient: true });
  const outside = await make(look, fresh);
  await ours.close(fresh);
  return { all: outside, isSame: inside.name === undefined && same(inside, outside) };
}

/** Writes records of a size until that is refused. Tells how many were written, and what the refusal said. */
async function fill(size) {
  for (let count = 0; ; count++) {
    const outcome = await make(({ data }) => data.set(`fill ${size} ${count}`, noise(size)));
    if (outcome.name !== undefined || outcome.hung || count === MOST) return { count, ...outcome };
  }
}

export async function begin(which) {
  store = STORES[which];
  await load();
  c = await ours.open(NAME, { isPatient: true });
  await store.begin(c);
}

/** Fills the quota with large records, and then asks for more than there is room. */
export async function over() {
  const filled = await fill(LARGE);
  const before = await everything();
  const large = await make((its) => store.large(its));
  const after = await everything();
  return { filled, large, isIntact: same(before.all, after.all), isSame: before.isSame && after.isSame };
}

/** Uses what room is left, to the last bytes. */
export async function brim() {
  const sizes = [];
  for (const size of BRIM) sizes.push([size, await fill(size)]);
  return sizes;
}

/** Deletes with no room left, and goes on with what that has freed. */
export async function free() {
  const began = performance.now();
  const removed = await make((its) => store.remove(its));
  const deleted = await make(({ data }) => data.deleteMany(["fill 500000 0", "fill 500000 1"]));
  const small = await make((its) => store.small(its));
  const ms = Math.round(performance.now() - began);
  const { isSame } = await everything();
  return { removed, deleted, small, ms, isSame };
}

/** What was refused, once the quota is lifted; the browser may take some time to notice that. */
export async function lifted() {
  const began = performance.now();
  let outcome;
  do {
    outcome = await make((its) => store.large(its));
    if (outcome.code === "QUOTA_EXCEEDED") await sleep(200);
  } while (outcome.code === "QUOTA_EXCEEDED" && performance.now() - began < LIMIT_MS);
  const { isSame } = await everything();
  const { damage } = await c.db.verify();
  return { outcome, ms: Math.round(performance.now() - began), isSame, damage };
}
