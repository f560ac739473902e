import { element } from "../dom";

const FENCE = /^(`{3,})[^`]*$/u;
const QUOTE = /^> ?/u;

/** What a quote or code says, with what was looked for marked. */
function marked(text: string, pattern: RegExp | null): (Node | string)[] {
  if (!pattern) return [text];
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(from, match.index), element("mark", {}, match[0]));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

/** A line with what stands between backticks as code. */
function inline(text: string): (Node | string)[] {
  return text.split(/(`[^`\n]+`)/u).map((piece, at) => (at % 2 === 1 ? element("code", {}, piece.slice(1, -1)) : piece));
}

/** The line on which a block of code ends: with a fence as long, or with the text, because it may still be coming. */
function endOfCode(lines: readonly string[], from: number, fence: string): number {
  const end = lines.findIndex((line, at) => at > from && line.startsWith(fence) && line.trim().replaceAll("`", "") === "");
  return end === -1 ? lines.length : end;
}

/**
 * A message as paragraphs, quotes and blocks of code; what was looked for is marked in those that are quoted. What is stored only
 * ever becomes text.
 */
export function richText(text: string, lookedFor: RegExp | null): HTMLElement[] {
  const lines = text.split(/\r\n|\r|\n/u);
  const blocks: HTMLElement[] = [];
  let gathered: string[] = [];
  const flush = (): void => {
    const isQuote = QUOTE.test(gathered[0] ?? "");
    const content = gathered.map((line) => (isQuote ? line.replace(QUOTE, "") : line)).join("\n");
    gathered = [];
    if (content.trim() === "") return;
    blocks.push(isQuote ? element("blockquote", {}, ...marked(content, lookedFor)) : element("p", {}, ...inline(content)));
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line)?.[1];
    if (fence) {
      flush();
      const end = endOfCode(lines, at, fence);
      blocks.push(element("pre", { class: "code", tabindex: "0", "aria-label": "Code" }, ...marked(lines.slice(at + 1, end).join("\n"), lookedFor)));
      at = end;
      continue;
    }
    if (line.trim() === "" || QUOTE.test(line) !== QUOTE.test(gathered[0] ?? line)) flush();
    if (line.trim() !== "") gathered.push(line);
  }
  flush();
  return blocks;
}
