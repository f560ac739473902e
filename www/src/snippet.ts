import { cutAt } from "./cut";

/** A match and a little of what stands around it, on one line. */
export interface Snippet {
  before: string;
  match: string;
  after: string;
}

const oneLine = (text: string): string => text.replace(/\s+/gu, " ");

export function snippetAround(text: string, start: number, end: number, before: number, after: number): Snippet {
  const from = cutAt(text, Math.max(0, start - before));
  const to = cutAt(text, Math.min(text.length, end + after));
  return {
    before: (from > 0 ? "…" : "") + oneLine(text.slice(from, start)).trimStart(),
    match: oneLine(text.slice(start, end)),
    after: oneLine(text.slice(end, to)).trimEnd() + (to < text.length ? "…" : ""),
  };
}
