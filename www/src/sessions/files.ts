import type { SessionStore } from "agent-datastore";

/** The texts of a session's files, by path. */
export type Files = Map<string, string>;

export async function readFiles(store: SessionStore): Promise<Files> {
  const paths = await store.listFiles();
  const texts = await Promise.all(paths.map((path) => store.readFile(path)));
  const files: Files = new Map();
  paths.forEach((path, at) => {
    const text = texts[at];
    // Another tab may have removed it meanwhile.
    if (text !== null && text !== undefined) files.set(path, text);
  });
  return files;
}

export interface FileChange {
  path: string;
  /** `null` where there was no such file. */
  before: string | null;
  /** `null` where there is none any more. */
  after: string | null;
}

/** What is between two states of the files. */
export function changesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): FileChange[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changes = paths.map((path) => ({ path, before: before.get(path) ?? null, after: after.get(path) ?? null }));
  return changes.filter((change) => change.before !== change.after);
}
