import type { RunContent, RunSummary, UsageByModel } from "agent-datastore";

/** A run of the timeline. */
export interface RunItem {
  kind: "run";
  /** Its place in the metadata's runs. */
  run: number;
  /** Its place among the runs alone, from 1: what marks that one was taken back goes again with a redo. */
  number: number;
  summary: RunSummary;
  /** All that was said; `null` where that is not known. */
  content: RunContent | null;
  usage: UsageByModel | null;
  /** What all runs up to this one have cost. */
  costSoFar: number;
  /** Whether it was taken back. */
  isRewound: boolean;
  /** Whether what is chosen or rated belongs to it. */
  isLast: boolean;
  /** Whether there are later runs that can be taken back. */
  mayGoBack: boolean;
  /** What its recipe is called; `""` where that is not known. */
  recipe: string;
}

/** What marks that a run was taken back. */
export interface RewindItem {
  kind: "rewind";
  run: number;
  at: string;
  /** The run that it took back; `null` where that cannot be told. */
  of: number | null;
  prompt: string;
}

export type TimelineItem = RunItem | RewindItem;

const isMarker = ({ type }: RunSummary): boolean => type === "rewind";

/** Which marker took back which run: the newest one before it that has its prompt and was not taken back before. */
export function takenBack(runs: readonly RunSummary[]): Map<number, number> {
  const taken = new Map<number, number>();
  const standing: number[] = [];
  runs.forEach((run, at) => {
    if (!isMarker(run)) {
      standing.push(at);
      return;
    }
    const found = standing.findLastIndex((each) => runs[each]?.promptHash === run.promptHash);
    const of = standing[found];
    if (of === undefined) return;
    taken.set(at, of);
    standing.splice(found, 1);
  });
  return taken;
}

export interface Told {
  runs: readonly RunSummary[];
  contents: readonly RunContent[];
  usage: readonly (UsageByModel & { run: number })[];
  /** The runs whose steps can be taken back. */
  steps: readonly number[];
  recipeNames: ReadonlyMap<string, string>;
}

/** The runs of a session and what marks that some were taken back, the oldest first. */
export function timelineItems({ runs, contents, usage, steps, recipeNames }: Told): TimelineItem[] {
  const taken = takenBack(runs);
  const rewound = new Set(taken.values());
  const usageOf = new Map(usage.map((each) => [each.run, each]));
  // Contents have no markers among them.
  let content = 0;
  let costSoFar = 0;
  const promptOf = new Map<number, string>();
  return runs.map((summary, run): TimelineItem => {
    if (isMarker(summary)) {
      const of = taken.get(run) ?? null;
      return { kind: "rewind", run, at: summary.timestamp, of, prompt: of === null ? "" : (promptOf.get(of) ?? "") };
    }
    const said = contents[content] ?? null;
    content += 1;
    const used = usageOf.get(run) ?? null;
    costSoFar += used?.total.costUsd ?? 0;
    promptOf.set(run, said?.prompt ?? summary.promptPreview);
    return {
      kind: "run",
      run,
      number: content,
      summary,
      content: said,
      usage: used,
      costSoFar,
      isRewound: rewound.has(run),
      isLast: run === runs.length - 1,
      mayGoBack: steps.some((step) => step > run),
      recipe: summary.configHash === undefined ? "" : (recipeNames.get(summary.configHash) ?? ""),
    };
  });
}

/** The run that a redo makes again: the one that was taken back last. */
export function redone(runs: readonly RunSummary[]): number | null {
  const marker = runs.findLastIndex(isMarker);
  return takenBack(runs).get(marker) ?? null;
}
