import { cutAt } from "./cut";

const LONGEST = 160;

/** A headline stands at the start. The bounds keep the patterns below quick, whatever a file holds. */
const LINES_LOOKED_AT = 80;
const LINE_LOOKED_AT = 500;
const TEXT_LOOKED_AT = LINES_LOOKED_AT * LINE_LOOKED_AT;

const startOf = (text: string, length: number): string => text.slice(0, cutAt(text, length));

// A licence or a tool's directive stands first in many files and says nothing about what the file is for.
const SAYS_NOTHING =
  /^(copyright|["']use strict|\(c\)|©|licen[sc]ed?\b|spdx-|@licen|eslint|prettier|tslint|istanbul|@ts-|@flow|vim:|<reference|-\*-)|^#?sourceMappingURL/i;

function tidy(text: string): string {
  const line = startOf(text, LINE_LOOKED_AT).replace(/\s+/gu, " ").trim();
  const characters = Array.from(line);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("").trimEnd()}…` : line;
}

function says(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line) && !SAYS_NOTHING.test(line);
}

function firstThatSays(lines: readonly string[]): string {
  return lines.find(says) ?? "";
}

function markdownHeading(lines: readonly string[]): string {
  for (const [at, line] of lines.entries()) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/u.exec(line)?.[1];
    if (heading) return heading;
    if (/^(=+|-+)\s*$/u.test(lines[at + 1] ?? "") && says(line)) return line;
  }
  return "";
}

function jsonHeadline(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "";
  }
  if (typeof value !== "object" || value === null) return "";
  for (const field of ["description", "title", "name", "$id"]) {
    const said = (value as Record<string, unknown>)[field];
    if (typeof said === "string" && says(said)) return said;
  }
  return "";
}

function docString(text: string): string {
  const body = /^(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*[rRuU]?("""|''')([\s\S]*?)\1/u.exec(text)?.[2] ?? "";
  return firstThatSays(body.split("\n").map((line) => line.trim()));
}

const LINE_COMMENTS: ReadonlyArray<readonly [RegExp, readonly string[]]> = [
  [
    /^#+\s?(.*)$/u,
    [
      "CMake", "Dockerfile", "Elixir", "GraphQL", "Ignore list", "INI", "Julia", "Just", "Lock file", "Makefile", "Nix",
      "Perl", "PowerShell", "Python", "R", "Ruby", "Shell", "TOML", "Terraform", "YAML",
    ],
  ],
  [/^--+\s?(.*)$/u, ["Haskell", "Lua", "SQL"]],
  [/^%+\s?(.*)$/u, ["Erlang", "TeX"]],
  [/^;+\s?(.*)$/u, ["Clojure", "WebAssembly text"]],
];

const SLASHES = /^\/\/[/!]?\s?(.*)$/u;

function firstComment(language: string, lines: readonly string[]): string {
  const marker = LINE_COMMENTS.find(([, languages]) => languages.includes(language))?.[0] ?? SLASHES;
  let inBlock = false;
  for (const line of lines.map((each) => each.trim())) {
    inBlock ||= marker === SLASHES && /^(\/\*|<!--)/u.test(line);
    const inLine = line.startsWith("#!") ? undefined : marker.exec(line)?.[1];
    const comment = inBlock ? line.replace(/^(\/\*+!?|<!--+|\*+(?!\/))\s?/u, "").replace(/\s*(\*+\/|--+>).*$/u, "") : inLine;
    if (comment !== undefined && says(comment.trim())) return comment;
    inBlock &&= !/\*\/|-->/u.test(line);
  }
  return "";
}

const PROSE: ReadonlySet<string> = new Set(["CSV", "JSON", "Markdown", "reStructuredText", "Source map", "Text", "TSV"]);

/** What a text says first about itself: its title, doc comment or heading, else its first line with words. */
export function headlineOf(language: string, text: string): string {
  const start = startOf(text, TEXT_LOOKED_AT);
  const lines = start.split("\n", LINES_LOOKED_AT).map((line) => startOf(line, LINE_LOOKED_AT).trimEnd());
  const byLanguage: Readonly<Record<string, () => string>> = {
    HTML: () => /<title[^>]*>([^<]*)<\/title>/iu.exec(start)?.[1] ?? "",
    JSON: () => jsonHeadline(text),
    Markdown: () => markdownHeading(lines),
    Python: () => docString(start),
  };
  const own = byLanguage[language]?.() ?? "";
  const comment = own || PROSE.has(language) ? "" : firstComment(language, lines);
  return tidy(own || comment || firstThatSays(lines.map((line) => line.trim())));
}
