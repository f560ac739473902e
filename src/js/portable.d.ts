/** A message in a {@link ConversationRecord}. */
export interface MessageRecord {
  id: string;
  content: string;
  role: Role;
  created_at: string;
  metadata: JsonObject;
}

/** An action in a {@link ConversationRecord}. */
export interface ActionRecord {
  id: string;
  action_type: string;
  data: JsonObject;
  created_at: string;
  metadata: JsonObject;
}

/**
 * A conversation with all that belongs to it, as the files of {@link MessageStore.exportFiles} have it: its active branch in `messages`, and
 * what such a record has no place for in the metadata under `agent_datastore`. Times are ISO 8601; without an offset they are UTC.
 */
export interface ConversationRecord {
  id: string;
  title: string;
  created_at: string;
  metadata: JsonObject;
  messages: MessageRecord[];
  actions: ActionRecord[];
}

/** A {@link ConversationRecord} that is taken: all but the id has a default, and times may be `Date`s. */
export type PartialConversationRecord = { id: string } & Partial<
  Omit<ConversationRecord, "created_at" | "messages" | "actions"> & {
    created_at: string | Date;
    messages: ({ content: string } & Partial<Omit<MessageRecord, "created_at"> & { created_at: string | Date }>)[];
    actions: ({ action_type: string; data: JsonObject } & Partial<
      Omit<ActionRecord, "created_at"> & { created_at: string | Date }
    >)[];
  }
>;

/**
 * What keeps whole conversations. A {@link MessageStore} is one, in memory or in IndexedDB; so is any object that has these. An operation
 * that has not answered after two minutes has failed.
 */
export interface StorageProvider {
  /** Called before anything else; once, but again where it failed. */
  initialize?(): Promise<void> | void;
  /** Keeps a conversation, instead of what it has of that id. */
  saveConversation(conversation: ConversationRecord): Promise<void> | void;
  loadConversation(
    id: string,
  ): Promise<PartialConversationRecord | null | undefined> | PartialConversationRecord | null | undefined;
  listConversationIds(): Promise<Iterable<string>> | Iterable<string>;
  /** Keeps all conversations of a store, in the order of their creation. Default: each by itself. */
  saveStore?(conversations: ConversationRecord[]): Promise<void> | void;
  /** All conversations in that order; `null` where there have never been any. Default: each of those that are listed. */
  loadStore?():
    | Promise<Iterable<PartialConversationRecord> | null | undefined>
    | Iterable<PartialConversationRecord>
    | null
    | undefined;
  /** Called for what was deleted, and again by `save()` where it failed. Default: what was deleted stays with the provider. */
  deleteConversation?(id: string): Promise<unknown> | unknown;
}

/** Options of {@link MessageStore.exportFiles}, {@link MessageStore.exportToDirectory} and {@link MessageStore.exportZip}. */
export interface ExportFilesOptions {
  /** Which conversations, and in which order. One that is not there is `NOT_FOUND`. Default: all, in the order of their creation. */
  ids?: Iterable<string>;
}

/** Options of {@link MessageStore.exportLines}. */
export interface ExportLinesOptions extends ExportFilesOptions {
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of the imports of a {@link MessageStore}. */
export interface ImportConversationsOptions {
  /**
   * What becomes of conversations that exist: with `"refuse"` the import fails with `ALREADY_EXISTS`, with `"replace"` they lose all that they
   * have and keep their place, with `"skip"` they stay. Default `"refuse"`.
   */
  existing?: "refuse" | "replace" | "skip";
}

/** What a message used, as exports have it: whole numbers, the cost in billionths. */
export interface ExportedUsage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  reasoningTokens: number;
  costNanos: number;
}

/**
 * A line of {@link MessageStore.exportLines}. A conversation comes before its messages, these come before its actions, and each message after
 * the one that it follows. Times are ISO 8601, with `Z` or the offset that they were imported with.
 *
 * {@link MessageStore.importLines} needs `type`, the conversation's `id`, and `content`, `actionType` and `data`; what else is missing has its
 * default, for `parentId` the message before it. Other members are passed over.
 */
export type ExportedLine =
  | {
      type: "conversation";
      id: string;
      title: string;
      createdAt: string;
      metadata: JsonObject;
      /** Left out where it is not. */
      archived?: true;
      lastActiveAt: string;
    }
  | {
      type: "message";
      conversationId: string;
      id: string;
      content: Content;
      role: Role;
      createdAt: string;
      metadata: JsonObject;
      parentId: string | null;
      /** Of several siblings the one that the conversation goes on with. */
      active?: true;
      /** Left out where it is complete. One that is being written is `"interrupted"` in an export. */
      state?: "interrupted" | "failed" | "aborted";
      error?: string | null;
      usage?: ExportedUsage;
    }
  | {
      type: "action";
      conversationId: string;
      id: string;
      actionType: string;
      data: JsonObject;
      createdAt: string;
      metadata: JsonObject;
    };
