import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The text files below a folder by their path: those without a NUL byte that are UTF-8. */
export async function textFiles(folder) {
  const files = new Map();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    if (bytes.includes(0)) continue;
    try {
      files.set(file.slice(folder.length + 1), { text: decoder.decode(bytes), bytes: bytes.length });
    } catch {
      // Not UTF-8: the demo leaves it out too.
    }
  }
  return files;
}

/** The first word in alphabetical order, of at least twelve letters, that 3 to 20 of the files hold; and which do. */
export function telling(files) {
  const holders = new Map();
  for (const [path, { text }] of files) {
    for (const word of new Set(text.toLowerCase().match(/[a-z]{12,}/g))) {
      holders.set(word, [...(holders.get(word) ?? []), path]);
    }
  }
  const word = [...holders.keys()].sort().find((each) => holders.get(each).length >= 3 && holders.get(each).length <= 20);
  // The word may also stand inside a longer one, or in a path.
  const inside = [...files].filter(([path, { text }]) => `${path}\n${text}`.toLowerCase().includes(word));
  return { word, paths: inside.map(([path]) => path) };
}
