// Writes what a command has measured into docs/reliability.md, between the marks of its section:
//
//   <!-- begin kills -->
//   <!-- end kills -->

import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../docs/reliability.md", import.meta.url);

/** Replaces what stands between the marks of a section, which have to be there. */
export function report(section, markdown) {
  const [begin, end] = [`<!-- begin ${section} -->`, `<!-- end ${section} -->`];
  const text = readFileSync(DOCUMENT, "utf8");
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (from < begin.length || to < from) throw new Error(`docs/reliability.md has no section ${section}`);
  writeFileSync(DOCUMENT, `${text.slice(0, from)}\n${markdown.trim()}\n${text.slice(to)}`);
}
