import type { Content, ContentPart } from "agent-datastore";

const hasText = (part: ContentPart): part is { type: "text"; text: string } => part.type === "text" && "text" in part && typeof part.text === "string";

/** What a message says in words. */
export function textOf(content: Content): string {
  if (typeof content === "string") return content;
  return content.filter(hasText).map(({ text }) => text).join("");
}

/** The parts of a message that are not words: calls of tools, files. */
export function otherParts(content: Content): ContentPart[] {
  return typeof content === "string" ? [] : content.filter((part) => !hasText(part));
}
