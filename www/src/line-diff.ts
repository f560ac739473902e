import { diffJson } from "diff/lib/diff/json.js";
import { diffLines } from "diff/lib/diff/line.js";

export interface DiffLine {
  change: "added" | "removed" | "same";
  text: string;
}

/** Of texts that differ more than this, what lies between the first and the last difference is told as changed altogether. */
const MOST_EDITS = 600;

const linesOf = (text: string): string[] => {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

const marked = (change: DiffLine["change"], lines: readonly string[]): DiffLine[] => lines.map((text) => ({ change, text }));

/** The difference as one block, which takes time in proportion to the texts and no more. */
function blockDiff(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    ...marked("same", before.slice(0, head)),
    ...marked("removed", before.slice(head, before.length - tail)),
    ...marked("added", after.slice(head, after.length - tail)),
    ...marked("same", after.slice(after.length - tail)),
  ];
}

/** The lines of two texts. Of `json` that is formatted, a comma that came or went at the end of a line is no difference. */
export function diffOf(before: string, after: string, kind: "json" | "text" = "json"): DiffLine[] {
  const limits = { maxEditLength: MOST_EDITS };
  const changes = kind === "json" ? diffJson(before, after, limits) : diffLines(before, after, limits);
  if (!changes) return blockDiff(linesOf(before), linesOf(after));
  return changes.flatMap(({ added, removed, value }) => marked(added ? "added" : removed ? "removed" : "same", linesOf(value)));
}

export type DiffPart = DiffLine | { change: "folded"; count: number };

/** Leaves out what is the same, but for some lines around each difference. */
export function folded(lines: readonly DiffLine[], around = 3): DiffPart[] {
  const parts: DiffPart[] = [];
  let at = 0;
  while (at < lines.length) {
    let end = at;
    while (end < lines.length && lines[end]?.change === "same") end += 1;
    const first = at === 0 ? at : Math.min(end, at + around);
    const last = end === lines.length ? end : Math.max(first, end - around);
    // A line that says that one line is left out saves nothing.
    if (last - first > 1) parts.push(...lines.slice(at, first), { change: "folded", count: last - first }, ...lines.slice(last, end));
    else parts.push(...lines.slice(at, end));
    at = end;
    while (at < lines.length && lines[at]?.change !== "same") {
      const line = lines[at];
      if (line) parts.push(line);
      at += 1;
    }
  }
  return parts;
}
