import { headlineOf } from "./headline";
import { languageOf } from "./language";

/** What fixed rules can tell about a file. */
export type Summary = {
  language: string;
  lines: number;
  bytes: number;
  headline: string;
};

export function countLines(text: string): number {
  if (text === "") return 0;
  let lines = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

export function summarize(path: string, text: string, bytes: number): Summary {
  const language = languageOf(path, text);
  return { language, lines: countLines(text), bytes, headline: headlineOf(language, text.replace(/^\uFEFF/u, "")) };
}
