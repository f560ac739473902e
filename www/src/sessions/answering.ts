import { Collector, type ModelResponse } from "agent-datastore";
import { pause, piecesOf } from "../pacing";
import { tokensOf } from "../tokens";
import { costOf, type Draft, type Model, readBy, type Task, toolsOf } from "./models";

type Note = ReturnType<Collector["wrapOnEvent"]>;

export interface Speaking {
  delay: number;
  signal: AbortSignal;
  /** Notes what happens. */
  note: Note;
  /** Told of each piece. */
  grew(response: ModelResponse): void;
}

/** An answer of which nothing was said yet. */
export const nothingSaid = (modelId: string): ModelResponse => ({ modelId, text: "" });

/** Has a model answer, piece by piece. An answer that is stopped is cut short; what it proposed to write is not known then. */
export async function speak(model: Model, task: Task, { delay, signal, note, grew }: Speaking): Promise<ModelResponse> {
  const began = performance.now();
  const draft: Draft = model.answer(task);
  const tokens = readBy(task);
  let text = "";
  const sofar = (): ModelResponse => {
    const outputTokens = tokensOf(text);
    return { modelId: model.id, text, latencyMs: Math.round(performance.now() - began), ...tokens, outputTokens, costUsd: costOf(model, tokens, outputTokens), steps: 1 };
  };
  note(model.id, { type: "request", data: task.prompt });
  if (toolsOf(task.recipe).includes("read_file")) for (const path of task.files.keys()) note(model.id, { type: "reading", data: path });
  for (const piece of piecesOf(draft.text)) {
    if (delay > 0) await pause(delay, signal);
    if (signal.aborted) return { ...sofar(), interrupted: true, stopReason: "cancelled" };
    text += piece;
    grew(sofar());
  }
  note(model.id, { type: "text", data: text });
  if (draft.error !== "") {
    note(model.id, { type: "error", data: draft.error });
    return { ...sofar(), error: draft.error, stopReason: "error" };
  }
  for (const { path } of draft.writes) note(model.id, { type: "writing", data: path });
  const outputTokens = tokensOf(text + draft.writes.map(({ content }) => content ?? "").join(""));
  const costUsd = costOf(model, tokens, outputTokens);
  return { ...sofar(), outputTokens, costUsd, proposedWrites: draft.writes, toolCalls: draft.toolCalls, steps: 1 + draft.writes.length, stopReason: "complete" };
}
