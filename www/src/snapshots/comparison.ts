import { element, part } from "../dom";
import { counted, formatCount } from "../format";
import { diffOf, type DiffPart, folded } from "./line-diff";

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

/** Shows what became of one JSON text in another. */
export function showComparison(before: string, after: string): void {
  const lines = diffOf(before, after);
  const count = (change: string): number => lines.filter((line) => line.change === change).length;
  const [added, removed] = [count("added"), count("removed")];
  const parts = folded(lines);
  const rows = parts.slice(0, MOST_LINES).map(rowOf);
  if (parts.length > MOST_LINES) rows.push(element("div", { class: "diff-line", "data-change": "folded" }, `${formatCount(parts.length - MOST_LINES)} more`));
  part("comparison", HTMLElement).replaceChildren(...rows);
  part("comparison-facts", HTMLElement).textContent =
    added + removed === 0 ? "The values are equal." : `${counted(added, "line")} added, ${formatCount(removed)} removed`;
}
