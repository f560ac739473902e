import { element } from "./dom";
import { counted, formatCount } from "./format";
import { type DiffLine, type DiffPart, folded } from "./line-diff";

/** More lines are not shown: a page that lays out so many stops answering. */
const MOST_LINES = 5000;

const SIGNS = { added: "+", removed: "−", same: " " } as const;
const SPOKEN = { added: "added: ", removed: "removed: ", same: "" } as const;

function rowOf(part: DiffPart): HTMLElement {
  if (part.change === "folded") return element("div", { class: "diff-line", "data-change": "folded" }, `${counted(part.count, "line")} alike`);
  const { change, text } = part;
  const tag = change === "added" ? "ins" : change === "removed" ? "del" : "span";
  return element(
    "div",
    { class: "diff-line", "data-change": change },
    element("span", { class: "diff-sign", "aria-hidden": "true" }, SIGNS[change]),
    element(tag, { class: "diff-text" }, ...(SPOKEN[change] === "" ? [] : [element("span", { class: "unseen" }, SPOKEN[change])]), text),
  );
}

/** What became of a text, line by line. */
export interface Comparison {
  rows: HTMLElement[];
  added: number;
  removed: number;
}

export function comparisonOf(lines: readonly DiffLine[]): Comparison {
  const count = (change: string): number => lines.filter((line) => line.change === change).length;
  const parts = folded(lines);
  const rows = parts.slice(0, MOST_LINES).map(rowOf);
  if (parts.length > MOST_LINES) rows.push(element("div", { class: "diff-line", "data-change": "folded" }, `${formatCount(parts.length - MOST_LINES)} more`));
  return { rows, added: count("added"), removed: count("removed") };
}

/** The same in words. */
export const changesText = ({ added, removed }: Comparison): string => `${counted(added, "line")} added, ${formatCount(removed)} removed`;
