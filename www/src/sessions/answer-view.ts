import type { FileWrite, ModelRunContent } from "agent-datastore";
import { element, nameElement } from "../dom";
import { counted, formatCount } from "../format";
import { ownOf } from "../own";
import { countLines } from "../summary";
import { formatCost, tokensOf } from "../tokens";
import type { RunItem } from "./timeline-items";

export interface AnswerActions {
  /** Chooses an answer, and makes its writes. */
  choose(item: RunItem, answer: ModelRunContent): void;
  rate(item: RunItem, model: string, rating: "" | "good" | "bad"): void;
}

const STATES: Readonly<Record<string, string>> = { cancelled: "stopped", error: "failed", timeout: "timed out" };

function writeElement({ path, content, delete: isDeleted }: FileWrite): HTMLElement {
  if (isDeleted) return element("p", { class: "write" }, "Delete ", element("code", {}, nameElement(path)));
  const text = element("pre", { class: "code", tabindex: "0", "aria-label": "Proposed text" }, content ?? "");
  const size = element("span", { class: "muted" }, ` ${counted(countLines(content ?? ""), "line")}`);
  return element("details", { class: "write" }, element("summary", {}, "Write ", element("code", {}, nameElement(path)), size), text);
}

/** What went wrong, as the run's events tell it. */
const failureOf = ({ events }: ModelRunContent): string => events.findLast(({ type }) => type === "error")?.data ?? "";

/** What a model cost in a run, and how many tokens it took. */
function usedBy({ summary, usage }: RunItem, model: string): string {
  const used = ownOf(usage?.models, model);
  const latency = ownOf(summary.latenciesMs, model);
  const parts = used ? [formatCost(used.costUsd), `${formatCount(used.inputTokens)} in, ${formatCount(used.outputTokens)} out`] : [];
  return [...parts, ...(latency === undefined ? [] : [`${formatCount(latency)} ms`])].join(" · ");
}

function actionsOf(item: RunItem, answer: ModelRunContent, actions: AnswerActions): HTMLElement[] {
  const { summary, run } = item;
  const { modelId } = answer;
  const writes = answer.proposedWrites ?? [];
  const isChosen = summary.selected === modelId;
  const isApplied = (summary.appliedFiles ?? []).length > 0;
  const made = (name: string, label: string, act: () => void, pressed?: boolean): HTMLElement => {
    const state = pressed === undefined ? {} : { "aria-pressed": String(pressed) };
    const button = element("button", { type: "button", id: `run-${run}-${modelId}-${name}`, ...state }, label);
    button.addEventListener("click", act);
    return button;
  };
  const rate = (rating: "good" | "bad", label: string): HTMLElement => {
    const isRated = isChosen && summary.rating === rating;
    return made(rating, label, () => actions.rate(item, modelId, isRated ? "" : rating), isRated);
  };
  // After files are written another answer cannot take their place.
  const choose = isApplied || (isChosen && writes.length === 0) ? [] : [made("choose", writes.length > 0 ? `Apply ${counted(writes.length, "file")}` : "Choose", () => actions.choose(item, answer))];
  return [...choose, ...(isApplied && !isChosen ? [] : [rate("good", "Good"), rate("bad", "Bad")])];
}

/** One model's answer; with buttons where it can still be chosen. */
export function answerElement(item: RunItem, answer: ModelRunContent, actions: AnswerActions): HTMLElement {
  const { modelId, text, stopReason, proposedWrites } = answer;
  const state = ownOf(STATES, stopReason ?? "");
  const isChosen = item.summary.selected === modelId;
  const head = element(
    "p",
    { class: "answer-head" },
    element("strong", {}, nameElement(modelId)),
    ...(isChosen ? [element("span", { class: "tag chosen" }, "chosen")] : []),
    ...(isChosen && item.summary.rating ? [element("span", { class: "tag", "data-rating": item.summary.rating }, item.summary.rating)] : []),
    ...(state ? [element("span", { class: "tag", "data-stop": stopReason ?? "" }, state)] : []),
    element("span", { class: "muted answer-use" }, usedBy(item, modelId)),
  );
  const failure = failureOf(answer);
  const mayChoose = item.isLast && !item.isRewound && (stopReason ?? "") !== "error";
  return element(
    "section",
    { class: "answer", "aria-label": `Answer of ${modelId}`, "data-model": modelId },
    head,
    element("p", { class: "answer-text" }, text),
    ...(failure === "" ? [] : [element("p", { class: "error" }, failure)]),
    ...(proposedWrites ?? []).map(writeElement),
    ...(mayChoose ? [element("div", { class: "answer-actions" }, ...actionsOf(item, answer, actions))] : []),
  );
}

/** An answer that is still coming. */
export function growingElement(modelId: string, text: string, isDone: boolean): HTMLElement {
  return element(
    "section",
    { class: "answer", "aria-label": `Answer of ${modelId}`, "data-model": modelId },
    element("p", { class: "answer-head" }, element("strong", {}, nameElement(modelId)), element("span", { class: "muted answer-use" }, isDone ? "done" : `${formatCount(tokensOf(text))} tokens…`)),
    element("p", { class: "answer-text" }, text),
  );
}
