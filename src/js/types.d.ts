/** A value that JSON can carry, and that comes back equal to what was stored. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object, as record metadata is. */
export type JsonObject = { [key: string]: Json };

/**
 * How an acknowledged write is kept.
 *
 * - `"relaxed"`: survives the end of the tab, the worker and the browser; a power cut may take the last writes.
 * - `"strict"`: survives a power cut too; each commit waits for the disk.
 */
export type Durability = "relaxed" | "strict";

/** Where a database keeps its data. `"memory"` lives as long as its `Database` object and belongs to it alone. */
export type BackendName = "indexeddb" | "memory";

/** Stable names of what can go wrong. Compare `code`, never the message. */
export type StoreErrorCode =
  | "INVALID_ARGUMENT"
  | "INVALID_KEY"
  | "INVALID_VALUE"
  | "INVALID_DOCUMENT"
  | "LIMIT_EXCEEDED"
  | "NOT_FOUND"
  | "KEY_NOT_FOUND"
  | "ALREADY_EXISTS"
  | "CONFLICT"
  | "CLOSED"
  | "UNAVAILABLE"
  | "BLOCKED"
  | "TIMEOUT"
  | "NEWER_VERSION"
  | "CONNECTION_LOST"
  | "INSTANCE_LOST"
  | "DATA_LOSS"
  | "QUOTA_EXCEEDED"
  | "PROVIDER"
  | "CORRUPT"
  | "STORAGE";

/**
 * Every error that this package throws or rejects with. A caller's mistake in an argument, a key or a value is a
 * `TypeError`, a snapshot that is not there a {@link KeyNotFound}; everything else has the name `"StoreError"`.
 */
export interface StoreError extends Error {
  /** `"TypeError"`, `"KeyNotFound"` or `"StoreError"`. */
  readonly name: string;
  /** What went wrong. */
  readonly code: StoreErrorCode;
  /** True when the same call may succeed later without any change. */
  readonly retryable: boolean;
  /**
   * `"unknown"` where a change may have taken effect although it was rejected, and nobody can tell: after a time limit, where
   * there is no way to the storage any more, or where the WebAssembly instance has failed meanwhile (`INSTANCE_LOST`; `open` works
   * again, and every object of before stays lost). With every other error nothing was changed.
   */
  readonly outcome?: "unknown";
  /** With `QUOTA_EXCEEDED`: how many bytes the call was about to add. */
  readonly neededBytes?: number;
  /** The browser's own error, where there was one. */
  readonly cause?: unknown;
}

/** Options of {@link open}. */
export interface OpenOptions {
  /** The database's name within this origin. Default `"agent-datastore"`. */
  name?: string;
  /** Default `"indexeddb"`. There is no silent fall-back: where IndexedDB is missing, opening is `UNAVAILABLE`. */
  backend?: BackendName;
  /** The user whose data stores are opened by default. Default `"anonymous"`. */
  user?: string;
  /** The agent that writes by default. Default `"unknown"`; `null` or `""` means no agent. */
  agent?: string | null;
  /** Default `"relaxed"`. */
  durability?: Durability;
  /** Count reads by default, see {@link DataStoreOptions.trackAccess}. Default `false`. */
  trackAccess?: boolean;
  /** How long opening may take before it fails with `BLOCKED` or `TIMEOUT`. Milliseconds, default 10,000. */
  openTimeoutMs?: number;
  /**
   * How much of what is stored is kept in memory, so that it need not be read again. Bytes, a whole number from 1;
   * default 33,554,432 (32 MiB). The backend `"memory"` keeps everything.
   */
  cacheBytes?: number;
  /**
   * How long the browser may take for one call of its storage. After it the call is `TIMEOUT`, and the connection is replaced.
   * Milliseconds, default 30,000. A read is sent once more after half of it.
   */
  callTimeoutMs?: number;
  /**
   * What to do where the database cannot be opened at all. `"fail"` (default): reject, and leave it as it is.
   * `"next-generation"`: leave it as it is too, and go on with the next database of its name, at first empty; there is a
   * `"data-loss"` and a `"generation"` event. Once there is a next generation, it is always the one that is opened.
   */
  unopenable?: "fail" | "next-generation";
  /** Is told of what happens to the database, while it is opened and later. */
  onEvent?: (event: DatabaseEvent) => void;
}

/** Options of {@link Database.dataStore}. What is left out is taken from {@link open}. */
export interface DataStoreOptions {
  /** The user who owns the data. No other user's data can be reached through this store. */
  user?: string;
  /** The agent that writes; `null` or `""` means no agent. */
  agent?: string | null;
  /** Default `"default"`. */
  namespace?: string;
  /**
   * Keep `accessCount`, `lastAccessedAt` and `lastAccessedByAgent` up to date on reads. The counts are gathered and
   * written together (after a quarter of a second, on `flush` and on `close`), never one write a read. Needs an agent.
   */
  trackAccess?: boolean;
  /** After how long everything expires that this store sets, where the call says nothing else. Milliseconds. */
  expiresInMs?: number;
}

/** Options of {@link AgentDataStore.set} and {@link AgentDataStore.setMany}. */
export interface SetOptions {
  /** Merged into the metadata that the record has: new fields win, others stay, nested objects are replaced whole. */
  metadata?: JsonObject | null;
  /**
   * After how long it expires: from then on it is there for nobody, and soon removed. Milliseconds, from 1. What is set without a time never expires,
   * also where it did before, unless the store has {@link DataStoreOptions.expiresInMs}. An update leaves the time as it is.
   */
  expiresInMs?: number;
  /** When it expires, instead: ISO 8601, or a `Date`. */
  expiresAt?: string | Date;
}

/** Options of {@link AgentDataStore.exportDocuments}. */
export interface ExportOptions {
  /** All namespaces of the user instead of this store's. Default `false`. */
  allNamespaces?: boolean;
}

/** Options of {@link AgentDataStore.importDocuments}. */
export interface ImportOptions {
  /** What happens to a key that exists: `"replace"` (default) or `"skip"`. */
  existing?: "replace" | "skip";
}

/** What {@link AgentDataStore.importDocuments} did. */
export interface ImportResult {
  /** Records written. */
  imported: number;
  /** Records left alone because their key existed. */
  skipped: number;
}

/** A record with all that is known about it. Times are ISO 8601 in UTC. */
export interface DataRecord<T = Json> {
  user: string;
  namespace: string;
  key: string;
  value: T;
  metadata: JsonObject;
  createdByAgent: string | null;
  lastAccessedByAgent: string | null;
  /** Reads counted by stores that track access; writes are not counted. */
  accessCount: number;
  createdAt: string;
  updatedAt: string;
  lastAccessedAt: string | null;
  /** From when on it is gone, if it expires. */
  expiresAt: string | null;
  /** The number of the commit that wrote it last. */
  version: number;
}

/** A value with the version that it has: {@link AgentDataStore.getEntry}. */
export interface DataEntry<T = Json> {
  key: string;
  value: T;
  /**
   * The number of the commit that wrote it. Every write gives a higher one, also where the value stays the same, and in whichever
   * tab. For {@link Atomic.check}.
   */
  version: number;
}

/** What {@link AgentDataStore.setMany} takes: a plain object, a `Map`, or any iterable of pairs. */
export type Items = { readonly [key: string]: unknown } | Iterable<readonly [string, unknown]>;

/**
 * Opens a database, creating it where there is none.
 *
 * @example
 * const db = await open({ name: "my-app", user: "ada", agent: "planner" });
 */
export function open(options?: OpenOptions): Promise<Database>;

/**
 * Deletes a database of this origin with everything in it. Other tabs' connections to it are closed. Resolves also when
 * there was none. One that can be neither opened nor deleted is left, and an empty next generation takes its place.
 */
export function destroy(name?: string): Promise<void>;

/** One open database. */
export class Database {
  private constructor();
  readonly name: string;
  readonly backend: BackendName;
  /** A data store on this database; opening one costs nothing and creates nothing. */
  dataStore(options?: DataStoreOptions): AgentDataStore;
  /** Changes in all stores that are made together, or not at all. */
  atomic(options?: AtomicOptions): Atomic;
  /** A message store on this database; opening one costs nothing and creates nothing. */
  messageStore(options?: MessageStoreOptions): MessageStore;
  /** A snapshot store on this database; opening one costs nothing and creates nothing. */
  snapshotStore(options?: SnapshotStoreOptions): SnapshotStore;
  /** The sessions of a user on this database; costs nothing and creates nothing. */
  sessions(options?: SessionsOptions): Sessions;
  /**
   * Writes what is buffered (the access counts), and makes every write acknowledged so far survive a power cut. Done by itself
   * whenever the page is hidden.
   */
  flush(): Promise<void>;
  /** How the database fares, as far as is known without asking the storage. */
  health(): Health;
  /** How much room there is, and whether the browser may remove what is stored. */
  storage(): Promise<StorageInfo>;
  /**
   * Asks the browser never to remove this origin's data by itself; `false` where it refuses or does not answer in time. Some
   * browsers ask the user.
   */
  requestPersistence(options?: { timeoutMs?: number }): Promise<boolean>;
  /**
   * Takes up what others wrote: after it resolves, reads see every write that was complete when it was called, from
   * whichever tab or worker. Without it they see those of others in their order, most often within milliseconds; a
   * database's own writes are seen at once.
   */
  refresh(): Promise<void>;
  /**
   * Removes what nobody needs any more: what has expired, what listed records that are gone before they expired, uploads of tabs that are gone, the log
   * that is merged, pages that were replaced. Resolves to how many of the second and third there were. All of it happens by itself too, little by little. How soon the browser gives the room back is up to it:
   * {@link storage}.
   */
  compact(): Promise<number>;
  /**
   * Reads everything that is stored, in whichever namespace and of whichever user, and tells what is damaged. Changes
   * nothing; calls go on meanwhile.
   */
  verify(): Promise<VerifyReport>;
  /** Ends running calls first, writes what is buffered, and closes. Later calls reject with `CLOSED`. */
  close(): Promise<void>;
  /** Same as {@link Database.close}. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * JSON values by key, in one namespace of one user. All agents of the user share them.
 *
 * A call that rejects has written nothing; only of one whose error has the `outcome` `"unknown"` it is not known. Two calls that change the same key take effect in the order in which they were made.
 */
export class AgentDataStore {
  private constructor();
  readonly user: string;
  /** The agent that writes, or `null`. */
  readonly agent: string | null;
  readonly namespace: string;

  /**
   * The value, or `undefined` where the key does not exist. A stored `null` is a value. Bytes come back as what they were set as; everything
   * else that reads records gives a {@link BytesReference} for them.
   */
  get<T = Json>(key: string): Promise<T | undefined>;
  /** The value, or `fallback` where the key does not exist. A stored `null` is a value. */
  get<T = Json, D = T>(key: string, fallback: D): Promise<T | D>;
  /** Whether the key exists. Not counted as an access. */
  has(key: string): Promise<boolean>;
  /** The record with its metadata and times, or `undefined`. Not counted as an access. */
  getRecord<T = Json>(key: string): Promise<DataRecord<T> | undefined>;
  /** The value with its version, or `undefined`. Not counted as an access. */
  getEntry<T = Json>(key: string): Promise<DataEntry<T> | undefined>;
  /**
   * Makes a new value of the one that is there (`undefined` where there is none), and resolves to it with its version. `change` has to give
   * the value itself, no promise, and should do nothing else: it is called once more where another tab was faster, up to 64 times, then it is
   * `CONFLICT`. What it throws rejects the call, and nothing is changed. Updates of one key take effect one after the other, in the order of the calls,
   * and those that wait together are one commit.
   *
   * @example
   * await store.update("visits", (count = 0) => count + 1);
   */
  update<T = Json>(key: string, change: (value: T | undefined) => T): Promise<DataEntry<T>>;
  /**
   * The values of the keys that exist, in the order in which the keys were first named. One consistent read, of 256 MiB
   * at the most.
   */
  getMany<T = Json>(keys: Iterable<string>): Promise<Map<string, T>>;

  /**
   * Creates or replaces a value. The value is taken at the time of the call. It can also be a `Uint8Array`, an `ArrayBuffer` or a `Blob` as a whole,
   * of any size, but not a part of another value: see {@link AgentDataStore.setBytes}.
   */
  set(key: string, value: unknown, options?: SetOptions): Promise<void>;
  /**
   * Creates or replaces a value that is bytes, which come piece by piece, and resolves to what is said of them. Nothing of them is seen before all are
   * stored; where it fails, what was there stays. The call takes effect when the last piece has come. Bytes are stored once for each user, however many records have
   * the same ones.
   *
   * @example
   * const { body, headers } = await fetch(url);
   * await files.setBytes("photo.png", body, { type: headers.get("content-type") ?? "" });
   */
  setBytes(key: string, source: ByteSource, options?: SetBytesOptions): Promise<BytesReference>;
  /**
   * The bytes of a key, or a part of them, as a stream; `undefined` where the key does not exist. Where its value is JSON, it rejects with
   * `INVALID_VALUE`. The stream fails with `NOT_FOUND` where they are removed while it is read. Not counted as an access.
   */
  readBytes(key: string, options?: ReadBytesOptions): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Creates or replaces many values at once: all of them, or none. Resolves to their number. */
  setMany(items: Items, options?: SetOptions): Promise<number>;
  /** Removes a key. Resolves to whether it existed. */
  delete(key: string): Promise<boolean>;
  /** Removes many keys at once: all of them, or none. Resolves to how many existed. */
  deleteMany(keys: Iterable<string>): Promise<number>;
  /** Removes every key of this namespace that begins with `prefix` at once. Resolves to how many there were. */
  deleteByPrefix(prefix: string): Promise<number>;
  /** Removes every key of this namespace at once. Resolves to how many there were. */
  clear(): Promise<number>;

  /** The keys of this namespace that begin with `prefix`, sorted by Unicode code point. */
  listKeys(prefix?: string): Promise<string[]>;
  /**
   * Watches a key, keys, all that begin with a prefix, or the namespace: first the state that there is, then each commit that changes it,
   * once and in the order of the commits, from this tab and from all others. Ended by leaving the loop, `return()`, the signal (which
   * rejects with its reason), and the end of the database. Reads are not counted. What is watched is kept in memory.
   *
   * @example
   * for await (const { changes } of tasks.watch({ prefix: "task/" })) {
   *   for (const { key, value, oldValue } of changes) console.log(key, oldValue, value);
   * }
   */
  watch<T = Json>(target?: string | WatchTarget): AsyncIterableIterator<DataEvent<T>>;
  /**
   * The same for a function: called with one event after the other; where it gives a promise, the next one waits for it. What it throws is
   * reported as an uncaught error, and ends nothing. Gives what ends the watch: after that it is not called any more.
   */
  subscribe<T = Json>(target: string | SubscribeTarget | undefined, listener: (event: DataEvent<T>) => unknown): () => void;
  /**
   * What is watched as one value that changes, in the shape of React's `useSyncExternalStore`. It is watched while there are subscribers.
   *
   * @example
   * const todo = tasks.live<Task>("task/1");
   * const task = useSyncExternalStore(todo.subscribe, todo.getSnapshot);
   */
  live<T = Json>(target: string | { key: string }): Live<T>;
  live<T = Json>(target?: { keys: Iterable<string>; where?: Where } | { prefix?: string; where?: Where }): Live<ReadonlyMap<string, T>>;
  /**
   * A page of the records of this namespace, sorted by Unicode code point, and the cursor of the next one. Not counted as accesses. What is
   * written between two pages may or may not be seen; a key that is there all the time comes once, in its place.
   *
   * @example
   * const page = await chats.list({ prefix: "2026-", reverse: true, limit: 20 });
   * const next = await chats.list({ prefix: "2026-", reverse: true, limit: 20, cursor: page.cursor });
   */
  list(options: ListOptions & { keysOnly: true }): Promise<KeyListing>;
  list<T = Json>(options?: ListOptions & { keysOnly?: false }): Promise<Listing<T>>;
  list<T = Json>(options?: ListOptions): Promise<Listing<T> | KeyListing>;
  /** How many records of this namespace there are, at one moment. However many, it takes little time and memory. */
  count(options?: KeySpan): Promise<number>;
  /**
   * A page of the records of this namespace that match, in the order that is asked for, and the cursor of the next one. Not counted as
   * accesses. A record that is there all the time, and does not change, is found once, in its place; what is written between two pages, or while
   * many records are walked through, may or may not be seen.
   *
   * @example
   * const page = await tasks.find({ where: { status: "open", due: { $lt: "2026-12" } }, orderBy: ["due"], limit: 20 });
   * for (const { key, value, version } of page.entries) console.log(key, value, version);
   */
  find(options: FindOptions & { keysOnly: true }): Promise<KeyListing>;
  find<T = Json>(options?: FindOptions & { keysOnly?: false }): Promise<Listing<T>>;
  find<T = Json>(options?: FindOptions): Promise<Listing<T> | KeyListing>;
  /** How a page is found: it is looked for as by {@link find}, and not given. */
  explain(options?: FindOptions): Promise<Explanation>;
  /**
   * Declares an index of this namespace, and resolves when all its records are listed in it. From then on it is kept in every commit that changes
   * records, by whichever tab, and used where it serves. Where there is this one already nothing happens, so this can be
   * called whenever an application starts. Up to 64 indexes, of up to 8 paths.
   *
   * @example
   * await tasks.createIndex("open by time", ["status", "due"]);
   */
  createIndex(name: string, paths: Iterable<string>, options?: IndexOptions): Promise<void>;
  /** Gives an index up. Resolves to whether there was one of this name. */
  dropIndex(name: string): Promise<boolean>;
  /** The indexes of this namespace, in the order in which they were declared. */
  listIndexes(): Promise<IndexInfo[]>;
  /** The namespaces of this user that hold at least one key, or groups of them, sorted by Unicode code point. */
  listNamespaces(options: NamespaceOptions & { details: true }): Promise<NamespaceDetails[]>;
  listNamespaces(options?: NamespaceOptions & { details?: false }): Promise<string[]>;
  listNamespaces(options?: NamespaceOptions): Promise<string[] | NamespaceDetails[]>;
  /** Another namespace of the same user and agent. Nothing is created until something is written. */
  useNamespace(namespace: string): AgentDataStore;
  /**
   * Walks the records in key order, or in reverse, page by page. What is written meanwhile may or may not be seen; no key comes twice.
   *
   * @example
   * for await (const [key, value] of files.entries("src/")) console.log(key, value);
   */
  entries<T = Json>(options?: string | EntriesOptions): AsyncIterableIterator<[string, T]>;

  /**
   * The records as JSON documents of the agent data store, one a line in a JSON array. Numbers keep every digit. Of 128 MiB
   * at the most, which is what one import takes; more has to be exported namespace by namespace. What is written
   * meanwhile may be in it or not.
   */
  exportDocuments(options?: ExportOptions): Promise<string>;
  /**
   * Takes documents back: an array of them, `{"docs": […]}`, or `{"rows": [{"doc": …}]}`, as JSON text. Each keeps its
   * namespace, its times and its creator; each has to belong to this store's user. Design documents and rows of deleted
   * documents are passed over. All of them, or none.
   */
  importDocuments(text: string, options?: ImportOptions): Promise<ImportResult>;
}
