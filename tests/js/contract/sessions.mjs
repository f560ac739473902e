import { equal, ok, rejection, rejects, same, throws } from "./assert.mjs";

export const answer = (modelId, text = "", more = {}) => ({ modelId, text, ...more });
export const turn = (role, content) => ({ role, content });

export async function begin(api, options = {}, id = "ses_x") {
  const db = await api.open({ user: "ada" });
  const sessions = db.sessions(options);
  return { db, sessions, session: sessions.open(id) };
}

/** A run as an application makes it. */
export async function run(session, prompt, responses, options) {
  const ids = responses.map(({ modelId }) => modelId);
  const historyLengths = await session.appendHistories(ids, responses, prompt);
  await session.persistRunState(prompt, responses, options);
  await session.pushRewindEntry({ historyLengths, prompt });
  return historyLengths;
}

const METHODS = `accumulateCost totalCost costPerModel histories appendHistories setHistories truncateHistories clearHistories promptHistory
  recordPrompt metadata content metadataPath contentPath checkpointPath sessionRecipePath sessionId sessionsDir recipesDir saveInitialMeta persistRunState
  updateLastRunNote recordSelection pushRewindEntry pushFileSnapshots canRewind rewindStackLen clearRewindStack rewind loadCheckpoint clearCheckpoint
  baseRecipe sessionRecipe activeRecipe setSessionRecipe lastActiveTools setLastActiveTools buildRecipeSnapshot recipeHash recipeNameLookup recipeStore`;

export default [
  {
    name: "a session has the 41 methods of the original",
    async run(api) {
      const { session } = await begin(api);
      const methods = METHODS.split(/\s+/);
      equal(methods.length, 41);
      same(methods.filter((name) => typeof session[name] !== "function"), []);
    },
  },
  {
    name: "a new session has nothing, and is not listed before its first change",
    async run(api) {
      const { sessions, session } = await begin(api);
      same(
        await Promise.all([session.histories(), session.promptHistory(), session.loadCheckpoint(), session.lastActiveTools()]),
        [null, null, null, null],
      );
      same(await Promise.all([session.totalCost(), session.costPerModel(), session.canRewind()]), [0, {}, false]);
      same(await session.content(), { runs: null });
      await session.updateLastRunNote("there is no run");
      await session.recordSelection({ selectedModelId: "m" });
      same(await sessions.list(), []);
      await session.saveInitialMeta();
      const [{ id, title, runs, promptCount, usage }] = await sessions.list();
      same([id, title, runs, promptCount, usage.costUsd], ["ses_x", "", 0, 0, 0]);
      const { runs: none, createdAt } = await session.metadata();
      equal(none, null);
      ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000, createdAt);
    },
  },
  {
    name: "paths are those of the original",
    async run(api) {
      const { sessions, session } = await begin(api);
      const dir = "data/sessions/ses_x";
      same(sessions.pathsFor("ses_x"), {
        dir,
        metadataPath: `${dir}/session_metadata.json`,
        contentPath: `${dir}/session_content.json`,
        checkpointPath: `${dir}/checkpoint.json`,
        recipePath: `${dir}/recipe.md`,
      });
      same(
        [session.metadataPath(), session.contentPath(), session.checkpointPath(), session.sessionRecipePath(), session.sessionsDir(), session.recipesDir()],
        [`${dir}/session_metadata.json`, `${dir}/session_content.json`, `${dir}/checkpoint.json`, `${dir}/recipe.md`, "data/sessions", "data/recipes"],
      );
      equal(sessions.pathsFor("../a").dir, "data/sessions/%2E.%2Fa");
    },
  },
  {
    name: "histories are appended by the panel, set, cut and cleared",
    async run(api) {
      const { session, sessions } = await begin(api);
      const responses = [answer("other", "A1"), answer("b", "B", { error: "lost" }), answer("c"), answer("d", "D", { interrupted: true })];
      same(await session.appendHistories(["a", "b", "c", "d"], responses, "q<1>"), { a: 0, b: 0, c: 0, d: 0 });
      same(await session.histories(), {
        a: [turn("user", "q<1>"), turn("assistant", "A1")],
        d: [turn("user", "q<1>"), turn("assistant", "D")],
      });
      same(await session.appendHistories(["a"], [answer("a", "A2")], "q2"), { a: 2 });
      equal((await sessions.open("ses_x").histories()).a.length, 4);
      await session.truncateHistories({ a: 1, d: -3, nope: 3 });
      same(await session.histories(), { a: [turn("user", "q<1>")] });
      await session.setHistories({ x: [], y: null, z: [turn("user", "u")] });
      same(await session.histories(), { x: [], y: null, z: [turn("user", "u")] });
      await session.clearHistories();
      equal(await session.histories(), null);
      same(await session.content(), { runs: null });
    },
  },
  {
    name: "prompts are shared by all sessions, told newest first, and not repeated in a row",
    async run(api) {
      const { session, sessions } = await begin(api);
      const added = [];
      for (const prompt of ["a", "a", "a ", "", '<b>\n"日本\u2028']) added.push(await session.recordPrompt(prompt));
      same(added, [true, false, true, true, true]);
      equal(await sessions.open("other").recordPrompt("a"), true);
      same(await session.promptHistory(), ["a", '<b>\n"日本\u2028', "", "a ", "a"]);
      await sessions.clearPromptHistory();
      equal(await session.promptHistory(), null);
    },
  },
  {
    name: "a run is kept in short and whole, with its events",
    async run(api) {
      const { module } = api;
      const { session, sessions } = await begin(api);
      const collector = new module.Collector();
      const heard = [];
      const onEvent = collector.wrapOnEvent((modelId, event) => heard.push([modelId, event.data]));
      onEvent("m1", { type: "text", data: "1" });
      onEvent("m1", { type: "bash", data: "ls" });
      same(heard, [["m1", "1"], ["m1", "ls"]]);
      same([collector.events("m1").length, collector.events("m2")], [2, null]);
      const first = answer("m1", "one", { latencyMs: 5, inputTokens: 10, outputTokens: 20, reasoningTokens: 7, costUsd: 0.1, toolCalls: { bash: 1 }, steps: 2, stopReason: "complete" });
      const second = answer("m2", "", { error: "lost", proposedWrites: [{ path: "d", delete: true }] });
      const prompt = `${"x".repeat(118)}日本語`;
      await session.persistRunState(prompt, [first, second], { events: collector, tools: ["bash"] });
      const { runs, promptCount, firstPrompt, lastPrompt, lastActiveAt } = await session.metadata();
      const [summary] = runs;
      same([promptCount, firstPrompt, lastPrompt, runs.length], [1, `${"x".repeat(118)}日本`, `${"x".repeat(118)}日本`, 1]);
      equal(summary.timestamp, lastActiveAt);
      equal(summary.promptHash, module.promptHash(prompt));
      equal(summary.promptPreview, `${"x".repeat(118)}\ufffd\ufffd`);
      same([summary.models, summary.latenciesMs, summary.costsUsd], [["m1", "m2"], { m1: 5, m2: 0 }, { m1: 0.1, m2: 0 }]);
      same([summary.inputTokens, summary.outputTokens, summary.toolCalls], [{ m1: 10, m2: 0 }, { m1: 20, m2: 0 }, { m1: { bash: 1 }, m2: null }]);
      same(summary.proposedWritesCount, { m1: 0, m2: 1 });
      same(await session.lastActiveTools(), ["bash"]);
      const [content] = (await session.content()).runs;
      equal(content.prompt, prompt);
      same(content.models[0], {
        modelId: "m1", text: "one", events: [{ type: "text", data: "1" }, { type: "bash", data: "ls" }],
        stopReason: "complete", steps: 2, reasoningTokens: 7,
      });
      same(content.models[1], { modelId: "m2", text: "", proposedWrites: [{ path: "d", content: "", delete: true }], events: [] });
      await session.persistRunState("", [], { events: { m1: [{ type: "text", data: "not asked" }] } });
      const again = await sessions.open("ses_x").metadata();
      same([again.promptCount, again.firstPrompt, again.lastPrompt, again.runs[1].models], [2, `${"x".repeat(118)}日本`, undefined, []]);
      same((await session.content()).runs[1], { prompt: "", models: null });
      equal(await session.lastActiveTools(), null);
    },
  },
  {
    name: "notes and selections are of the last run",
    async run(api) {
      const { session } = await begin(api);
      for (const prompt of ["1", "2"]) await session.persistRunState(prompt, [answer("m", "t")]);
      await session.updateLastRunNote("first");
      await session.updateLastRunNote("Applied: a");
      await session.recordSelection({ selectedModelId: "m", rating: "good", appliedFiles: ["a"], prompt: "x", responses: [answer("m")] });
      await session.recordSelection({ selectedModelId: "n", rating: "bad", appliedFiles: null });
      const { runs } = await session.metadata();
      same([runs[0].note, runs[0].selected], [undefined, undefined]);
      same([runs[1].note, runs[1].selected, runs[1].rating, runs[1].appliedFiles], ["Applied: a", "n", "bad", ["a"]]);
      await session.recordSelection({});
      equal((await session.metadata()).runs[1].rating, undefined);
    },
  },
  {
    name: "costs are summed up as they come, and survive a restart",
    async run(api) {
      const { session, sessions } = await begin(api);
      await session.accumulateCost("a", 0.1);
      await session.accumulateCost("b", 0.2);
      await session.accumulateCost("b", -0.05);
      const again = sessions.open("ses_x");
      same([await again.costPerModel(), (await again.totalCost()).toFixed(9)], [{ a: 0.1, b: 0.15000000000000002 }, "0.250000000"]);
      const plain = sessions.open("plain");
      for (const cost of [0.1, 0.2]) await plain.accumulateCost("m", cost);
      equal(await plain.totalCost(), 0.30000000000000004);
      for (const cost of [Number.NaN, Infinity, "1", undefined]) await rejects(() => session.accumulateCost("a", cost), "INVALID_ARGUMENT");
      equal((await session.costPerModel()).a, 0.1);
    },
  },
  {
    name: "the ledger is kept by run, by model, by session and by day, with prices where an answer says no cost",
    async run(api) {
      const { session, sessions } = await begin(api, { prices: { m: { input: 1, output: 10, cachedInput: 0.1 } } });
      const used = { inputTokens: 1_000_000, cachedTokens: 500_000, outputTokens: 100_000, reasoningTokens: 5 };
      await session.persistRunState("1", [answer("m", "t", used), answer("n", "t", { costUsd: 0.25 })]);
      await session.persistRunState("2", [answer("m", "t", { costUsd: 2 })]);
      await sessions.open("other").persistRunState("3", [answer("m", "t", { costUsd: 1 })]);
      const { total, models } = await session.usage();
      same([total.runs, total.inputTokens, total.cachedTokens, total.outputTokens, total.reasoningTokens], [2, 1_000_000, 500_000, 100_000, 5]);
      ok(Math.abs(total.costUsd - 3.8) < 1e-9, total.costUsd);
      same([models.m.runs, models.n.runs, models.n.costUsd], [2, 1, 0.25]);
      ok(Math.abs((await session.metadata()).runs[0].costsUsd.m - 1.55) < 1e-9);
      same((await session.usageByRun()).map(({ run, total }) => [run, total.runs]), [[0, 1], [1, 1]]);
      const today = new Date().toISOString().slice(0, 10);
      const days = await sessions.usageByDay();
      ok(days.length === 1 || days.length === 2, "a day may end while this runs");
      equal(days.reduce((sum, day) => sum + day.total.runs, 0), 3);
      ok(days.every(({ day }) => Math.abs(Date.parse(day) - Date.parse(today)) <= 86_400_000));
      same(await sessions.usageByDay({ to: "2000-01-01" }), []);
      equal(await sessions.delete("ses_x"), true);
      equal((await sessions.usageByDay({ from: days[0].day })).reduce((sum, day) => sum + day.total.runs, 0), 3);
      await sessions.clearUsageByDay({ to: "2000-01-01" });
      equal((await sessions.usageByDay()).length, days.length);
      await sessions.clearUsageByDay();
      same(await sessions.usageByDay(), []);
    },
  },
  {
    name: "sessions are listed by activity, resolved, renamed and deleted",
    async run(api) {
      const { sessions } = await begin(api);
      same((await rejection(() => sessions.latestId())).code, "NOT_FOUND");
      ok((await rejection(() => sessions.resolve("x"))).message.includes("no sessions found"));
      for (const id of ["ses_a1", "ses_a2", "ses_b"]) {
        await sessions.open(id, { metadata: { models: ["m"] } }).saveInitialMeta();
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
      same((await sessions.list()).map(({ id }) => id), ["ses_b", "ses_a2", "ses_a1"]);
      same((await sessions.list())[0].models, ["m"]);
      equal(await sessions.latestId(), "ses_b");
      same([await sessions.resolve("ses_b"), await sessions.resolve("ses_a1")], ["ses_b", "ses_a1"]);
      ok((await rejection(() => sessions.resolve("zzz"))).message.includes('no session matching "zzz"'));
      const ambiguous = await rejection(() => sessions.resolve("ses_a"));
      ok(ambiguous.code === "INVALID_ARGUMENT" && ambiguous.message.includes("ses_a1, ses_a2"), ambiguous.message);
      await sessions.rename("ses_b", "My session");
      equal((await sessions.list()).find(({ id }) => id === "ses_b").title, "My session");
      await rejects(() => sessions.rename("nope", "x"), "NOT_FOUND");
      same([await sessions.delete("ses_b"), await sessions.delete("ses_b")], [true, false]);
      const created = sessions.create({ metadata: { createdAt: "2024-05-06T07:08:09Z" } });
      ok(/^ses_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(created.sessionId()), created.sessionId());
      ok(/^ses_[0-9a-f-]{36}$/.test(api.module.generateSessionId()));
      equal((await created.metadata()).createdAt, "2024-05-06T07:08:09Z");
      const aside = await sessions.setAside("ses_a1");
      same([(await sessions.list()).map(({ id }) => id).includes("ses_a1"), (await sessions.list()).map(({ id }) => id).includes(aside)], [false, true]);
    },
  },
  {
    name: "a checkpoint is kept, added to while answers come, and cleared",
    async run(api) {
      const { module } = api;
      const { session } = await begin(api);
      equal(module.buildCheckpoint("p", ["a"], [answer("a", "t")]), null);
      const built = module.buildCheckpoint("p", ["a"], [answer("a", "", { error: "e", interrupted: true })], true);
      same([built.prompt, built.adapterIds, built.verbose, built.responses[0].interrupted, built.responses[0].completed], ["p", ["a"], true, true, false]);
      await session.saveCheckpoint(built);
      same(await session.loadCheckpoint(), built);
      const whole = answer("a", "t", { reasoningTokens: 7, costUsd: 0.5, toolCalls: { bash: 2 }, interrupted: true, proposedWrites: [{ path: "d", content: "", delete: true }] });
      const full = module.buildCheckpoint("p", ["a"], [whole]);
      await session.saveCheckpoint(full);
      const [kept] = (await session.loadCheckpoint()).responses;
      same([kept.reasoningTokens, kept.costUsd, kept.toolCalls, kept.proposedWrites], [7, 0.5, { bash: 2 }, whole.proposedWrites]);
      await session.clearCheckpoint();
      await session.clearCheckpoint();
      equal(await session.loadCheckpoint(), null);
      const saver = session.incrementalSaver("q", ["a", "b"], { verbose: true });
      await saver.update("nobody asked", module.snapshotFromPartial(answer("x", "t")));
      equal(await session.loadCheckpoint(), null);
      await Promise.all([saver.update("b", module.snapshotFromPartial(answer("b", "half"))), saver.markCompleted("a", module.responseSnapshot(answer("a", "whole", { interrupted: true })))]);
      const { responses, adapterIds, prompt, verbose } = await session.loadCheckpoint();
      same([prompt, verbose, adapterIds], ["q", true, ["a", "b"]]);
      same(responses.map(({ modelId, text, completed, interrupted }) => [modelId, text, completed, interrupted]), [["a", "whole", true, true], ["b", "half", false, true]]);
      equal(module.modelResponse(responses[1]).text, "half");
    },
  },
  {
    name: "what is wrong is told by its place, and nothing is changed",
    async run(api) {
      const { session, sessions, db } = await begin(api);
      const wrong = async (call, place) => {
        const error = await rejection(call);
        ok(error instanceof TypeError && error.message.includes(place), error.message);
      };
      await wrong(() => session.persistRunState("p", [{ modelId: "m", txt: 1 }]), "responses[0].txt");
      await wrong(() => session.persistRunState("p", [{ modelId: 7 }]), "responses[0].modelId has to be a text");
      await wrong(() => session.persistRunState("p", [{ modelId: "m", inputTokens: 1.5 }]), "responses[0].inputTokens");
      await wrong(() => session.persistRunState("p", "no list"), "responses");
      await wrong(() => session.persistRunState(7, []), "the prompt");
      await wrong(() => session.persistRunState("p", [], { tools: "bash" }), "tools");
      await wrong(() => session.setHistories({ a: [{ role: "user", content: 1 }] }), "histories.a[0].content");
      await wrong(() => session.appendHistories("a", [], "p"), "panelIds");
      await wrong(() => session.recordPrompt("\ud800"), "lone surrogate");
      await wrong(() => session.pushRewindEntry({ prompt: "p", feedIndex: "1" }), "entry.feedIndex");
      await wrong(() => session.setSessionRecipe({ constraints: { timeout: "soon" } }), "recipe.constraints.timeout");
      await wrong(() => session.rewind({ files: {} }), "files has to be an object with read, write and remove");
      await wrong(() => session.rewindTo(1.5), "run");
      const cyclic = { modelId: "m" };
      cyclic.toolCalls = cyclic;
      await wrong(() => session.persistRunState("p", [cyclic]), "cycle");
      throws(() => db.sessions({ onWarning: 7 }), "INVALID_ARGUMENT");
      throws(() => db.sessions({ prices: { m: { input: "1", output: 1 } } }), "INVALID_ARGUMENT");
      throws(() => sessions.open(7), "INVALID_KEY");
      throws(() => sessions.create({ metadata: { nope: 1 } }), "INVALID_ARGUMENT");
      throws(() => sessions.create({ metadata: { runs: [] } }), "INVALID_ARGUMENT");
      await wrong(() => session.recordSelection({ rating: "fine" }), "rating");
      await wrong(() => sessions.usageByDay({ from: "22.11.2026" }), "is no day");
      await wrong(() => session.persistRunState("p", Array(5_000_000).fill({})), "more values than there is memory for");
      await wrong(() => sessions.open("").saveInitialMeta(), "has to have an id");
      await session.persistRunState("p", [answer("m", "t", { costUsd: 1e308 }), answer("n", "t", { costUsd: 1e308 })]).then(
        () => ok(false, "the sum is no number"),
        (error) => equal(error.code, "INVALID_VALUE"),
      );
      same(await sessions.list(), []);
    },
  },
  {
    name: "changes that fail go to onWarning once, and need not be waited for",
    async run(api) {
      const told = [];
      const db = await api.open();
      const session = db.sessions({ onWarning: (error, call) => told.push([error.code, call]) }).open("ses_x");
      session.updateLastRunNote(7);
      session.recordPrompt("fine");
      db.sessions({ onWarning: (error, call) => told.push([error.code, call]) }).rename("gone", "x");
      await session.metadata();
      const error = await rejection(() => session.rewind());
      same([error.code, error.message], ["NOT_FOUND", "nothing to rewind"]);
      same(told, [
        ["INVALID_ARGUMENT", { method: "updateLastRunNote", sessionId: "ses_x" }],
        ["NOT_FOUND", { method: "rename", sessionId: "gone" }],
        ["NOT_FOUND", { method: "rewind", sessionId: "ses_x" }],
      ]);
    },
  },
  {
    name: "changes take effect in the order of their calls",
    async run(api) {
      const { session, sessions } = await begin(api);
      const prompts = Array.from({ length: 30 }, (_, n) => `p${n}`);
      for (const prompt of prompts.slice(0, -1)) session.persistRunState(prompt, [answer("m", prompt)]);
      await session.persistRunState(prompts.at(-1), [answer("m", "last")]);
      same((await sessions.open("ses_x").content()).runs.map(({ prompt }) => prompt), prompts);
    },
  },
  {
    name: "turns are trimmed to an even number",
    async run(api) {
      const turns = Array.from({ length: 25 }, (_, n) => turn(n % 2 ? "assistant" : "user", String(n)));
      const { trimHistory } = api.module;
      same([trimHistory(turns).length, trimHistory(turns, 5)[0].content, trimHistory(turns, 0).length, trimHistory(turns, 30).length], [20, "21", 25, 25]);
      throws(() => trimHistory(turns, 2.5), "INVALID_ARGUMENT");
    },
  },
];
