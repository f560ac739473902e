import type { DataRecord } from "agent-datastore";
import { confirmed } from "./confirm";
import { button, element, nameElement, part, showText } from "./dom";
import type { Editor } from "./editor";
import { factElement, timeElement } from "./facts";
import { formatBytes, formatCount } from "./format";
import { invisibleIn } from "./invisible";
import { prettyJson } from "./json";
import { Latest } from "./latest";
import { showLongText } from "./long-text";
import { attempt, inform } from "./notice";
import { patternOf } from "./search";
import type { Session } from "./session";

const MOST_MARKS = 2000;

type Form = "text" | "json";

function facts(record: DataRecord): HTMLElement[] {
  const by = (agent: string | null): HTMLElement =>
    agent === null ? element("span", { class: "muted" }, " by no agent") : element("span", {}, " by ", element("bdi", {}, agent));
  const access = record.lastAccessedAt ? [timeElement(record.lastAccessedAt), by(record.lastAccessedByAgent)] : ["none"];
  const rows: [string, (Node | string)[]][] = [
    ["Created", [timeElement(record.createdAt), by(record.createdByAgent)]],
    ["Updated", [timeElement(record.updatedAt)]],
    ["Last access", access],
    ["Reads counted", [formatCount(record.accessCount)]],
  ];
  return rows.map(([name, value]) => factElement(name, ...value));
}

/** The text with what matches marked. */
function marked(text: string, pattern: RegExp): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(from, match.index), element("mark", {}, match[0]));
    from = match.index + match[0].length;
    if (parts.length > 2 * MOST_MARKS) break;
  }
  parts.push(text.slice(from));
  return parts;
}

/** Whether drawing the record again would show nothing new, and only lose where the reader is. */
function sameState(record: DataRecord | undefined, shown: DataRecord | null): boolean {
  const state = ({ user, namespace, key, updatedAt, lastAccessedAt, accessCount }: DataRecord): string =>
    JSON.stringify([user, namespace, key, updatedAt, lastAccessedAt, accessCount]);
  return record !== undefined && shown !== null && state(record) === state(shown);
}

/** One record with all that is known about it. */
export function setUpRecord(session: Session, editor: Editor): void {
  const latest = new Latest();
  let shown: DataRecord | null = null;
  let drawnFor: string | null = null;
  let form: Form = "json";

  const drawValue = (): void => {
    if (!shown) return;
    const text = form === "text" && typeof shown.value === "string" ? shown.value : prettyJson(shown.value);
    const words = session.lookedFor;
    showLongText(part("record-value", HTMLElement), button("record-all"), text, (visible) => (words === null ? [visible] : marked(visible, patternOf(words))));
    button("record-as-text").setAttribute("aria-pressed", String(form === "text"));
    button("record-as-json").setAttribute("aria-pressed", String(form === "json"));
  };

  const draw = (record: DataRecord): void => {
    shown = record;
    form = typeof record.value === "string" ? "text" : "json";
    part("record-form", HTMLElement).hidden = typeof record.value !== "string";
    part("record-key", HTMLElement).replaceChildren(nameElement(record.key));
    const unseen = invisibleIn(record.key);
    showText(part("record-warning", HTMLElement), unseen.length > 0 ? `This key holds ${unseen.join(", ")}.` : null);
    part("record-facts", HTMLElement).replaceChildren(...facts(record));
    part("record-metadata", HTMLElement).textContent = prettyJson(record.metadata);
    const bytes = new TextEncoder().encode(JSON.stringify(record.value)).length;
    part("record-size", HTMLElement).textContent = `(${formatBytes(bytes)} of JSON)`;
    drawValue();
    part("record-pane", HTMLElement).scrollTop = 0;
  };

  const show = async (): Promise<void> => {
    const newest = latest.next();
    const { key, namespace } = session.place;
    const record = key === null ? undefined : await session.store.getRecord(key);
    if (newest.aborted) return;
    if (sameState(record, shown) && session.lookedFor === drawnFor) return;
    shown = null;
    drawnFor = session.lookedFor;
    if (record) draw(record);
    part("record", HTMLElement).hidden = !record;
    const none = key === null ? "Choose a key to see its value." : `“${key}” is not in “${namespace}”.`;
    showText(part("record-none", HTMLElement), record ? null : none);
    if (drawnFor !== null) part("record-value", HTMLElement).querySelector("mark")?.scrollIntoView({ block: "center" });
  };

  const choose = (chosen: Form): void => {
    form = chosen;
    drawValue();
  };
  button("record-as-text").addEventListener("click", () => choose("text"));
  button("record-as-json").addEventListener("click", () => choose("json"));
  button("record-edit").addEventListener("click", () => {
    if (shown) editor.edit(shown);
  });
  button("record-copy").addEventListener("click", () =>
    attempt(async () => {
      if (!shown) return;
      await navigator.clipboard.writeText(form === "text" && typeof shown.value === "string" ? shown.value : prettyJson(shown.value));
      inform("The value is on the clipboard.");
    }),
  );
  button("record-delete").addEventListener("click", () =>
    attempt(async () => {
      if (!shown) return;
      const { store } = session;
      const { key, namespace } = shown;
      const question = { title: "Delete this record?", text: `“${key}” in “${namespace}” will be gone for all agents.`, yes: "Delete" };
      if (!(await confirmed(question))) return;
      await store.delete(key);
      if (session.place.key === key) session.go({});
      session.dataChanged();
      inform("The record is deleted.");
    }),
  );

  session.onMove(() => {
    document.body.dataset["view"] = session.place.key === null ? "keys" : "record";
    part("record-back", HTMLAnchorElement).href = session.hrefOf({});
    void attempt(show);
  });
  session.onChange(() => void attempt(show));
}
