import type { TreeRow } from "../windowed-tree";

/** A folder or a file, as a row of the tree. */
export interface FileRow extends TreeRow {
  kind: "folder" | "file";
  name: string;
  path: string;
}

interface Folder {
  folders: Map<string, Folder>;
  files: string[];
}

const newFolder = (): Folder => ({ folders: new Map(), files: [] });

/** The files as a tree, folders first; what is below a closed folder is left out. */
export function fileRows(paths: readonly string[], closed: ReadonlySet<string>): FileRow[] {
  const top = newFolder();
  for (const path of paths) {
    const names = path.split("/").filter((name) => name !== "");
    let folder = top;
    for (const name of names.slice(0, -1)) {
      const below = folder.folders.get(name) ?? newFolder();
      folder.folders.set(name, below);
      folder = below;
    }
    folder.files.push(names.at(-1) ?? path);
  }
  return rowsIn(top, "", 1, closed);
}

function rowsIn({ folders, files }: Folder, above: string, level: number, closed: ReadonlySet<string>): FileRow[] {
  const siblings = folders.size + files.length;
  let position = 0;
  const rowOf = (kind: FileRow["kind"], name: string, expanded: boolean | null): FileRow => {
    position += 1;
    const path = `${above}/${name}`;
    return { id: `${kind} ${path}`, kind, name, path, level, expanded, position, siblings };
  };
  const rows: FileRow[] = [];
  for (const [name, folder] of folders) {
    const row = rowOf("folder", name, !closed.has(`${above}/${name}`));
    rows.push(row, ...(row.expanded ? rowsIn(folder, row.path, level + 1, closed) : []));
  }
  return [...rows, ...files.map((name) => rowOf("file", name, null))];
}
