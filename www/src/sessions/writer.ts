import type { FileWrite } from "agent-datastore";

/** What a prompt asks to be done with files, as far as the writer understands it. */
export interface Proposal {
  text: string;
  writes: FileWrite[];
}

type Language = "script" | "python" | "rust" | "text";

const PATH = /[\p{L}\p{N}_-][\p{L}\p{N}_./-]*\.[a-z]{1,8}\b/iu;
const FUNCTION = /\bfunctions?\s+(?:called\s+|named\s+)?([A-Za-z_]\w*)/u;
const RENAME = /\brename\s+([A-Za-z_]\w*)\s+to\s+([A-Za-z_]\w*)/iu;
const REMOVE = /\b(?:delete|remove)\b/iu;
const TEST = /\btests?\b/iu;

const START_FILE = "notes.md";

/** What the writer reads of a prompt to find out what it asks for. */
const MOST_READ = 2000;

function languageOf(path: string): Language {
  const ending = path.split(".").at(-1)?.toLowerCase();
  if (ending === "ts" || ending === "js") return "script";
  if (ending === "py") return "python";
  return ending === "rs" ? "rust" : "text";
}

function functionIn(language: Language, name: string, isTerse: boolean): string {
  const about = `Multiplies the values that ${name} is of.`;
  switch (language) {
    case "script": {
      const type = isTerse ? "(values)" : "(...values: number[]): number";
      return `${isTerse ? "" : `/** ${about} */\n`}export function ${name}${type} {\n  return values.reduce((product, value) => product * value, 1);\n}\n`;
    }
    case "python":
      return `def ${name}(*values):\n${isTerse ? "" : `    """${about}"""\n`}    product = 1\n    for value in values:\n        product *= value\n    return product\n`;
    case "rust":
      return `${isTerse ? "" : `/// ${about}\n`}pub fn ${name}(values: &[f64]) -> f64 {\n    values.iter().product()\n}\n`;
    case "text":
      return `## ${name}\n\n${about}\n`;
  }
}

/** The text with a block at its end, an empty line before it. */
const appended = (text: string, block: string): string => (text === "" ? block : `${text.replace(/\n*$/u, "\n")}\n${block}`);

const testPathOf = (path: string): string => path.replace(/\.([^.]+)$/u, ".test.$1");

function testIn(language: Language, path: string, name: string): string {
  const file = path.split("/").at(-1) ?? path;
  return language === "script" ? `import { ${name} } from "./${file}";\n\nconsole.assert(${name}(2, 3) === 6);\n` : `${name} of 2 and 3 is 6.\n`;
}

/** Edits files as a prompt says, always the same way. `isTerse` leaves out comments and types. */
export function propose(prompt: string, files: ReadonlyMap<string, string>, isTerse = false): Proposal {
  const asked = prompt.slice(0, MOST_READ);
  const path = PATH.exec(asked)?.[0] ?? START_FILE;
  const before = files.get(`/${path}`);
  const language = languageOf(path);
  const rename = RENAME.exec(asked);
  if (rename?.[1] && rename[2]) return renamed(path, before, rename[1], rename[2]);
  const name = FUNCTION.exec(asked)?.[1];
  if (REMOVE.test(asked) && name === undefined) {
    if (before === undefined) return { text: `There is no ${path} that I could delete.`, writes: [] };
    return { text: `I propose to delete ${path}. Nothing that I see needs it any more.`, writes: [{ path, delete: true }] };
  }
  if (name === undefined) {
    const line = `${language === "text" ? "-" : language === "python" ? "#" : "//"} ${prompt.replace(/\s+/gu, " ").trim()}\n`;
    const content = before === undefined || before === "" ? line : `${before.replace(/\n*$/u, "\n")}${line}`;
    return { text: `I wrote it down in ${path}, so that it is not forgotten when we go on.`, writes: [{ path, content }] };
  }
  if (before !== undefined && new RegExp(`\\b${name}\\b`, "u").test(before)) {
    return { text: `${path} has ${name} already, so I leave the file as it is.`, writes: [] };
  }
  const writes: FileWrite[] = [{ path, content: appended(before ?? "", functionIn(language, name, isTerse)) }];
  if (TEST.test(asked) && !TEST.test(path)) writes.push({ path: testPathOf(path), content: testIn(language, path, name) });
  const where = before === undefined ? `a new file ${path}` : `the end of ${path}`;
  const tested = writes.length > 1 ? ` A test of it is in ${testPathOf(path)}.` : "";
  return { text: `I put ${name} into ${where}. It takes any number of values and multiplies them.${tested} Nothing else changes.`, writes };
}

function renamed(path: string, before: string | undefined, from: string, to: string): Proposal {
  const content = before?.replace(new RegExp(`\\b${from}\\b`, "gu"), () => to);
  if (content === undefined || content === before) return { text: `I do not find ${from} in ${path}, so there is nothing to rename.`, writes: [] };
  return { text: `In ${path} I call it ${to} now, wherever it was ${from} before.`, writes: [{ path, content }] };
}
