import { element, part, showText } from "../dom";
import { shortTimeElement } from "../facts";
import { counted, formatCount } from "../format";
import { formatCost } from "../tokens";
import { type AnswerActions, answerElement, growingElement } from "./answer-view";
import type { Running } from "./runs";
import type { RunItem, TimelineItem } from "./timeline-items";

export interface TimelineActions extends AnswerActions {
  goBackTo(item: RunItem): void;
  fork(item: RunItem): void;
}

/** More are shown only where that is wanted: a page that lays out thousands of answers stops answering. */
const SHOWN_AT_FIRST = 100;

const NEAR_END_PX = 24;

/** The runs of a session, the oldest first. What is the same as before stays as it is drawn. */
export class Timeline {
  private readonly list = part("runs", HTMLOListElement);
  private readonly more = part("runs-more", HTMLButtonElement);
  private drawn: string[] = [];
  private session: string | null = null;
  private items: TimelineItem[] = [];
  private isWhole = false;

  constructor(private readonly actions: TimelineActions) {
    this.more.addEventListener("click", () => {
      this.isWhole = true;
      this.draw();
      this.list.querySelector<HTMLElement>("summary, button")?.focus();
    });
  }

  /** `isBusy` where nothing may be changed just now. */
  show(session: string, items: TimelineItem[], isBusy: boolean): void {
    if (session !== this.session) {
      this.session = session;
      this.isWhole = false;
      this.drawn = [];
      this.list.replaceChildren();
    }
    const isLonger = items.length > this.items.length;
    this.items = items;
    // Its buttons stay as they are, so that the keyboard stays too; while it is busy they say so.
    this.list.ariaBusy = String(isBusy);
    this.draw();
    if (isLonger) this.showEnd();
  }

  /** Shows what the models of a run that is under way have said so far. */
  showRunning(running: Running | null): void {
    const box = part("running", HTMLElement);
    box.hidden = running === null;
    if (!running) {
      box.replaceChildren();
      return;
    }
    const scroller = part("work-scroll", HTMLElement);
    // Who reads further up is left there.
    const isAtEnd = box.childElementCount === 0 || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
    const answers = running.responses.map(({ modelId, text, stopReason }) => growingElement(modelId, text ?? "", stopReason !== undefined));
    box.replaceChildren(element("p", { class: "run-prompt" }, element("bdi", {}, running.prompt)), ...answers);
    if (isAtEnd) this.showEnd();
  }

  showEnd(): void {
    const scroller = part("work-scroll", HTMLElement);
    scroller.scrollTop = scroller.scrollHeight;
  }

  private draw(): void {
    const left = this.isWhole ? 0 : Math.max(0, this.items.length - SHOWN_AT_FIRST);
    showText(this.more, left > 0 ? `Show ${counted(left, "earlier entry", "earlier entries")}` : null);
    const shown = this.items.slice(left);
    const states = shown.map((item) => JSON.stringify(item));
    shown.forEach((item, at) => {
      const before = this.list.children[at];
      if (before && this.drawn[at] === states[at]) return;
      const row = this.row(item);
      if (!before) {
        this.list.append(row);
        return;
      }
      keepState(before, row);
      const focused = before.contains(document.activeElement) ? document.activeElement?.id : null;
      before.replaceWith(row);
      if (focused === null || focused === undefined) return;
      const next = [`#${CSS.escape(focused)}:enabled`, ".answer:has(.chosen) .answer-actions button", "summary"];
      const found = next.map((selector) => row.querySelector<HTMLElement>(selector)).find((each) => each !== null);
      found?.focus({ preventScroll: true });
    });
    while (this.list.children.length > shown.length) this.list.lastElementChild?.remove();
    this.drawn = states;
    showText(part("runs-empty", HTMLElement), this.items.length > 0 ? null : "No runs yet.");
  }

  private row(item: TimelineItem): HTMLElement {
    if (item.kind === "run") return this.runRow(item);
    const what = item.prompt === "" ? ["A run was taken back."] : ["Taken back: ", element("bdi", {}, item.prompt)];
    return element("li", { class: "rewind", "data-kind": "rewind" }, shortTimeElement(item.at), " ", element("span", {}, ...what));
  }

  private runRow(item: RunItem): HTMLElement {
    const { run, number, summary, content, usage, isRewound, isLast, mayGoBack, recipe } = item;
    const prompt = content?.prompt ?? summary.promptPreview;
    const cost = usage ? `${formatCost(usage.total.costUsd)} · ${counted(usage.total.inputTokens + usage.total.outputTokens, "token")}` : "";
    const head = element(
      "div",
      { class: "run-head muted" },
      element("span", { class: "run-number" }, `Run ${formatCount(number)}`),
      shortTimeElement(summary.timestamp),
      element("span", { class: "run-models" }, (summary.models ?? []).join(", ")),
      ...(recipe === "" ? [] : [element("span", { class: "tag", title: `Recipe ${summary.configHash ?? ""}` }, nameOfRecipe(recipe))]),
      ...(summary.selected ? [element("span", { class: "tag chosen" }, summary.selected, ...(summary.rating ? [`: ${summary.rating}`] : []))] : []),
      ...(isRewound ? [element("span", { class: "tag" }, "taken back")] : []),
      element("span", { class: "run-cost" }, cost),
    );
    const answers = content?.models ?? [];
    const said = element("details", { class: "answers", id: `answers-${run}` }, element("summary", {}, counted(answers.length, "answer")), ...answers.map((answer) => answerElement(item, answer, this.actions)));
    said.open = isLast && !isRewound;
    const action = (name: string, label: string, isPossible: boolean, act: () => void): HTMLElement => {
      const made = element("button", { type: "button", class: "quiet", id: `run-${run}-${name}`, "aria-label": `${label}: run ${number}`, disabled: !isPossible }, label);
      made.addEventListener("click", act);
      return made;
    };
    return element(
      "li",
      { class: "run", "data-kind": "run", "data-run": String(run), ...(isRewound ? { "data-rewound": true } : {}) },
      head,
      element("p", { class: "run-prompt" }, element("bdi", {}, prompt === "" ? "(empty prompt)" : prompt)),
      ...(summary.note ? [element("p", { class: "run-note" }, summary.note)] : []),
      ...(answers.length > 0 ? [said] : []),
      element(
        "div",
        { class: "run-actions" },
        action("back", "Go back to here", mayGoBack && !isRewound, () => this.actions.goBackTo(item)),
        action("fork", "Fork from here", !isRewound, () => this.actions.fork(item)),
      ),
    );
  }
}

const nameOfRecipe = (name: string): HTMLElement => element("bdi", {}, name);

/** What was opened or closed by hand stays so, but for the answers of a run that is the last one no more. */
function keepState(before: Element, after: HTMLElement): void {
  const wasLast = before.querySelector(".answer-actions") !== null;
  const isLast = after.querySelector(".answer-actions") !== null;
  const opened = Array.from(before.querySelectorAll("details"), ({ open }) => open);
  after.querySelectorAll("details").forEach((details, at) => {
    if (details.classList.contains("answers") && wasLast !== isLast) return;
    details.open = opened[at] ?? details.open;
  });
}
