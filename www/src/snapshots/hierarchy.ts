import type { SnapshotStore } from "agent-datastore";
import type { TreeRow } from "../windowed-tree";

/** A scope or a key, as a row of the tree. */
export interface HierarchyRow extends TreeRow {
  kind: "scope" | "key";
  name: string;
  /** The scope that it is in. */
  scope: string[];
  /** How many scopes and keys there are right below; `null` where that is not known yet, or for a key. */
  count: number | null;
}

interface Contents {
  scopes: string[];
  keys: string[];
}

/** As many scopes are looked into before they are opened, so that the tree can say how much is in them. */
const LOOKED_AHEAD = 100;

const idOf = (path: readonly string[]): string => JSON.stringify(path);

/** What is right below a scope. */
export async function contentsOf(store: SnapshotStore): Promise<Contents> {
  const [scopes, keys] = await Promise.all([store.children(), store.list()]);
  return { scopes, keys };
}

/** The scopes and keys of a user, as far as they were looked into. */
export class Hierarchy {
  private readonly known = new Map<string, Contents>();
  private readonly opened = new Set<string>();
  private refreshes = 0;

  constructor(private readonly storeAt: (path: readonly string[]) => SnapshotStore) {}

  isOpen(path: readonly string[]): boolean {
    return this.opened.has(idOf(path));
  }

  /** Opens a scope, and those that it is in. */
  async open(path: readonly string[]): Promise<void> {
    for (let depth = 0; depth <= path.length; depth += 1) this.opened.add(idOf(path.slice(0, depth)));
    await this.refresh();
  }

  close(path: readonly string[]): void {
    this.opened.delete(idOf(path));
  }

  /** Looks anew into the scopes that are open, and those right below them. Resolves to whether anything is another than before. */
  async refresh(): Promise<boolean> {
    this.refreshes += 1;
    const own = this.refreshes;
    const before = JSON.stringify([...this.known]);
    const after = new Map<string, Contents>();
    const look = async (path: string[]): Promise<void> => {
      const contents = await contentsOf(this.storeAt(path));
      after.set(idOf(path), contents);
      if (path.length > 0 && !this.isOpen(path)) return;
      for (const name of contents.scopes.slice(0, LOOKED_AHEAD)) await look([...path, name]);
      for (const name of contents.scopes.slice(LOOKED_AHEAD)) if (this.isOpen([...path, name])) await look([...path, name]);
    };
    await look([]);
    // A later run reads what this one has not seen.
    if (own !== this.refreshes) return false;
    this.known.clear();
    for (const [id, contents] of after) this.known.set(id, contents);
    return JSON.stringify([...after]) !== before;
  }

  /** The top, as far as it is known. */
  get top(): Contents {
    return this.known.get(idOf([])) ?? { scopes: [], keys: [] };
  }

  /** The rows that one sees. */
  rows(): HierarchyRow[] {
    return rowsOf((path) => (path.length === 0 || this.isOpen(path) ? this.known.get(idOf(path)) : undefined), (path) => this.known.get(idOf(path)));
  }
}

/** Rows of what `shown` gives; `counted` gives what only its number is told of. */
function rowsOf(shown: (path: string[]) => Contents | undefined, counted: (path: string[]) => Contents | undefined): HierarchyRow[] {
  const rows: HierarchyRow[] = [];
  const add = (scope: string[]): void => {
    const contents = shown(scope);
    if (!contents) return;
    const siblings = contents.scopes.length + contents.keys.length;
    const level = scope.length + 1;
    contents.scopes.forEach((name, at) => {
      const path = [...scope, name];
      const below = counted(path);
      const count = below ? below.scopes.length + below.keys.length : null;
      rows.push({ id: `s${idOf(path)}`, kind: "scope", name, scope, level, expanded: shown(path) !== undefined, position: at + 1, siblings, count });
      add(path);
    });
    contents.keys.forEach((name, at) => {
      const position = contents.scopes.length + at + 1;
      rows.push({ id: `k${idOf([...scope, name])}`, kind: "key", name, scope, level, expanded: null, position, siblings, count: null });
    });
  };
  add([]);
  return rows;
}

/** Every scope that has anything in it, at and below a scope. Ends early where the signal is aborted. */
export async function* scopesBelow(
  storeAt: (path: readonly string[]) => SnapshotStore,
  path: string[],
  signal?: AbortSignal,
): AsyncGenerator<[path: string[], contents: Contents]> {
  const waiting = [path];
  for (let next = waiting.pop(); next && !signal?.aborted; next = waiting.pop()) {
    const contents = await contentsOf(storeAt(next));
    yield [next, contents];
    for (const name of contents.scopes) waiting.push([...next, name]);
  }
}

/** How many snapshots there are in a scope and below it. */
export async function countBelow(storeAt: (path: readonly string[]) => SnapshotStore, path: string[]): Promise<number> {
  let count = 0;
  for await (const [, { keys }] of scopesBelow(storeAt, path)) count += keys.length;
  return count;
}

/** The rows of all whose name has `text` in it, whatever its case, with the scopes that they are in. */
export async function foundRows(
  storeAt: (path: readonly string[]) => SnapshotStore,
  text: string,
  signal: AbortSignal,
): Promise<{ rows: HierarchyRow[]; found: number }> {
  const wanted = text.toLowerCase();
  const has = (name: string): boolean => name.toLowerCase().includes(wanted);
  const all = new Map<string, Contents>();
  const found = new Map<string, Contents>();
  let count = 0;
  const at = (path: string[]): Contents => {
    const known = found.get(idOf(path));
    if (known) return known;
    const made: Contents = { scopes: [], keys: [] };
    found.set(idOf(path), made);
    const name = path.at(-1);
    if (name !== undefined) at(path.slice(0, -1)).scopes.push(name);
    return made;
  };
  for await (const [path, contents] of scopesBelow(storeAt, [], signal)) {
    all.set(idOf(path), contents);
    const name = path.at(-1);
    if (name !== undefined && has(name)) {
      at(path);
      count += 1;
    }
    for (const key of contents.keys.filter(has)) {
      at(path).keys.push(key);
      count += 1;
    }
  }
  // As they are ordered in their scope, not as they were found.
  for (const [id, { scopes }] of found) {
    const order = all.get(id)?.scopes ?? [];
    scopes.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  }
  return { rows: rowsOf((path) => found.get(idOf(path)), (path) => all.get(idOf(path))), found: count };
}
