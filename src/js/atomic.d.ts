/** What {@link Atomic.commit} did: nothing, where a check did not hold. */
export type CommitResult = { ok: true; version: number } | { ok: false };

/** Options of {@link Database.atomic}. What is left out is taken from {@link open}. */
export interface AtomicOptions {
  /** The user whose data is changed. */
  user?: string;
  /** The agent that writes; `null` or `""` means no agent. */
  agent?: string | null;
  /** The namespace that the next calls are about. Default `"default"`. */
  namespace?: string;
}

/** Options of {@link Atomic.saveSnapshot}. */
export interface AtomicSnapshotOptions {
  /** The scopes, from the top. */
  path?: Iterable<string>;
  /** How many versions of the key are kept beside the current one. Default 0. */
  history?: number;
}

/**
 * Changes in all stores that are made together, or not at all, on the condition that certain versions are still there. Nothing is read or
 * held until {@link Atomic.commit}; every method but that gives the same changes for the next call, and throws where an argument is
 * wrong. Later changes see what earlier ones did.
 *
 * @example
 * const task = await tasks.getEntry("t1");
 * const { ok } = await db
 *   .atomic({ namespace: "tasks" })
 *   .check("t1", task.version)
 *   .delete("t1")
 *   .useNamespace("done")
 *   .set("t1", task.value)
 *   .sum("count", 1)
 *   .commit();
 */
export class Atomic {
  private constructor();
  /** The same changes; the next ones are about this namespace. */
  useNamespace(namespace: string): Atomic;
  /** On the condition that the record of a key has this version; with `null`, that there is none. */
  check(key: string, version: number | null): Atomic;
  /** As {@link AgentDataStore.set}. */
  set(key: string, value: unknown, options?: SetOptions): Atomic;
  /** As {@link AgentDataStore.delete}. */
  delete(key: string): Atomic;
  /** Adds to a number; where there is none, it is this one. */
  sum(key: string, number: number): Atomic;
  /** Lowers a number to this one; where there is none, it is this one. */
  min(key: string, number: number): Atomic;
  /** Raises a number to this one; where there is none, it is this one. */
  max(key: string, number: number): Atomic;
  /** Adds values to the end of an array; where there is none, they are one. */
  append(key: string, items: Iterable<unknown>): Atomic;
  /** As {@link SnapshotStore.save}. */
  saveSnapshot(key: string, value: unknown, options?: AtomicSnapshotOptions): Atomic;
  /** As {@link MessageStore.createConversation}. */
  createConversation(options?: CreateConversationOptions): Atomic;
  /** As {@link MessageStore.addMessage}. */
  addMessage(conversationId: string, content: Content, options?: AddMessageOptions): Atomic;
  /** As {@link SessionStore.appendHistories}, in the session of this id. */
  appendHistories(sessionId: string, panelIds: Iterable<string>, responses: ModelResponse[], prompt: string): Atomic;
  /** As {@link SessionStore.persistRunState}, in the session of this id. What a model cost is what it says: nothing is computed from prices. */
  persistRunState(sessionId: string, prompt: string, responses: ModelResponse[], options?: RunOptions): Atomic;
  /** As {@link SessionStore.accumulateCost}, in the session of this id. */
  accumulateCost(sessionId: string, modelId: string, cost: number): Atomic;
  /** As {@link SessionStore.pushRewindEntry}, in the session of this id. */
  pushRewindEntry(sessionId: string, entry: RewindEntry): Atomic;
  /** As {@link SessionStore.applyWrites}, in the session of this id. */
  applyWrites(sessionId: string, writes: FileWrite[]): Atomic;
  /** As {@link SessionStore.clearCheckpoint}, in the session of this id. */
  clearCheckpoint(sessionId: string): Atomic;
  /**
   * Makes all changes in one commit: `{ ok: true, version }`, or `{ ok: false }` where a check did not hold; then nothing was changed.
   * Rejects where a change cannot be made, such as a sum where there is no number (`INVALID_VALUE`), with nothing changed either. Can be
   * called again.
   */
  commit(): Promise<CommitResult>;
}
