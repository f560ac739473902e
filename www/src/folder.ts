import { describeError } from "./errors";
import { counted } from "./format";
import { ignoredDirectory } from "./ignore";

export interface FolderFile {
  /** The path within the folder. */
  path: string;
  open(): Promise<File>;
}

export interface Skipped {
  path: string;
  reason: string;
}

export interface Scan {
  files: FolderFile[];
  skipped: Skipped[];
}

/** A folder that a person chose. */
export interface Folder {
  name: string;
  scan(ignored: ReadonlySet<string>): Promise<Scan>;
}

/** The folder of an `<input webkitdirectory>`, or null where it is empty. */
export function chosenFolder(files: Iterable<File>): Folder | null {
  const inside = Array.from(files, (file) => {
    const [, ...names] = file.webkitRelativePath.split("/");
    return { path: names.join("/"), file };
  });
  const name = inside[0]?.file.webkitRelativePath.split("/")[0];
  if (!name) return null;
  return {
    name,
    scan: async (ignored) => {
      const scan: Scan = { files: [], skipped: [] };
      const leftOut = new Map<string, number>();
      for (const { path, file } of inside) {
        const directory = ignoredDirectory(path, ignored);
        if (directory === null) scan.files.push({ path, open: async () => file });
        else leftOut.set(directory, (leftOut.get(directory) ?? 0) + 1);
      }
      for (const [directory, count] of leftOut) {
        scan.skipped.push({ path: `${directory}/`, reason: `directory left out, ${counted(count, "file")}` });
      }
      return scan;
    },
  };
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const children: FileSystemEntry[] = [];
  // A reader hands out a directory in parts, and an empty part is its end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return children;
    children.push(...part);
  }
}

async function walk(directory: FileSystemDirectoryEntry, under: string, ignored: ReadonlySet<string>, scan: Scan): Promise<void> {
  for (const entry of await childrenOf(directory)) {
    const path = under + entry.name;
    if (!isDirectory(entry)) {
      const file = entry as FileSystemFileEntry;
      scan.files.push({ path, open: () => new Promise<File>((resolve, reject) => file.file(resolve, reject)) });
    } else if (ignored.has(entry.name)) {
      scan.skipped.push({ path: `${path}/`, reason: "directory left out" });
    } else {
      await walk(entry, `${path}/`, ignored, scan).catch((error: unknown) => {
        scan.skipped.push({ path: `${path}/`, reason: `cannot be read: ${describeError(error)}` });
      });
    }
  }
}

/** The one folder that was dropped, or null where something else was. Has to be called during the drop event. */
export function droppedFolder(items: DataTransferItemList): Folder | null {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry());
  const entry = entries[0];
  if (entries.length !== 1 || !entry || !isDirectory(entry)) return null;
  return {
    name: entry.name,
    scan: async (ignored) => {
      const scan: Scan = { files: [], skipped: [] };
      await walk(entry, "", ignored, scan);
      return scan;
    },
  };
}
