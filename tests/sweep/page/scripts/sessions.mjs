// The session store: runs, costs, the way back and forth, files, forks.

import { REOPEN } from "../run.mjs";
import { bare, change, read } from "./step.mjs";

async function session(store) {
  const { runs, promptCount } = await store.metadata();
  const { total } = await store.usage();
  const files = [];
  for (const path of await store.listFiles()) files.push([path, await store.readFile(path)]);
  return {
    runs: (runs ?? []).map(({ type = "run", note = "", promptPreview }) => [type, note, promptPreview]),
    promptCount,
    usage: [total.runs, total.costUsd, total.outputTokens],
    cost: await store.totalCost(),
    histories: await store.histories(),
    steps: [await store.rewindStackLen(), await store.redoStackLen()],
    checkpoint: (await store.loadCheckpoint())?.prompt ?? null,
    files,
  };
}

async function look({ sessions }) {
  const listed = (await sessions.list()).map(({ id, title, runs }) => [id, title, runs]).sort();
  const all = [];
  for (const [id] of listed) all.push([id, await session(sessions.open(id))]);
  const days = (await sessions.usageByDay()).map(({ total }) => [total.runs, total.costUsd, total.outputTokens]);
  return { listed, all, days, prompts: await sessions.open("s").promptHistory() };
}

const answers = (n) => [{ modelId: "m1", text: `answer ${n}`, costUsd: 0.25, outputTokens: 10 }];

/** The calls of a run. */
const run = (n) => [
  change(`append ${n}`, ({ sessions }) => sessions.open("s").appendHistories(["m1"], answers(n), `prompt ${n}`)),
  change(`persist ${n}`, ({ sessions }) => sessions.open("s").persistRunState(`prompt ${n}`, answers(n))),
  change(`push ${n}`, ({ sessions }) => sessions.open("s").pushRewindEntry({ historyLengths: { m1: 2 * n }, prompt: `prompt ${n}` })),
  change(`apply ${n}`, ({ sessions }) =>
    sessions.open("s").applyWrites([{ path: "a.md", content: `# ${n}` }, { path: `b${n}.md`, content: "b".repeat(30_000) }])),
];

export const sessions = {
  look,
  steps: [
    change("initial", ({ sessions }) => sessions.open("s").saveInitialMeta()),
    ...run(0),
    [
      change("cost, together", ({ sessions }) => sessions.open("s").accumulateCost("m1", 0.5)),
      change("more cost, together", ({ sessions }) => sessions.open("s").accumulateCost("m1", 0.125)),
      change("prompt, together", ({ sessions }) => sessions.open("s").recordPrompt("prompt 0")),
    ],
    ...run(1),
    read("usage", async ({ sessions }) => (await sessions.open("s").usage()).total.runs),
    change("rewind", ({ sessions }) => sessions.open("s").rewind()),
    change("redo", ({ sessions }) => sessions.open("s").redo()),
    change("fork", async ({ sessions }) => (await sessions.open("s").fork({ run: 0, id: "f", title: "Fork" })).sessionId()),
    change("checkpoint", ({ sessions }) =>
      sessions.open("s").saveCheckpoint({ prompt: "cut", timestamp: "2026-01-01T00:00:00Z", adapterIds: ["m1"], responses: [], verbose: false })),
    change("rewindTo", async ({ sessions }) => (await sessions.open("s").rewindTo(-1)).length),
    change("rename", ({ sessions }) => sessions.rename("s", "Named")),
    read("export", async ({ sessions }) => [...(await sessions.exportFiles()).keys()].length),
    change("delete the fork", ({ sessions }) => sessions.delete("f")),
    REOPEN,
    read("list", async ({ sessions }) => (await sessions.list()).length),
    change("cost, reopened", ({ sessions }) => sessions.open("s").accumulateCost("m2", 1)),
  ],
  afterwards: [
    read("metadata, after the fault", async ({ sessions }) => (await sessions.open("s").metadata()).promptCount),
    change("cost, after the fault", ({ sessions }) => sessions.open("s").accumulateCost("m1", 2)),
    change("persist, after the fault", ({ sessions }) => sessions.open("s").persistRunState("after", answers(9))),
    change("write, after the fault", ({ sessions }) => sessions.open("s").writeFile("after.md", "after")),
    bare("flush, after the fault", ({ db }) => db.flush()),
  ],
};
