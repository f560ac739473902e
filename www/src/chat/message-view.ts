import type { Message } from "agent-datastore";
import { cutAt } from "../cut";
import { element } from "../dom";
import { formatTime } from "../format";
import { otherParts, textOf } from "./content";
import { richText } from "./rich-text";
import { sourceLinks } from "./sources";
import { shortTime } from "../when";
import { patternOfWords, wordsOf } from "./words";

/** What a person can do with a message. */
export interface MessageActions {
  edit(message: Message): void;
  regenerate(message: Message): void;
  /** Has a message answered that has no answer. */
  answer(message: Message): void;
  remove(message: Message): void;
  /** Goes on with the sibling that is so many places on. */
  switchBy(message: Message, step: number): void;
  loadSample(message: Message): void;
}

/** Longer texts are cut: a page that lays out megabytes of text stops answering. */
const LONGEST_SHOWN = 100_000;

const NAMES: Readonly<Record<string, string>> = { user: "You", assistant: "Agent", system: "System", tool: "Tool" };

export const nameOfRole = (role: string): string => (Object.hasOwn(NAMES, role) ? (NAMES[role] ?? role) : role);

function stateLine({ state, error }: Message): string | null {
  if (state === "interrupted") return "Interrupted before it was finished.";
  if (state === "aborted") return "Stopped.";
  return state === "failed" ? `Failed: ${error ?? "for an unknown reason"}` : null;
}

function action(name: string, label: string, run: () => void): HTMLElement {
  const made = element("button", { type: "button", class: "quiet", "data-action": name }, label);
  made.addEventListener("click", run);
  return made;
}

/** "‹ 2 / 3 ›", where a message has siblings. */
function branches(message: Message, actions: MessageActions): HTMLElement | null {
  const { siblingIndex, siblingCount } = message;
  if (siblingCount < 2) return null;
  const step = (by: number, name: string, label: string, sign: string): HTMLElement => {
    const to = siblingIndex + by;
    const attributes = { type: "button", class: "quiet", "data-action": name, "aria-label": label, disabled: to < 0 || to >= siblingCount };
    const made = element("button", attributes, sign);
    made.addEventListener("click", () => actions.switchBy(message, by));
    return made;
  };
  const where = element("span", {}, `${siblingIndex + 1} / ${siblingCount}`);
  return element(
    "div",
    { class: "branches", role: "group", "aria-label": "Versions" },
    step(-1, "previous", "Version before", "‹"),
    where,
    step(1, "next", "Next version", "›"),
  );
}

function actionsOf(message: Message, isUnanswered: boolean, actions: MessageActions): HTMLElement {
  const row = element("div", { class: "message-actions" });
  const versions = branches(message, actions);
  if (versions) row.append(versions);
  if (message.state === "streaming") return row;
  if (isUnanswered) row.append(action("answer", "Answer", () => actions.answer(message)));
  if (message.role === "user") row.append(action("edit", "Edit", () => actions.edit(message)));
  if (message.role === "assistant" && message.parentId !== null) {
    row.append(action("regenerate", "Regenerate", () => actions.regenerate(message)));
  }
  row.append(action("delete", "Delete", () => actions.remove(message)));
  return row;
}

/** The words that an answer names as those it looked for. */
function lookedFor({ metadata }: Message): RegExp | null {
  const { words } = metadata;
  const named = Array.isArray(words) ? wordsOf(words.filter((word) => typeof word === "string").join(" ")) : [];
  return named.length > 0 ? patternOfWords(named) : null;
}

function body(message: Message): HTMLElement {
  const text = textOf(message.content);
  const shown = richText(text.slice(0, cutAt(text, LONGEST_SHOWN)), lookedFor(message));
  if (text.length > LONGEST_SHOWN) shown.push(element("p", { class: "muted" }, "The rest of this long message is not shown."));
  const parts = otherParts(message.content).map((part) =>
    element("details", {}, element("summary", {}, part.type), element("pre", { class: "code" }, JSON.stringify(part, null, 2).slice(0, LONGEST_SHOWN))),
  );
  const made = element("div", { class: "message-text" }, ...parts, ...shown);
  if (message.state === "streaming") {
    if (text === "") made.append(element("p", { class: "muted" }, "Looking through your documents…"));
    made.dataset["streaming"] = "";
  }
  return made;
}

export interface MessageContext {
  user: string;
  /** Whether it ends the conversation and asks for an answer that nobody is writing. */
  isUnanswered: boolean;
  actions: MessageActions;
}

/** Fills the article of a message. */
export function drawMessage(article: HTMLElement, message: Message, context: MessageContext): void {
  const { user, isUnanswered, actions } = context;
  const name = nameOfRole(message.role);
  article.dataset["role"] = message.role;
  article.dataset["state"] = message.state;
  article.setAttribute("aria-busy", String(message.state === "streaming"));
  article.setAttribute("aria-label", `${name}, ${formatTime(message.createdAt)}`);
  const time = element("time", { datetime: message.createdAt, title: formatTime(message.createdAt) }, shortTime(message.createdAt));
  const head = element("header", { class: "message-head" }, element("bdi", {}, name), time);
  const parts: HTMLElement[] = [head, body(message)];
  const state = stateLine(message);
  if (state !== null) parts.push(element("p", { class: "message-state" }, state));
  const sources = sourceLinks(user, message.metadata);
  if (sources) parts.push(sources);
  if (message.metadata["offer"] === "sample" && message.state === "complete") {
    const offer = element("button", { type: "button", class: "primary", "data-action": "sample" }, "Load the sample");
    offer.addEventListener("click", () => actions.loadSample(message));
    parts.push(offer);
  }
  parts.push(actionsOf(message, isUnanswered, actions));
  article.replaceChildren(...parts);
}
