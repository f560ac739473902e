/** What {@link SnapshotStore.load} rejects with where nothing is saved under the key. */
export interface KeyNotFound extends StoreError {
  readonly name: "KeyNotFound";
  readonly code: "KEY_NOT_FOUND";
  /** The key as it was asked for. */
  readonly key: string;
}

/** Options of {@link Database.snapshotStore}. */
export interface SnapshotStoreOptions {
  /** The owner of the snapshots. Default: that of {@link OpenOptions.user}. */
  user?: string;
  /** The scopes to begin in, from the top. Default: the top. */
  path?: Iterable<string>;
  /**
   * How many versions of a key saving keeps beside the current one. With 0, the default, it makes none, and leaves those that there are.
   */
  history?: number;
  /**
   * Told once of each save that failed, whether its promise is waited for or not. It goes with the stores that are narrowed of this one.
   * Default: `console.error`.
   */
  onError?: (error: StoreError, save: { key: string; path: string[] }) => void;
}

/** A version of a snapshot. */
export interface SnapshotVersion {
  /** 1 at first, and one more each time that another value is saved; from 1 again where the key was deleted. */
  version: number;
  /** When it was saved, the last time where that was several times in a row. ISO 8601. */
  savedAt: string;
  /** How long the value's JSON text is, in UTF-8. */
  bytes: number;
  /** The SHA-256 of that text: equal where the values are. */
  hash: string;
}

/** Options of the imports of a {@link SnapshotStore}. */
export interface ImportSnapshotsOptions {
  /**
   * What becomes of keys that something is saved under: with `"refuse"` the import fails with `ALREADY_EXISTS`, `"replace"` saves, with `"skip"` they
   * stay. Default `"refuse"`.
   */
  existing?: "refuse" | "replace" | "skip";
  /** Keys and scopes that names of the original's files may stand for, such as `"agent:1"` for `agent_1.json`. Default: names are keys. */
  keys?: Iterable<string>;
}

/** A key as the original names its file: letters, numbers, `_` and `-` stay, and every other character becomes `_`. */
export function sanitize(key: string): string;

/** The scope of a store, or null where there is no store. */
export function narrow(store: SnapshotStore, key: string): SnapshotStore;
export function narrow(store: SnapshotStore | null | undefined, key: string): SnapshotStore | null;

/**
 * Whole JSON values in a hierarchy of scopes, saved without blocking.
 *
 * What changes something (`save`, `delete`, `deleteAll`, `prune`) is put into the store's queue, and made in that order; what is waiting goes into one
 * commit. Each is made as a whole or not at all, but for pruning many keys, which goes on key by key; one that fails leaves the old value, and the others go on. Reads see what the same store was given before. Stores of the
 * same scope have queues of their own.
 *
 * @example
 * const session = db.snapshotStore({ path: ["session123"] });
 * session.save("messages", { messages: [] }); // need not be awaited
 * await using alice = session.narrow("alice");
 * await alice.save("agent", { step: 1 }); // durable
 * await alice.load("agent"); // { step: 1 }
 */
export class SnapshotStore {
  private constructor();
  readonly user: string;
  /** The scopes, from the top. */
  readonly path: string[];
  /** See {@link SnapshotStoreOptions.history}. */
  readonly history: number;

  /**
   * Saves a value, taken as it is now, in the place of the one before. Resolves when it is durable; the promise may be ignored, for a failure is told to
   * {@link SnapshotStoreOptions.onError} too. A key must not be empty.
   */
  save(key: string, data: unknown): Promise<void>;
  /** The value. Rejects with a {@link KeyNotFound} where nothing is saved under the key. */
  load<T = Json>(key: string): Promise<T>;
  /** The value, or `fallback` where nothing is saved under the key. A saved `null` is a value. */
  loadOr<T = Json, D = T>(key: string, fallback: D): Promise<T | D>;
  /** The value that the key had in a version; `NOT_FOUND` where that is not kept. */
  loadAt<T = Json>(key: string, version: number): Promise<T>;
  has(key: string): Promise<boolean>;
  /** The versions that are kept, the current one first; none, where nothing is saved under the key. */
  versions(key: string): Promise<SnapshotVersion[]>;
  /** The keys of this scope, without those of the scopes below, by Unicode code point. */
  list(): Promise<string[]>;
  /** The scopes right below this one in which anything is saved, or below them. */
  children(): Promise<string[]>;
  /** Deletes a snapshot with all its versions. Resolves to whether there was one. */
  delete(key: string): Promise<boolean>;
  /** Deletes all that is in this scope and below it. Resolves to how many snapshots there were. */
  deleteAll(): Promise<number>;
  /**
   * Forgets versions of one key, or of all keys in this scope and below it: all but the current one and the newest `keep` before it, default 0.
   * Resolves to how many it forgot.
   */
  prune(options?: { key?: string; keep?: number }): Promise<number>;

  /**
   * A store of the scope below, with a queue of its own, which closing this one does not close. Costs nothing and creates nothing. With an empty key it
   * is one of the same scope.
   */
  narrow(key: string): SnapshotStore;
  /** The directory of a scope below in an export of the top, such as `"session_1/alice"`. */
  narrowPath(...keys: string[]): string;

  /** Waits until all that this store was given before is made, and survives a power cut. */
  flush(): Promise<void>;
  /** Waits until all that this store was given is made. From the call on it rejects changes with `CLOSED`; reads go on. */
  close(): Promise<void>;
  /** Same as {@link SnapshotStore.close}. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * All of this scope and below it in the directory layout of the original, texts by path: `<scope>/<key>.json` in Python's dialect of JSON, names made by
   * {@link sanitize}. Where several keys would have one name, all but the first have a dot and their UTF-8 in hexadecimal digits behind it; where names do not tell
   * the keys, a file `.keys.json` does. 128 MiB at the most.
   */
  exportFiles(): Promise<Map<string, string>>;
  /** As {@link SnapshotStore.exportFiles}, into a directory: an empty one, or that of an older export, whose other files stay. */
  exportToDirectory(directory: FileSystemDirectoryHandle): Promise<void>;
  /** As {@link SnapshotStore.exportFiles}, as one zip archive. */
  exportZip(): Promise<Blob>;
  /** Saves what is in such files, or in those of the original, all of it or nothing. It is in the queue as soon as the files are read. */
  importFiles(
    files: { readonly [path: string]: string } | Iterable<readonly [string, string]>,
    options?: ImportSnapshotsOptions,
  ): Promise<ImportResult>;
  /** As {@link SnapshotStore.importFiles}, of a directory with all that is below it. */
  importFromDirectory(directory: FileSystemDirectoryHandle, options?: ImportSnapshotsOptions): Promise<ImportResult>;
  /** As {@link SnapshotStore.importFiles}, of a zip archive. */
  importZip(archive: Blob | ArrayBuffer | ArrayBufferView, options?: ImportSnapshotsOptions): Promise<ImportResult>;
}
