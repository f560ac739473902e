/** A match and a little of what stands around it, on one line. */
export interface Snippet {
  before: string;
  match: string;
  after: string;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Moves a cut off the middle of a surrogate pair. */
function whole(text: string, at: number): number {
  return at > 0 && at < text.length && isLowSurrogate(text.charCodeAt(at)) ? at - 1 : at;
}

const oneLine = (text: string): string => text.replace(/\s+/gu, " ");

export function snippetAround(text: string, start: number, end: number, before: number, after: number): Snippet {
  const from = whole(text, Math.max(0, start - before));
  const to = whole(text, Math.min(text.length, end + after));
  return {
    before: (from > 0 ? "…" : "") + oneLine(text.slice(from, start)).trimStart(),
    match: oneLine(text.slice(start, end)),
    after: oneLine(text.slice(end, to)).trimEnd() + (to < text.length ? "…" : ""),
  };
}
