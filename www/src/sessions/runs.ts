import {
  buildCheckpoint,
  type Checkpoint,
  Collector,
  type IncrementalSaver,
  type ModelResponse,
  modelResponse,
  promptHash,
  responseSnapshot,
  type SessionStore,
  snapshotFromPartial,
} from "agent-datastore";
import { ownOf } from "../own";
import { nothingSaid, speak } from "./answering";
import { readFiles } from "./files";
import { modelOf, toolsOf } from "./models";

/** A run that is under way in this tab. */
export interface Running {
  prompt: string;
  /** What the models have said so far, in the order in which they were asked. */
  responses: ModelResponse[];
}

export interface RunsListener {
  /** A run has begun, or has ended and is stored. */
  changed(session: string): void;
  /** A model said a piece more. */
  grew(session: string): void;
}

interface Kept extends Running {
  controller: AbortController;
  done: Promise<void>;
}

/** How far the models are is kept not more often than this. */
const KEEP_EVERY_MS = 150;

/** The runs of this tab, at most one a session. */
export class Runs {
  private readonly running = new Map<string, Kept>();

  constructor(
    private readonly delay: number,
    private readonly listener: RunsListener,
  ) {}

  of(session: string | null): Running | null {
    return session === null ? null : (this.running.get(session) ?? null);
  }

  /** Asks these models, and stores what they answer. Resolves when that is done. */
  async run(store: SessionStore, prompt: string, models: readonly string[]): Promise<void> {
    await store.recordPrompt(prompt);
    await this.begin(store, prompt, models.map(nothingSaid), models);
  }

  /** Goes on with a run that was cut short: asks the models again that are not done, and takes the others' answers as they are. */
  async goOn(store: SessionStore, checkpoint: Checkpoint): Promise<void> {
    const isStored = await wasStored(store, checkpoint);
    const taken = new Map(checkpoint.responses.filter(({ completed }) => completed).map((snapshot) => [snapshot.modelId, snapshot]));
    const responses = checkpoint.adapterIds.map((id) => {
      const snapshot = taken.get(id);
      if (!snapshot) return nothingSaid(id);
      const response: ModelResponse = { ...modelResponse(snapshot), stopReason: "complete" };
      // What the run that is stored has cost already is not counted again.
      return isStored ? { ...response, inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0, costUsd: 0 } : response;
    });
    await this.begin(store, checkpoint.prompt, responses, checkpoint.adapterIds.filter((id) => !taken.has(id)));
  }

  /** Stops a run. What was said so far is stored. */
  async stop(session: string): Promise<void> {
    const running = this.running.get(session);
    running?.controller.abort();
    await running?.done.catch(() => undefined);
  }

  private async begin(store: SessionStore, prompt: string, responses: ModelResponse[], asked: readonly string[]): Promise<void> {
    const session = store.sessionId();
    if (this.running.has(session)) return;
    const kept: Kept = { prompt, responses, controller: new AbortController(), done: Promise.resolve() };
    this.running.set(session, kept);
    kept.done = this.answers(store, kept, asked).finally(() => {
      this.running.delete(session);
      this.listener.changed(session);
    });
    this.listener.changed(session);
    await kept.done;
  }

  private async answers(store: SessionStore, kept: Kept, asked: readonly string[]): Promise<void> {
    const { prompt, responses, controller } = kept;
    const ids = responses.map(({ modelId }) => modelId);
    const [recipe, histories, files] = await Promise.all([store.activeRecipe(), store.histories(), readFiles(store)]);
    const collector = new Collector();
    const note = collector.wrapOnEvent();
    const keeper = new Keeper(store.incrementalSaver(prompt, ids), responses);
    keeper.begin();
    const saysMore = (at: number, response: ModelResponse): void => {
      responses[at] = response;
      keeper.grew(response);
      this.listener.grew(store.sessionId());
    };
    const speaking = responses.map(async ({ modelId }, at) => {
      if (!asked.includes(modelId)) return;
      const model = modelOf(modelId);
      const task = { prompt, files, history: ownOf(histories, modelId) ?? [], recipe };
      const response: ModelResponse = model
        ? await speak(model, task, { delay: this.delay, signal: controller.signal, note, grew: (grown) => saysMore(at, grown) })
        : { modelId, error: "This page does not have this model.", stopReason: "error" };
      responses[at] = response;
      keeper.ended(response);
    });
    await Promise.all(speaking);
    await keeper.done();
    await storeRun(store, prompt, responses, collector, toolsOf(recipe));
  }
}

/** Keeps how far the models are, so that a run whose page ends can be gone on with. */
class Keeper {
  private readonly saves: Promise<void>[] = [];
  private readonly keptAt = new Map<string, number>();

  constructor(
    private readonly saver: IncrementalSaver,
    private readonly responses: readonly ModelResponse[],
  ) {}

  begin(): void {
    for (const response of this.responses) {
      if (response.stopReason === "complete") this.ended(response);
      else this.grew(response);
    }
  }

  grew(response: ModelResponse): void {
    const now = performance.now();
    if (now - (this.keptAt.get(response.modelId) ?? -KEEP_EVERY_MS) < KEEP_EVERY_MS) return;
    this.keptAt.set(response.modelId, now);
    this.saves.push(this.saver.update(response.modelId, snapshotFromPartial(response)));
  }

  /** An answer that was cut short or failed is kept too, as one that is not done. */
  ended(response: ModelResponse): void {
    const { modelId, error, interrupted } = response;
    const isDone = !error && !interrupted;
    this.saves.push(isDone ? this.saver.markCompleted(modelId, responseSnapshot(response)) : this.saver.update(modelId, responseSnapshot(response)));
  }

  /** A checkpoint that could not be kept is told on the console, and costs nobody the answers. */
  async done(): Promise<void> {
    for (const save of await Promise.allSettled(this.saves)) if (save.status === "rejected") console.error(save.reason);
  }
}

/** Stores a run in the order in which Errata does: cost, histories, the run itself, the step back, the checkpoint. */
async function storeRun(store: SessionStore, prompt: string, responses: ModelResponse[], events: Collector, tools: string[]): Promise<void> {
  const ids = responses.map(({ modelId }) => modelId);
  for (const { modelId, costUsd } of responses) await store.accumulateCost(modelId, costUsd ?? 0);
  const historyLengths = await store.appendHistories(ids, responses, prompt);
  await store.persistRunState(prompt, responses, { events, tools });
  await store.pushRewindEntry({ historyLengths, prompt });
  const checkpoint = buildCheckpoint(prompt, ids, responses);
  if (checkpoint === null) {
    await store.clearCheckpoint();
  } else {
    const { runs } = await store.metadata();
    // The time tells that this run is stored.
    await store.saveCheckpoint({ ...checkpoint, timestamp: runs?.at(-1)?.timestamp ?? checkpoint.timestamp });
  }
}

async function wasStored(store: SessionStore, { prompt, timestamp }: Checkpoint): Promise<boolean> {
  const { runs } = await store.metadata();
  return (runs ?? []).some((run) => run.promptHash === promptHash(prompt) && Date.parse(run.timestamp) === Date.parse(timestamp));
}
