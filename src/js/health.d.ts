/** What {@link OpenOptions.onEvent} is told of. */
export interface DatabaseEvent {
  /**
   * - `"data-loss"`: the browser has lost what was stored: it emptied the database, or removed it. See {@link Health.dataLoss}.
   * - `"generation"`: an earlier database of this name cannot be opened any more, and another one has taken its place.
   * - `"reconnected"`: the connection was cut, and there is a new one. Nothing was lost by it.
   * - `"needs-reload"`: everything that could be tried to reach the storage has failed. Calls reject, each after it has tried
   *   again; what was not acknowledged is still the caller's. A page that is loaded again may help.
   * - `"stalled"`: the browser takes long for a call; another tab may have been stopped in the middle of its own.
   */
  readonly type: "data-loss" | "generation" | "reconnected" | "needs-reload" | "stalled";
  /** For people; may change. */
  readonly message: string;
}

/** How a database fares: {@link Database.health}. */
export interface Health {
  /**
   * `"open"`: it can be reached, as far as is known. `"reconnecting"`: its connection was cut, and is being opened anew.
   * `"needs-reload"`: that failed, with everything that can be tried. `"gone"`: it was deleted while it was open; only
   * {@link open} begins anew. `"closed"`: by {@link Database.close}.
   */
  readonly state: "open" | "reconnecting" | "needs-reload" | "gone" | "closed";
  /**
   * Where the connection comes from: `"own"`, this page or worker; `"frame"`, a fresh frame of the page, because the page's
   * own storage is dead; `"page"`, a page that does it for this worker.
   */
  readonly source: "own" | "frame" | "page";
  /** How often it was connected anew. */
  readonly reconnections: number;
  /** 1; more where earlier databases of its name could not be opened any more. */
  readonly generation: number;
  /** What is known of data that the browser has lost, since this object was opened. */
  readonly dataLoss: string | null;
  /** Why the last attempt to connect failed, where it did. */
  readonly lastError: string | null;
}

/** What the browser tells of this origin's storage: {@link Database.storage}. `null` where it does not tell. */
export interface StorageInfo {
  /** Bytes in use, by everything of this origin. */
  readonly usageBytes: number | null;
  /** Bytes that the origin may use. An estimate: a write may be refused before. */
  readonly quotaBytes: number | null;
  /** Whether the browser keeps the data until the user removes it; else it may remove it by itself. */
  readonly persisted: boolean | null;
}

/** What {@link Database.verify} found. */
export interface VerifyReport {
  /** Entries that can be read: records, and what belongs to them. */
  entries: number;
  /** Blobs that were read, in which entries are packed; 0 for the backend `"memory"`. */
  blobs: number;
  /** The size of those blobs. */
  bytes: number;
  /** What is damaged or missing, each naming the blob; empty where all is well. */
  damage: string[];
}

/** Options of {@link salvage}. */
export interface SalvageOptions {
  /** Only documents of this user, as {@link AgentDataStore.importDocuments} takes them. Default: those of all users. */
  user?: string;
  /** Only documents of this namespace. Default: those of all. */
  namespace?: string;
  /** How long opening may take before it fails with `BLOCKED` or `TIMEOUT`. Milliseconds, default 10,000. */
  openTimeoutMs?: number;
  /** How long the browser may take for one call of its storage. Milliseconds, default 30,000. */
  callTimeoutMs?: number;
}

/** What {@link salvage} saved. */
export interface SalvageResult {
  /** The records that can be read, in the format of {@link AgentDataStore.exportDocuments}. */
  documents: string;
  /** How many they are. */
  records: number;
  /** How many other entries can be read, which are not asked for. */
  others: number;
  /** What is damaged or missing, each naming the blob or the record; empty where all is well. */
  damage: string[];
}

/**
 * Reads what can still be read of a damaged database, and changes nothing. It need not be possible to open it. Of a record
 * whose last write is damaged it gives the one before, where that is still there; a record that was deleted shortly before
 * may come back. Of 128 MiB at the most, as an export; of more, user by user and namespace by namespace.
 *
 * @example
 * const { documents, damage } = await salvage("my-app", { user: "ada" });
 */
export function salvage(name?: string, options?: SalvageOptions): Promise<SalvageResult>;
