/**
 * What has to hold of records: each member is a path with the value that has to be there, or with operators, and all of them have to hold.
 *
 * A path names members by dots, and items by their numbers: `size.lines`, `items.0.name`. A dot, a backslash, and a dollar sign at
 * the beginning belong to a name behind a backslash. `$key`, `$value` (all of it), `$metadata.…`, `$createdAt`, `$updatedAt`, `$expiresAt` and `$createdBy` are
 * of the record itself; times are ISO 8601.
 *
 * @example
 * { status: "open", "size.lines": { $gt: 10 }, $or: [{ owner: "ada" }, { "$metadata.shared": true }] }
 */
export type Where = { [path: string]: Json | Operators | undefined | Where[] | Where } & { $and?: Where[]; $or?: Where[]; $not?: Where };

/**
 * What has to hold of what is at a path. Where nothing is there, `$ne`, `$nin` and `$not` hold, and of the others none but
 * `$exists: false`; a `null` is something.
 */
export interface Operators {
  /** The same value; members of objects may come in any order. */
  $eq?: Json;
  $ne?: Json;
  /** These compare values of the same kind: numbers, texts by Unicode code point, `false` before `true`, arrays item by item. */
  $gt?: Json;
  $gte?: Json;
  $lt?: Json;
  $lte?: Json;
  $in?: Json[];
  $nin?: Json[];
  $exists?: boolean;
  $not?: Operators;
}

/**
 * What records are ordered by: where nothing is comes first, then null, booleans, numbers, texts, arrays, objects. Where that does not tell
 * them apart they come by their keys, in the direction of the last part.
 */
export type OrderBy = OrderByPart | OrderByPart[];
export type OrderByPart = string | { path: string; descending?: boolean };

/** Options of {@link AgentDataStore.find}. */
export interface FindOptions extends KeySpan {
  where?: Where;
  orderBy?: OrderBy;
  /** The most records of a page. Default 100. A page also ends after about 8 MiB of keys and values. */
  limit?: number;
  /**
   * Where the page before ended; `null` begins anew. Good for the same keys, `where` and `orderBy`. It cannot hold more than 30,000 bytes of what
   * records are ordered by; a page that would have to end there is `LIMIT_EXCEEDED`.
   */
  cursor?: string | null;
  /** Keys alone, without values and versions. Default `false`. */
  keysOnly?: boolean;
}

/** How a page is found: {@link AgentDataStore.explain}. */
export interface Explanation {
  /** The index that is used, or `null` where all records are walked through. */
  index: string | null;
  /** How many ranges of it there are to read. */
  ranges: number;
  /** Whether what matches has to be sorted as a whole: then all of it is looked at, whatever the limit. */
  isSorted: boolean;
  /** How many entries of the index were read. */
  entries: number;
  /** How many records were read, beside the copies that a covering index holds. */
  records: number;
  /** How many of them matched, and were not on an earlier page. */
  matches: number;
}

/** Options of {@link AgentDataStore.createIndex}. */
export interface IndexOptions {
  /**
   * Whether the index holds copies of records of up to 1 KiB, so that a search that uses it reads no records. Each change of such a record is
   * then written once more. Default `false`.
   */
  covering?: boolean;
}

/** An index of a namespace: {@link AgentDataStore.listIndexes}. */
export interface IndexInfo {
  name: string;
  /** What it lists records by: by the first path, where that is the same by the second, and so on. */
  paths: string[];
  /** Whether it lists all records. Until then it is kept up to date, and not used. */
  isReady: boolean;
  /** Whether it holds copies of small records. */
  isCovering: boolean;
}
