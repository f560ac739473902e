/** Options of {@link Database.messageStore}. What is left out is taken from {@link open}. */
export interface MessageStoreOptions {
  /** The user who owns the conversations. No other user's can be reached through this store. */
  user?: string;
  /**
   * Where every conversation is kept besides, whole, as soon as it has changed: your server, a folder, another store. A call that changes
   * something waits for it. Where the provider fails the call is rejected with `PROVIDER`; the change is made here all the same, and handed over
   * with the next one, or by {@link MessageStore.save}.
   *
   * A provider must not wait for a change of the conversation that it is given.
   */
  provider?: StorageProvider;
}

/** Whose a message is: `"user"`, `"assistant"`, `"system"`, `"tool"`, or any other string. */
export type Role = "user" | "assistant" | "system" | "tool" | (string & {});

/** A part of a message. What else a part has is kept as it came; so are parts of other types, as long as `type` is a string. */
export type ContentPart =
  | { type: "text"; text: string; [more: string]: unknown }
  | { type: "reasoning"; text: string; [more: string]: unknown }
  | { type: "tool-call"; toolCallId: string; toolName: string; input?: unknown; [more: string]: unknown }
  | { type: "tool-result"; toolCallId: string; toolName: string; output?: unknown; [more: string]: unknown }
  | { type: "file"; mediaType: string; [more: string]: unknown }
  | { type: string; [more: string]: unknown };

/** What a message says: a text, or parts. */
export type Content = string | ContentPart[];

/** What one message used, or many together. Counts are whole numbers; what is left out is 0. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  /** Of the input tokens, how many the model knew already. */
  cachedInputTokens: number;
  /** Of the output tokens, how many were reasoning. */
  reasoningTokens: number;
  /** In whatever unit of money you count in, from 0 to 9,000,000; kept to a billionth, so that sums are exact. */
  cost: number;
}

/**
 * Whether a message is whole: `"streaming"` while it is being written, in whichever tab; `"interrupted"` where its writer is
 * gone without having finished it, as after a reload or a crash.
 */
export type MessageState = "complete" | "streaming" | "interrupted" | "failed" | "aborted";

/** A message as it stands in its conversation. Times are ISO 8601 in UTC. */
export interface Message {
  id: string;
  conversationId: string;
  role: Role;
  content: Content;
  createdAt: string;
  metadata: JsonObject;
  state: MessageState;
  /** Why it failed, or `null`. */
  error: string | null;
  usage: Usage | null;
  /** The message that it follows, or `null` for one of the first. */
  parentId: string | null;
  /** Which of its siblings it is, from 0: messages that follow the same one, as an edited one and the one before. */
  siblingIndex: number;
  /** How many siblings there are, with itself. */
  siblingCount: number;
}

/** A conversation without its messages. Times are ISO 8601 in UTC. */
export interface Conversation {
  id: string;
  title: string;
  createdAt: string;
  /** When a message or an action was last added. */
  lastActiveAt: string;
  metadata: JsonObject;
  archived: boolean;
  /** All messages, those of other branches counted. */
  messageCount: number;
  actionCount: number;
  /**
   * How often the conversation was changed, with its messages and actions: where it is the same nothing has changed, but for what
   * a streaming message has become.
   */
  revision: number;
  /** The sum of what all messages used. */
  usage: Usage;
  /** The message at the end of the active branch, with its first 160 characters; `null` where there is none. */
  lastMessage: { id: string; role: Role; preview: string; createdAt: string } | null;
}

/** Something that happened in a conversation beside its messages. */
export interface ConversationAction<T extends JsonObject = JsonObject> {
  id: string;
  conversationId: string;
  actionType: string;
  data: T;
  createdAt: string;
  metadata: JsonObject;
}

/** Options of {@link MessageStore.createConversation}. */
export interface CreateConversationOptions {
  /** Default: a random UUID. An empty string is none. */
  id?: string;
  /** Default, also for `null` and an empty string: `"Conversation "` and the first 8 characters of the id. */
  title?: string | null;
  metadata?: JsonObject | null;
  /** Take all messages and actions away from a conversation of the same id, instead of failing with `ALREADY_EXISTS`. */
  overwrite?: boolean;
}

/** Options of {@link MessageStore.updateConversation}. What is left out stays. */
export interface UpdateConversationOptions {
  /** An empty string means the title that it would have without one. */
  title?: string;
  /** Merged into the metadata that it has. */
  metadata?: JsonObject | null;
  archived?: boolean;
}

/** Options of {@link MessageStore.conversations}. */
export interface ConversationsOptions {
  /** Those that are put away, instead of those that are not. Default `false`. */
  archived?: boolean;
  /** How many are read at once. Default 50. */
  pageSize?: number;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal;
}

/** What is to be said of a message beside its content. */
export interface MessageFields {
  /** Default `"user"`; of {@link MessageStore.beginMessage} `"assistant"`. */
  role?: Role;
  /** Default: a random UUID. One that the conversation has already is `ALREADY_EXISTS`. */
  id?: string;
  metadata?: JsonObject | null;
  /** Default: now. */
  createdAt?: string | Date;
  usage?: Partial<Usage> | null;
}

/** Options of {@link MessageStore.addMessage} and {@link MessageStore.beginMessage}. */
export interface AddMessageOptions extends MessageFields {
  /** The message that it follows; `null` to begin anew beside the first ones. Default: the end of the active branch. */
  parentId?: string | null;
  /** The message beside which it stands, as another version of it. Comes before `parentId`. */
  siblingOf?: string;
  /** Create the conversation where there is none, instead of failing with `NOT_FOUND`. */
  createIfMissing?: boolean;
}

/** Options of {@link MessageStore.addAction}. */
export interface AddActionOptions {
  metadata?: JsonObject | null;
  /** Create the conversation where there is none, instead of failing with `NOT_FOUND`. */
  createIfMissing?: boolean;
}

/** Options of {@link MessageStore.getMessages}. */
export interface MessagePageOptions {
  /** Only what comes before this message, the nearest. It has to be part of the active branch, else it is `NOT_FOUND`. */
  before?: string;
  /** Only what comes after this message, the nearest. Comes before `before`. As there. */
  after?: string;
  /** Where neither is given: the beginning of the conversation or its end. Default `"end"`. */
  from?: "start" | "end";
  /** Default 50. */
  limit?: number;
  /** About how many bytes of messages a page has at the most; a larger message is a page of its own. Default 8 MiB. */
  maxBytes?: number;
  /**
   * Counts the tokens of a message, as for the context of a model: the page has the nearest messages that have `maxTokens`
   * together, and none where the nearest has more. Then `limit` has no default, and `maxBytes` does not count.
   */
  countTokens?: (message: Message) => number | Promise<number>;
  maxTokens?: number;
}

/** Options of {@link MessageStore.messages}. */
export interface MessagesOptions {
  /** Default `"oldest"`: the oldest first. */
  order?: "oldest" | "newest";
  /** With `"oldest"`: begin after this message. */
  after?: string;
  /** With `"newest"`: begin before this message. */
  before?: string;
  /** How many are read at once. Default 50. */
  pageSize?: number;
  /** Ends the iteration with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of {@link MessageStore.search}. */
export interface MessageSearchOptions {
  /** The most messages that are found. Default 20. */
  limit?: number;
  /** Only messages of this conversation. */
  conversationId?: string;
}

/** A message that was found. */
export interface MessageHit {
  conversationId: string;
  conversationTitle: string;
  messageId: string;
  role: Role;
  content: Content;
  createdAt: string;
  /** How well it fits: more is better. Only to be compared within one search. */
  score: number;
  /** A part of the message around the first match, in pieces: show them one after the other, those that match marked. */
  snippet: { text: string; match: boolean }[];
}

/** How a message ends, see {@link MessageStream}. */
export interface EndingOptions {
  /** What it says after all. Default: what was appended. */
  content?: Content;
  /** Merged into its metadata. */
  metadata?: JsonObject | null;
  usage?: Partial<Usage> | null;
}

/** What {@link MessageStore.watch} watches: these conversations, whether they exist or not, or all of the user. */
export interface ConversationTarget {
  ids?: Iterable<string>;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Conversations with their messages and actions, of one user.
 *
 * Every message is stored by itself, so adding one costs the same however long the conversation is. Messages form a tree: an
 * edited or regenerated message is a sibling of the one before. What is read as the conversation is its active branch; where
 * nothing ever branched that is all of it.
 *
 * A call that rejects has written nothing, but for one that rejects with `PROVIDER`; of one whose error has the `outcome` `"unknown"` it is not known. A conversation or
 * message that is not there is `NOT_FOUND`.
 */
export class MessageStore {
  private constructor();
  readonly user: string;

  /**
   * Takes the conversations that the provider has and this store has not; what it has stays as it is, and what was deleted in it meanwhile stays
   * deleted. Once: the next call takes nothing. Without a provider it makes sure that the store can be read. Other calls work without it.
   */
  initialize(): Promise<void>;
  /** Makes every change acknowledged so far survive a power cut, and hands all conversations over to the provider, if there is one. */
  save(): Promise<void>;

  /** Takes conversations, instead of what it has of their ids: all or none. Others stay. */
  saveStore(conversations: Iterable<PartialConversationRecord>): Promise<void>;
  /** All conversations, in the order of their creation; `null` where there are none. `LIMIT_EXCEEDED` over 128 MiB. */
  loadStore(): Promise<ConversationRecord[] | null>;
  saveConversation(conversation: PartialConversationRecord): Promise<void>;
  loadConversation(id: string): Promise<ConversationRecord | null>;
  listConversationIds(): Promise<string[]>;

  createConversation(options?: CreateConversationOptions): Promise<Conversation>;
  getConversation(id: string): Promise<Conversation | undefined>;
  /**
   * Watches conversations: first those that there are, then each commit that changes one, from this tab and from all others. The changes have
   * their ids as keys and the conversations as values: whatever happens in one changes its counts, its last message or its times, so whoever shows it
   * reads its newest page again. A message that is being written is told of when it begins and when it is finished. As {@link AgentDataStore.watch}.
   *
   * @example
   * for await (const { changes } of chats.watch()) for (const { key, value } of changes) console.log(key, value?.title);
   */
  watch(target?: string | ConversationTarget): AsyncIterableIterator<DataEvent<Conversation>>;
  /** The same for a function, as {@link AgentDataStore.subscribe}. */
  subscribe(target: string | (ConversationTarget & Pick<SubscribeTarget, "onError">) | undefined, listener: (event: DataEvent<Conversation>) => unknown): () => void;
  /** What is watched as one value that changes, as {@link AgentDataStore.live}. */
  live(id: string): Live<Conversation>;
  live(target?: { ids?: Iterable<string> }): Live<ReadonlyMap<string, Conversation>>;
  /** All conversations, in the order of their creation. */
  getAllConversations(): Promise<Conversation[]>;
  /**
   * Conversations by their last activity, the latest first.
   *
   * @example
   * for await (const { title, lastMessage } of chats.conversations()) console.log(title, lastMessage?.preview);
   */
  conversations(options?: ConversationsOptions): AsyncIterableIterator<Conversation>;
  countConversations(): Promise<number>;
  updateConversation(id: string, options?: UpdateConversationOptions): Promise<Conversation>;
  renameConversation(id: string, title: string): Promise<Conversation>;
  /** Removes a conversation with all that belongs to it. Resolves to whether there was one. */
  deleteConversation(id: string): Promise<boolean>;

  /** Adds a message. Its content is taken at the time of the call; calls take effect in the order in which they were made. */
  addMessage(conversationId: string, content: Content, options?: AddMessageOptions): Promise<Message>;
  /** Adds many messages at the end of the active branch, one after the other: all of them, or none. */
  addMessages(
    conversationId: string,
    messages: Iterable<{ content: Content } & MessageFields>,
    options?: { createIfMissing?: boolean },
  ): Promise<Message[]>;
  /**
   * Begins a message that is written piece by piece.
   *
   * @example
   * const answer = await chats.beginMessage(chat.id);
   * for await (const delta of model.stream(prompt)) answer.append(delta);
   * await answer.finish({ usage: { outputTokens: 120 } });
   */
  beginMessage(conversationId: string, options?: AddMessageOptions): Promise<MessageStream>;

  getMessage(conversationId: string, id: string): Promise<Message | undefined>;
  /** All messages of the active branch, the oldest first; none where there is no such conversation. Of 256 MiB at the most. */
  getConversationMessages(conversationId: string): Promise<Message[]>;
  /** A page of the active branch, the oldest first, and whether there are none beyond it. One consistent read. */
  getMessages(conversationId: string, options?: MessagePageOptions): Promise<{ messages: Message[]; isLast: boolean }>;
  /** Walks the active branch page by page. */
  messages(conversationId: string, options?: MessagesOptions): AsyncIterableIterator<Message>;

  /** Says a message anew: adds a sibling of the same role, which the conversation goes on from. The one before stays. */
  editMessage(
    conversationId: string,
    id: string,
    content: Content,
    options?: { metadata?: JsonObject | null },
  ): Promise<Message>;
  /** Merges metadata into a message's, and replaces what it used. */
  updateMessage(
    conversationId: string,
    id: string,
    options: { metadata?: JsonObject | null; usage?: Partial<Usage> | null },
  ): Promise<Message>;
  /**
   * Removes a message: alone, then what follows it follows the one before it; or with all that follows it in any branch.
   * Resolves to how many messages were removed.
   */
  deleteMessage(conversationId: string, id: string, options?: { descendants?: boolean }): Promise<number>;
  /** A message and its siblings, in the order in which they came. */
  getSiblings(conversationId: string, id: string): Promise<Message[]>;
  /** Makes a message part of the active branch, which goes on from it as it did when it last was. */
  switchBranch(conversationId: string, id: string): Promise<Conversation>;

  /**
   * The messages that have every word of the query, those that fit best first: of all conversations and all their branches.
   * Upper and lower case are the same; the last word may be the beginning of one; what stands in double quotes has to be there
   * as it is. Languages without spaces are found by any run of characters. A message that is being written or was interrupted is not found.
   *
   * @example
   * for (const { conversationTitle, snippet } of await chats.search("train to lis")) show(conversationTitle, snippet);
   */
  search(query: string, options?: MessageSearchOptions): Promise<MessageHit[]>;

  addAction<T extends JsonObject>(
    conversationId: string,
    actionType: string,
    data: T,
    options?: AddActionOptions,
  ): Promise<ConversationAction<T>>;
  /** The actions of a conversation, in the order in which they came; none where there is no such conversation. */
  getConversationActions(conversationId: string): Promise<ConversationAction[]>;

  /**
   * Conversations as the files that Aral's message store keeps, paths and texts: `message_store.json`, which lists them, and
   * `conversations/<id>.json` for each. What the files have no place for (parts, other branches, usage, states) is in the metadata under
   * `agent_datastore`, so they load there unchanged and come back here equal. In the names of files `/ \ : * ? " < > | %`, control characters
   * and a leading dot are percent-encoded. A message that is being written is in it as `"interrupted"`.
   *
   * `LIMIT_EXCEEDED` where they are over 128 MiB together; name fewer conversations then.
   */
  exportFiles(options?: ExportFilesOptions): Promise<Map<string, string>>;
  /**
   * Takes conversations in such files: those that the index lists, in its order, or all, where it lists none that is there. All or none. Paths are
   * relative to the directory of the index; other files are passed over. Times without an offset are read as UTC.
   *
   * `INVALID_DOCUMENT` names the file and the place; `LIMIT_EXCEEDED` where they are over 128 MiB together.
   */
  importFiles(
    files: ReadonlyMap<string, string> | Record<string, string> | Iterable<readonly [path: string, text: string]>,
    options?: ImportConversationsOptions,
  ): Promise<ImportResult>;
  /**
   * Conversations as lines of JSON ({@link ExportedLine}), in pieces of whole lines, however many there are. What is written meanwhile may be
   * in them or not.
   *
   * @example
   * const file = await handle.createWritable();
   * for await (const lines of chats.exportLines()) await file.write(lines);
   * await file.close();
   */
  exportLines(options?: ExportLinesOptions): AsyncIterableIterator<string>;
  /** Takes conversations in such lines: all or none. The text may come in any pieces; together they have up to 128 MiB. */
  importLines(
    lines: string | Iterable<string> | AsyncIterable<string>,
    options?: ImportConversationsOptions,
  ): Promise<ImportResult>;
  /** Writes what {@link exportFiles} gives into a directory, the index last. Files that are there already are replaced. */
  exportToDirectory(directory: FileSystemDirectoryHandle, options?: ExportFilesOptions): Promise<void>;
  /** {@link importFiles} of the files in a directory. */
  importFromDirectory(directory: FileSystemDirectoryHandle, options?: ImportConversationsOptions): Promise<ImportResult>;
  /**
   * What {@link exportFiles} gives, as a zip archive. `UNAVAILABLE` where there is no `CompressionStream`.
   *
   * @example
   * link.href = URL.createObjectURL(await chats.exportZip());
   */
  exportZip(options?: ExportFilesOptions): Promise<Blob>;
  /**
   * {@link importFiles} of the files in a zip archive, whichever software made it, also where they are in a folder of it. Nothing but stored and
   * deflated members is read; an archive that is damaged, or has more than it says, is `INVALID_DOCUMENT`.
   */
  importZip(archive: Blob | ArrayBuffer | ArrayBufferView, options?: ImportConversationsOptions): Promise<ImportResult>;
}

/**
 * A message that is being written. Pieces are written together, about every 100 ms: what was written is there after a reload
 * or a crash, and the message is then `"interrupted"`. So it is in other tabs when this object is no longer used without having
 * been ended.
 */
export class MessageStream {
  private constructor();
  readonly id: string;
  readonly conversationId: string;
  /** The message as it is now, with what was not written yet. */
  readonly message: Message;
  /** Adds a text, or a part. A text goes on with the text before it, and reasoning with reasoning. */
  append(piece: string | ContentPart): void;
  /** Writes what was appended. */
  flush(): Promise<void>;
  /** Ends the message as `"complete"`. */
  finish(options?: EndingOptions): Promise<Message>;
  /** Ends it as `"failed"`, and says why: a text, or what was thrown. What has come stays. */
  fail(reason: unknown, options?: EndingOptions): Promise<Message>;
  /** Ends it as `"aborted"`, because somebody wanted no more of it. What has come stays. */
  abort(options?: EndingOptions): Promise<Message>;
}
