/** Which records of a namespace: those whose keys meet all that is given, and all records where nothing is. */
export interface KeySpan {
  /** What the keys begin with. */
  prefix?: string;
  /** The first key, inclusive. */
  start?: string;
  /** The end, exclusive. */
  end?: string;
}

/** Options of {@link AgentDataStore.list}. */
export interface ListOptions extends KeySpan {
  /** The most records of a page. Default 100. A page also ends after about 8 MiB of keys and values. */
  limit?: number;
  /** Where the page before ended; `null`, as it is at the end of a listing, begins anew. */
  cursor?: string | null;
  /** The last keys first. Default `false`. */
  reverse?: boolean;
  /** Keys alone, without values and versions. Default `false`. */
  keysOnly?: boolean;
}

/** A page of records: {@link AgentDataStore.list}. */
export interface Listing<T = Json> {
  entries: DataEntry<T>[];
  /**
   * Where the next page begins, or `null` where no more was there. Says nothing to whoever keeps it, and is good as long as the database
   * is, in any tab: for the same user, namespace, keys and direction. `limit` and `keysOnly` may change.
   */
  cursor: string | null;
}

/** A page of keys: {@link AgentDataStore.list} with `keysOnly`. */
export interface KeyListing {
  keys: string[];
  /** As that of {@link Listing}. */
  cursor: string | null;
}

/** Options of {@link AgentDataStore.entries}. */
export interface EntriesOptions extends KeySpan {
  /** Only records of which this holds. */
  where?: Where;
  /** Their order; without it that of their keys. */
  orderBy?: OrderBy;
  /** The last keys first. Default `false`. Not beside `orderBy`. */
  reverse?: boolean;
  /** The most records in all. Default: no limit. */
  limit?: number;
  /** The most records that are read at a time. Default 100. A page also ends after about 8 MiB of keys and values. */
  pageSize?: number;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of {@link AgentDataStore.listNamespaces}. */
export interface NamespaceOptions {
  /** Only namespaces that begin so. */
  prefix?: string;
  /**
   * What separates the parts of a namespace. Namespaces that are the same in their first `depth` parts and have more are listed once, as
   * a group: what they begin with, up to the delimiter and with it. A group has `depth` delimiters behind the prefix, any other
   * namespace fewer.
   */
  delimiter?: string;
  /** How many parts, counted behind the prefix. Default 1. */
  depth?: number;
  /** Tell what each holds. This reads every record. Default `false`. */
  details?: boolean;
}

/** What a namespace, or a group of them, holds: {@link AgentDataStore.listNamespaces} with `details`. */
export interface NamespaceDetails {
  /** The namespace; of a group, what its namespaces begin with, as a `prefix` takes it. */
  namespace: string;
  isGroup: boolean;
  /** How many records there are. */
  records: number;
  /**
   * How many bytes their keys have in UTF-8, and the records themselves before compression: values and metadata as JSON text, times and
   * agents.
   */
  bytes: number;
  /** When a record was last written. ISO 8601 in UTC. */
  updatedAt: string;
}
