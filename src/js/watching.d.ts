/** What {@link AgentDataStore.watch} watches: one of `key`, `keys` and `prefix`, or all of the namespace. */
export interface WatchTarget {
  key?: string;
  keys?: Iterable<string>;
  prefix?: string;
  /**
   * Of the records that are watched only those of which this holds: one of which it holds no more is told of as gone, and one of which it
   * begins to hold as new.
   */
  where?: Where;
  /** Ends it. */
  signal?: AbortSignal;
}

/** What {@link AgentDataStore.subscribe} watches. */
export interface SubscribeTarget extends WatchTarget {
  /** Is told of the error that ended the watch, if one did. Without it the error is reported as an uncaught one. */
  onError?: (error: unknown) => void;
}

/** What {@link AgentDataStore.watch} tells. */
export interface DataEvent<T = Json> {
  /**
   * `"state"`, the first one: what there is, in the order of the keys. `"change"`: what a commit did; or several of them, where the reader was
   * too slow (by 1,000 commits, or 4 MiB of values), or they could not be told apart: then what differs from the last event.
   */
  type: "state" | "change";
  /** The number of the last commit that is in it. */
  version: number;
  changes: DataChange<T>[];
}

/** What became of one record. */
export interface DataChange<T = Json> {
  key: string;
  /** The value; left out where the record is gone. */
  value?: T;
  /** The value before; left out where there was none, and in the state. */
  oldValue?: T;
  /** The number of the commit that did it. */
  version: number;
}

/** A value that changes: {@link AgentDataStore.live}. Its functions can be handed on without it. */
export interface Live<T> {
  /** Is called after each change, and once when the state is there. Gives what ends that. */
  subscribe: (listener: () => void) => () => void;
  /** The value, the same one until it changes; `undefined` where there is none, and before there have been subscribers. */
  getSnapshot: () => T | undefined;
}
