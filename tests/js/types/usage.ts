// Uses every export in the ways users do, and in ways that the types have to refuse. It is compiled, never run.

import init, {
  AgentDataStore,
  Atomic,
  Collector,
  Database,
  destroy,
  open,
  salvage,
  MessageStore,
  MessageStream,
  narrow,
  sanitize,
  SnapshotStore,
  RecipeStore,
  Sessions,
  SessionStore,
  buildCheckpoint,
  parseRecipe,
  type BackendName,
  type BytesReference,
  type Content,
  type ContentPart,
  type Conversation,
  type ConversationAction,
  type ConversationRecord,
  type Explanation,
  type FindOptions,
  type IndexInfo,
  type KeyListing,
  type Where,
  type KeySpan,
  type Listing,
  type ListOptions,
  type Message,
  type MessageHit,
  type MessageState,
  type MessageStoreOptions,
  type NamespaceDetails,
  type NamespaceOptions,
  type Usage,
  type Checkpoint,
  type DayUsage,
  type FileSnapshot,
  type Histories,
  type ModelResponse,
  type Recipe,
  type RewindResult,
  type RunOptions,
  type SessionFiles,
  type SessionInfo,
  type DataChange,
  type DataEntry,
  type DataEvent,
  type Live,
  type SubscribeTarget,
  DataRecord,
  type DataStoreOptions,
  type Durability,
  type EntriesOptions,
  type ExportOptions,
  type ImportOptions,
  type ImportResult,
  type KeyNotFound,
  type SnapshotStoreOptions,
  type SnapshotVersion,
  type Items,
  type Json,
  type JsonObject,
  type OpenOptions,
  type SalvageOptions,
  type SalvageResult,
  type SetOptions,
  type StorageProvider,
  type StoreError,
  type StoreErrorCode,
  type VerifyReport,
} from "agent-datastore";

interface Plan {
  title: string;
  steps: string[];
  done?: boolean;
}

/** Compiles only where both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void => {};

export async function opening(): Promise<Database> {
  await init();
  const durability: Durability = "strict";
  const backend: BackendName = "memory";
  const options: OpenOptions = { name: "app", backend, user: "ada", agent: null, durability, trackAccess: true };
  const tuned: OpenOptions = { ...options, openTimeoutMs: 500, cacheBytes: 1_000_000 };
  await open(tuned);
  await open();
  await open({});
  await open({ agent: undefined });
  // @ts-expect-error an unknown option
  await open({ usr: "ada" });
  // @ts-expect-error an unknown backend
  await open({ backend: "localstorage" });
  // @ts-expect-error an unknown durability
  await open({ durability: "eventual" });
  // @ts-expect-error a size is a number
  await open({ cacheBytes: "32 MiB" });
  // @ts-expect-error a number as a user
  await open({ user: 5 });
  // @ts-expect-error null is no options
  await open(null);
  // @ts-expect-error a Database comes from open alone
  new Database();
  // @ts-expect-error and a store from dataStore alone
  new AgentDataStore();
  const nothing: void = await destroy("app");
  await destroy();
  // @ts-expect-error a name is a string
  await destroy(5);
  void nothing;
  return open(options);
}

export async function database(): Promise<void> {
  await using scoped = await open();
  const db: Database = await opening();
  const name: string = db.name;
  const backend: BackendName = db.backend;
  // @ts-expect-error read-only
  db.name = "other";
  const options: DataStoreOptions = { user: "ada", agent: "planner", namespace: "plans", trackAccess: false };
  const store: AgentDataStore = db.dataStore(options);
  db.dataStore();
  db.dataStore({ agent: null });
  // @ts-expect-error the backend is chosen by open
  db.dataStore({ backend: "memory" });
  same<AgentDataStore["user"], string>();
  same<AgentDataStore["agent"], string | null>();
  same<AgentDataStore["namespace"], string>();
  // @ts-expect-error read-only
  store.namespace = "other";
  await db.flush();
  const refreshed: void = await db.refresh();
  const report: VerifyReport = await db.verify();
  same<typeof report, { entries: number; blobs: number; bytes: number; damage: string[] }>();
  await db.close();
  await db[Symbol.asyncDispose]();
  void [scoped, name, backend, refreshed];
}

export async function saving(store: AgentDataStore): Promise<void> {
  const options: SalvageOptions = { user: "ada", namespace: "plans", openTimeoutMs: 500 };
  const saved: SalvageResult = await salvage("app", options);
  const numbers: number[] = [saved.records, saved.others];
  await store.importDocuments(saved.documents);
  for (const each of saved.damage) each.length;
  await salvage();
  // @ts-expect-error a name is a string
  await salvage(5);
  // @ts-expect-error an unknown option
  await salvage("app", { agent: "a" });
  void numbers;
}

export async function reading(store: AgentDataStore, db: Database): Promise<void> {
  const any = await store.get("k");
  same<typeof any, Json | undefined>();
  const plan = await store.get<Plan>("k");
  same<typeof plan, Plan | undefined>();
  // @ts-expect-error it may be undefined
  plan.title;
  const sure = await store.get<Plan>("k", { title: "", steps: [] });
  same<typeof sure, Plan>();
  const other = await store.get<number, null>("k", null);
  same<typeof other, number | null>();
  const inferred = await store.get("k", 5);
  const alsoJson: Json = inferred;
  // @ts-expect-error a key is a string
  await store.get(5);
  // @ts-expect-error a key is needed
  await store.get();

  same<Awaited<ReturnType<typeof store.has>>, boolean>();
  const record = await store.getRecord<Plan>("k");
  same<typeof record, DataRecord<Plan> | undefined>();
  if (record) {
    const { user, namespace, key, value, metadata, createdByAgent, lastAccessedByAgent } = record;
    const { accessCount, createdAt, updatedAt, lastAccessedAt } = record;
    const texts: string[] = [user, namespace, key, value.title, createdAt, updatedAt];
    const perhaps: (string | null)[] = [createdByAgent, lastAccessedByAgent, lastAccessedAt];
    const count: number = accessCount;
    const object: JsonObject = metadata;
    void [texts, perhaps, count, object];
  }
  const plainRecord: DataRecord | undefined = await store.getRecord("k");
  const entry = await store.getEntry<Plan>("k");
  same<typeof entry, DataEntry<Plan> | undefined>();
  const updated = await store.update<Plan>("k", (plan) => plan ?? { title: "new", steps: [] });
  same<typeof updated, DataEntry<Plan>>();
  // @ts-expect-error the value itself, no promise
  await store.update<Plan>("k", async (plan) => plan ?? { title: "new", steps: [] });
  const atomic: Atomic = db.atomic({ namespace: "n" }).check("k", entry?.version ?? null).set("k", { a: 1 }, { metadata: {} });
  const result = await atomic.useNamespace("m").sum("n", 1).append("l", [1]).saveSnapshot("s", 1, { path: ["p"] }).commit();
  if (result.ok) same<typeof result.version, number>();
  // @ts-expect-error there is no version where nothing was changed
  else void result.version;
  const answer: ModelResponse = { modelId: "m1", text: "4" };
  const run: RunOptions = { events: { m1: [] }, tools: new Set(["bash"]) };
  atomic.appendHistories("s", ["m1"], [answer], "p").persistRunState("s", "p", [answer], run).accumulateCost("s", "m1", 0.1);
  atomic.pushRewindEntry("s", { prompt: "p" }).applyWrites("s", [{ path: "/a", content: "b" }]).clearCheckpoint("s");

  for await (const event of store.watch<Plan>({ prefix: "p", signal: new AbortController().signal })) {
    same<typeof event, DataEvent<Plan>>();
    same<typeof event.type, "state" | "change">();
    const change: DataChange<Plan> | undefined = event.changes[0];
    same<typeof change.oldValue, Plan | undefined>();
    same<typeof change.version, number>();
  }
  const target: SubscribeTarget = { keys: new Set(["a"]), onError: (error) => void error };
  const end: () => void = store.subscribe<Plan>(target, async ({ changes }) => changes.length);
  end();
  store.subscribe(undefined, () => {});
  const one: Live<Plan> = store.live<Plan>("k");
  same<ReturnType<typeof one.getSnapshot>, Plan | undefined>();
  const all = store.live<Plan>({ prefix: "p" });
  same<ReturnType<typeof all.getSnapshot>, ReadonlyMap<string, Plan> | undefined>();
  all.subscribe(() => {})();
  // @ts-expect-error a listener is needed
  store.subscribe("k");
  // @ts-expect-error an unknown option
  store.watch({ perfix: "p" });
  // @ts-expect-error a live value is ended by its subscribers
  store.live({ signal: new AbortController().signal });

  const many: Map<string, Plan> = await store.getMany<Plan>(["a", "b"]);
  await store.getMany(new Set(["a"]));
  await store.getMany(many.keys());
  // @ts-expect-error keys are strings
  await store.getMany([1, 2]);
  // @ts-expect-error undefined is no list
  await store.getMany();
  void [alsoJson, plainRecord];
}

export async function writing(store: AgentDataStore): Promise<void> {
  const plan: Plan = { title: "t", steps: [] };
  const options: SetOptions = { metadata: { source: "chat", tags: ["a"] } };
  await store.set("k", plan, options);
  const said: BytesReference = await store.setBytes("k", new Blob(["a"]).stream(), { type: "a/b", kind: "uint8array", onProgress: ({ bytes, size }) => bytes === size });
  const digest: string = said.$bytes.sha256;
  const photo = await store.get<Blob>("k");
  const part: ReadableStream<Uint8Array> | undefined = await store.readBytes("k", { start: 0, end: digest.length });
  await store.set("k", new Uint8Array(1), { expiresInMs: 5 });
  // @ts-expect-error pieces are bytes
  await store.setBytes("k", ["text"]);
  // @ts-expect-error there is no such kind
  await store.setBytes("k", new Uint8Array(1), { kind: "text" });
  void [photo, part];
  await store.set("k", null);
  await store.set("k", plan, { metadata: null });
  // @ts-expect-error a value is needed
  await store.set("k");
  // @ts-expect-error metadata is an object
  await store.set("k", 1, { metadata: [1] });
  // @ts-expect-error metadata is JSON
  await store.set("k", 1, { metadata: { at: new Date() } });
  // @ts-expect-error an unknown option
  await store.set("k", 1, { ttl: 5 });

  const object: Items = { a: 1, b: plan };
  const map: Items = new Map<string, unknown>([["a", 1]]);
  const pairs: readonly (readonly [string, Plan])[] = [["a", plan]];
  function* generated(): Generator<[string, number]> {
    yield ["a", 1];
  }
  const written: number[] = [
    await store.setMany(object),
    await store.setMany(map, options),
    await store.setMany(pairs),
    await store.setMany(generated()),
    await store.setMany(Object.entries({ a: 1 })),
  ];
  // @ts-expect-error a number is no items
  await store.setMany(5);
  // @ts-expect-error keys are strings
  await store.setMany(new Map([[1, 1]]));

  const existed: boolean = await store.delete("k");
  const counts: number[] = [await store.deleteMany(["a"]), await store.deleteMany(new Set(["a"])), await store.clear()];
  // @ts-expect-error a key is a string
  await store.delete(null);
  void [written, existed, counts];
}

export async function watchingChats(chats: MessageStore): Promise<void> {
  for await (const { changes } of chats.watch({ ids: ["c1"] })) for (const { key, value } of changes) void [key, value?.title];
  const stop: () => void = chats.subscribe("c1", ({ type }) => type);
  const live: Live<Conversation> = chats.live("c1");
  const all: Live<ReadonlyMap<string, Conversation>> = chats.live();
  // @ts-expect-error conversations have no prefix
  chats.watch({ prefix: "c" });
  void [stop, live, all];
}

export async function finding(store: AgentDataStore): Promise<void> {
  const where: Where = { status: "open", "size.lines": { $gt: 10, $lte: 20 }, $or: [{ owner: "ada" }, { $not: { done: true } }] };
  const options: FindOptions = { where, orderBy: ["due", { path: "size", descending: true }], limit: 20, prefix: "t/" };
  const { entries, cursor }: Listing<Plan> = await store.find<Plan>({ ...options, keysOnly: false });
  for (const { key, value, version } of entries) void [key + value.title, version + 1];
  const { keys }: KeyListing = await store.find({ where, cursor, keysOnly: true });
  const { index, records }: Explanation = await store.explain(options);
  await store.createIndex("by due", ["due"]);
  await store.createIndex("by owner", new Set(["owner"]), { covering: true });
  // @ts-expect-error there are no unique indexes
  await store.createIndex("by id", ["id"], { unique: true });
  const dropped: boolean = await store.dropIndex("by due");
  const indexes: IndexInfo[] = await store.listIndexes();
  for await (const [key, plan] of store.entries<Plan>({ where, orderBy: "due" })) void [key, plan.title];
  void store.watch<Plan>({ where, prefix: "t/" });
  // @ts-expect-error it may be keys alone
  (await store.find(options)).entries;
  // @ts-expect-error the order is of paths
  await store.find({ orderBy: [5] });
  // @ts-expect-error an index has paths
  await store.createIndex("by due");
  void [keys, index, records, dropped, indexes];
}

export async function walking(store: AgentDataStore): Promise<void> {
  const keys: string[] = await store.listKeys();
  const some: string[] = await store.listKeys("src/");
  const namespaces: string[] = await store.listNamespaces();
  const other: AgentDataStore = store.useNamespace("other");
  // @ts-expect-error a prefix is a string
  await store.listKeys(null);

  const chosen: ListOptions = { prefix: "src/", start: "src/a", end: "src/z", limit: 10, cursor: null, reverse: true };
  const { entries, cursor }: Listing<Plan> = await store.list<Plan>({ ...chosen, keysOnly: false });
  for (const { key, value, version } of entries) void [key + value.title, version + 1];
  const page: KeyListing = await store.list({ prefix: "src/", cursor, keysOnly: true });
  const listed: string[] = page.keys;
  same<Awaited<ReturnType<typeof store.count>>, number>();
  const span: KeySpan = { start: "a" };
  const number: number = await store.count(span);
  const either = await store.list(chosen);
  if ("keys" in either) same<typeof either, KeyListing>();
  // @ts-expect-error keys alone have no values
  (await store.list({ keysOnly: true })).entries;
  // @ts-expect-error a cursor is a text
  await store.list({ cursor: 5 });
  // @ts-expect-error a count has no limit
  await store.count({ limit: 5 });
  const chosenNamespaces: NamespaceOptions = { prefix: "files:", delimiter: ":", depth: 2 };
  const groups: string[] = await store.listNamespaces({ ...chosenNamespaces, details: false });
  const details: NamespaceDetails[] = await store.listNamespaces({ ...chosenNamespaces, details: true });
  for (const { namespace, isGroup, records, bytes, updatedAt } of details) {
    const line: string = namespace + updatedAt;
    void [line, isGroup ? records : bytes];
  }
  void [listed, number, groups];

  const options: EntriesOptions = { prefix: "src/", start: "src/a", reverse: true, limit: 50, pageSize: 10, signal: AbortSignal.timeout(1_000) };
  for await (const [key, value] of store.entries<Plan>(options)) {
    const text: string = key + value.title;
    void text;
  }
  for await (const [, value] of other.entries("src/")) same<typeof value, Json>();
  const iterator: AsyncIterableIterator<[string, Json]> = store.entries();
  const next = await iterator.next();
  if (!next.done) same<(typeof next)["value"], [string, Json]>();
  await iterator.return?.();
  // @ts-expect-error not an AbortSignal
  store.entries({ signal: new AbortController() });
  // @ts-expect-error not a promise of an array
  (await store.entries()).length;
  void [keys, some, namespaces];
}

export async function documents(store: AgentDataStore): Promise<void> {
  const exporting: ExportOptions = { allNamespaces: true };
  const importing: ImportOptions = { existing: "skip" };
  const text: string = await store.exportDocuments(exporting);
  await store.exportDocuments();
  const result: ImportResult = await store.importDocuments(text, importing);
  const numbers: number[] = [result.imported, result.skipped];
  // @ts-expect-error documents are text
  await store.importDocuments([{ key: "k" }]);
  // @ts-expect-error an unknown policy
  await store.importDocuments(text, { existing: "merge" });
  void numbers;
}

export async function chats(db: Database): Promise<void> {
  const options: MessageStoreOptions = { user: "ada" };
  const store: MessageStore = db.messageStore(options);
  const chat: Conversation = await store.createConversation({ title: null, metadata: { a: 1 }, overwrite: true });
  const found: Conversation | undefined = await store.getConversation(chat.id);
  for await (const { lastMessage, usage } of store.conversations({ archived: false, signal: new AbortController().signal })) {
    same<typeof usage, Usage>();
    same<typeof lastMessage, Conversation["lastMessage"]>();
  }
  const part: ContentPart = { type: "tool-call", toolCallId: "1", toolName: "add", input: { a: 1 } };
  const content: Content = [part, { type: "text", text: "x" }, { type: "data-mine", anything: [1] }];
  const message: Message = await store.addMessage(chat.id, content, { role: "narrator", createdAt: new Date(), usage: { cost: 1 } });
  const state: MessageState = message.state;
  await store.addMessages(chat.id, [{ content: "a" }, { content: [part], role: "tool" }], { createIfMissing: true });
  const { messages, isLast } = await store.getMessages(chat.id, { before: message.id, limit: 10 });
  same<typeof messages, Message[]>();
  same<typeof isLast, boolean>();
  for await (const each of store.messages(chat.id, { order: "newest" })) same<typeof each, Message>();
  const stream: MessageStream = await store.beginMessage(chat.id, { siblingOf: message.id });
  stream.append("a");
  stream.append(part);
  const ended: Message = await stream.finish({ content: "b", usage: null });
  await stream.fail(new Error("x"));
  const hits: MessageHit[] = await store.search("x", { limit: 5, conversationId: chat.id });
  const action: ConversationAction<{ id: string }> = await store.addAction(chat.id, "click", { id: "submit" });
  const id: string = action.data.id;
  // @ts-expect-error a number is no content
  await store.addMessage(chat.id, 5);
  // @ts-expect-error an unknown option
  await store.addMessage(chat.id, "x", { parent: "y" });
  // @ts-expect-error a part needs a type
  await store.addMessage(chat.id, [{ text: "x" }]);
  // @ts-expect-error an action's data is an object
  await store.addAction(chat.id, "click", ["x"]);
  // @ts-expect-error made by beginMessage only
  new MessageStream();
  void [found, state, ended, hits, id];
}

export async function portable(db: Database): Promise<void> {
  const behind: StorageProvider = db.messageStore({ user: "behind" });
  const own: StorageProvider = {
    async saveConversation({ id, messages }: ConversationRecord) {
      void [id, messages[0]?.created_at];
    },
    loadConversation: () => ({ id: "a", created_at: new Date(), messages: [{ content: "x" }] }),
    listConversationIds: () => new Set(["a"]),
  };
  const store = db.messageStore({ provider: own });
  await db.messageStore({ provider: behind }).initialize();
  const archive: Blob = await store.exportZip({ ids: ["a"] });
  same<ImportResult, Awaited<ReturnType<typeof store.importZip>>>();
  await store.importZip(await archive.arrayBuffer(), { existing: "skip" });
  await store.importZip(new Uint8Array());
  const all: ConversationRecord[] | null = await store.loadStore();
  if (all) await store.saveStore(all);
  // @ts-expect-error a provider keeps conversations
  db.messageStore({ provider: { listConversationIds: () => [] } });
  // @ts-expect-error an archive is no text
  await store.importZip("PK");
  // @ts-expect-error a record has an id
  await store.saveConversation({ title: "x" });
}

export async function snapshots(db: Database): Promise<void> {
  const options: SnapshotStoreOptions = { user: "ada", path: ["a"], history: 3, onError: (error, { key, path }) => void [error.code, key, path] };
  await using store: SnapshotStore = db.snapshotStore(options);
  await using none: SnapshotStore | null = narrow(null, "a");
  const saved: Promise<void> = store.save("k", { a: 1 });
  const loaded: { a: number } = await store.load<{ a: number }>("k");
  const other: Json | number = await store.loadOr("k", 1);
  const versions: SnapshotVersion[] = await store.versions("k");
  const hashes: string[] = versions.map(({ version, savedAt, bytes, hash }) => `${version} ${savedAt} ${bytes} ${hash}`);
  const texts: string[] = [...store.path, store.narrowPath("a", "b"), sanitize("a"), ...(await store.list()), ...(await store.children())];
  const counts: number[] = [await store.deleteAll(), await store.prune({ key: "k", keep: 1 }), await store.prune()];
  const files: Map<string, string> = await store.exportFiles();
  const { imported }: ImportResult = await narrow(store, "b").importFiles(files, { existing: "skip", keys: new Set(["a"]) });
  await store.load("gone").catch((error: KeyNotFound) => error.key);
  void [none, saved, loaded, other, hashes, texts, counts, imported, await store.loadAt("k", 1), store.history];
  // @ts-expect-error a version is a number
  await store.loadAt("k", "1");
  // @ts-expect-error there is no such option
  db.snapshotStore({ versions: 3 });
  // @ts-expect-error a key is a text
  store.save(1, 1);
}

export function errors(error: unknown): boolean {
  const { code, retryable, name, message, cause } = error as StoreError;
  const codes: Record<StoreErrorCode, true> = {
    INVALID_ARGUMENT: true,
    INVALID_KEY: true,
    INVALID_VALUE: true,
    INVALID_DOCUMENT: true,
    LIMIT_EXCEEDED: true,
    NOT_FOUND: true,
    KEY_NOT_FOUND: true,
    ALREADY_EXISTS: true,
    CONFLICT: true,
    CLOSED: true,
    UNAVAILABLE: true,
    BLOCKED: true,
    TIMEOUT: true,
    NEWER_VERSION: true,
    CONNECTION_LOST: true,
    INSTANCE_LOST: true,
    DATA_LOSS: true,
    QUOTA_EXCEEDED: true,
    PROVIDER: true,
    CORRUPT: true,
    STORAGE: true,
  };
  // @ts-expect-error no such code
  if (code === "NOT_THERE") return false;
  const asError: Error = error as StoreError;
  void [name, message, cause, asError];
  return retryable && codes[code];
}

export const values: Json[] = [null, true, 1, "a", [1, ["b"]], { a: { b: [null] } }];
// @ts-expect-error a Date is not JSON
export const date: Json = new Date();
// @ts-expect-error undefined is not JSON
export const nothing: Json = undefined;
// @ts-expect-error a Map is not JSON
export const map: Json = new Map();

export async function sessions(db: Database): Promise<void> {
  const all: Sessions = db.sessions({ prices: { m: { input: 3, output: 15, cachedInput: 0.3 } }, onWarning: (error, { method }) => void [error.code, method] });
  const session: SessionStore = all.create({ metadata: { models: ["m"] }, recipe: parseRecipe("# R").recipe });
  const answer: ModelResponse = { modelId: "m", text: "t", toolCalls: { bash: 1 }, stopReason: "complete" };
  const lengths: Record<string, number> = await session.appendHistories(new Set(["m"]), [answer], "p");
  const collector = new Collector();
  const onEvent = collector.wrapOnEvent((modelId: string, event: { type: "text"; data: string; at: number }) => void [modelId, event.at]);
  onEvent("m", { type: "text", data: "x", at: 1 });
  await session.persistRunState("p", [answer], { events: collector, tools: ["bash"] });
  await session.pushRewindEntry({ historyLengths: lengths, prompt: "p" });
  const snapshots: FileSnapshot[] = await session.applyWrites([{ path: "a", content: "x" }]);
  const disk: SessionFiles = { read: () => null, write: async () => {}, remove: () => {} };
  const results: RewindResult[] = [await session.rewind(), await session.redo({ files: disk }), ...(await session.rewindTo(0))];
  const histories: Histories | null = await session.histories();
  const checkpoint: Checkpoint | null = buildCheckpoint("p", ["m"], [answer]);
  if (checkpoint) await session.saveCheckpoint(checkpoint);
  const list: SessionInfo[] = await all.list();
  const days: DayUsage[] = await all.usageByDay({ from: "2026-01-01" });
  const cost: number = days.reduce((sum, { total }) => sum + total.costUsd, list[0]?.usage.costUsd ?? 0);
  const recipe: Recipe | null = await session.activeRecipe();
  const recipes: RecipeStore = session.recipeStore();
  const name: string = await session.recipeNameLookup()(await recipes.put({ name: "x" }));
  const fork: SessionStore = await session.fork({ run: 0, title: "t" });
  // @ts-expect-error a response names its model
  await session.persistRunState("p", [{ text: "t" }]);
  // @ts-expect-error an unknown option
  await session.fork({ at: 0 });
  // @ts-expect-error files can be read, written and removed
  await session.rewind({ files: { write() {} } });
  // @ts-expect-error made by sessions only
  new SessionStore();
  void [snapshots, results, histories, cost, recipe, name, fork];
}
