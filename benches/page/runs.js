// A session of an agent: runs of twenty models, each with a file that is written.
import { messageOf } from "./messages.js";
import { check } from "./verify.js";
import { timed } from "./timing.js";

const MODELS = Array.from({ length: 20 }, (_, n) => `model-${n}`);

let db;
let session;
let next = 0;

async function run() {
  const number = next++;
  const responses = MODELS.map((modelId, at) => ({ modelId, text: messageOf(number * MODELS.length + at).content, outputTokens: 100, costUsd: 0.001 }));
  const prompt = `${number}: ${messageOf(1_000_000 + number).content}`;
  const historyLengths = await session.appendHistories(MODELS, responses, prompt);
  await session.persistRunState(prompt, responses);
  await session.pushRewindEntry({ historyLengths, prompt });
  await session.applyWrites([{ path: "src/main.rs", content: messageOf(number).content }]);
}

/** The steps of a session. Those that are measured resolve to milliseconds. */
export const runs = {
  /** Opens the database, and learns of the session what an application shows first. */
  async open() {
    const { default: init, open } = await import("agent-datastore");
    await init();
    const { ms, result } = await timed(async () => {
      db = await open({ name: "runs" });
      session = db.sessions().open("s");
      return [await session.rewindStackLen(), await session.usage(), await session.readFile("src/main.rs")];
    });
    const [steps, { total }, file] = result;
    check(total.runs >= steps && steps > 0 === (file !== null), "the session is not what was written");
    next = Math.max(next, total.runs);
    return ms;
  },

  async fill(count) {
    while ((await session.rewindStackLen()) < count) await run();
  },

  run: async () => (await timed(run)).ms,
  rewind: async () => (await timed(() => session.rewind())).ms,

  /** All runs in short. */
  async list(count) {
    const { ms, result } = await timed(() => session.metadata());
    check(result.runs.length >= count, "runs are missing");
    return ms;
  },

  close: () => db.close(),
};
