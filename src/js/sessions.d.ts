/** Options of {@link Database.sessions}. */
export interface SessionsOptions {
  /** The owner of the sessions. Default: that of {@link OpenOptions.user}. */
  user?: string;
  /** What models cost, by their ids. Answers that say no cost of their own get it from here. Default: none. */
  prices?: Record<string, ModelPrice>;
  /**
   * Told once of each change of a session that failed, whether its promise is waited for or not; a promise that nobody waits for is no unhandled
   * rejection then. `sessionId` is empty where the change is of several.
   */
  onWarning?: (error: StoreError, call: { method: string; sessionId: string }) => void;
}

/** With what a session begins, where nothing is stored of it. */
export interface SessionOptions {
  /** What the session is: models, or what is known of it from elsewhere. */
  metadata?: Partial<Omit<SessionMetadata, "id" | "runs">>;
  /** The recipe that it begins with. Stored with its first change; a session that is opened without one has the one that is stored. */
  recipe?: Recipe | null;
}

/** A session as it is listed: its metadata without the runs. */
export interface SessionInfo extends Omit<SessionMetadata, "runs"> {
  /** What the user calls it; `""` where nobody did. */
  title: string;
  /** How many runs there are, with what marks that one was taken back. */
  runs: number;
  /** What its runs used. */
  usage: ModelUsage;
}

/** Where the files of a session are in an export. */
export interface SessionPaths {
  dir: string;
  metadataPath: string;
  contentPath: string;
  checkpointPath: string;
  recipePath: string;
}

/** Options of {@link SessionStore.persistRunState}. */
export interface RunOptions {
  /** What happened while the models worked. */
  events?: Collector | Record<string, RunEvent[]>;
  /** The tools that they had; `null` or nothing, where nobody says them. */
  tools?: Iterable<string> | null;
}

/** What the sessions of a user used on a day. */
export interface DayUsage extends UsageByModel {
  /** In UTC, such as `"2026-11-22"`. */
  day: string;
}

/**
 * What a rewind puts files back into, and a redo. Each call may take two minutes; one that takes longer counts as failed, and what it still does then may come
 * too late. Where `read` throws, the file cannot be known as it was, and what is taken back cannot be made again: so give `null` for a file that is not there.
 */
export interface SessionFiles {
  /** The text of a file; `null` or `undefined` where there is none. */
  read(path: string): string | null | undefined | Promise<string | null | undefined>;
  /** Writes a file, and the folders that it needs. */
  write(path: string, content: string): void | Promise<void>;
  /** Removes a file. One that is not there is no error. */
  remove(path: string): void | Promise<void>;
}

/** Options of what reads or changes files. */
export interface FilesOptions {
  /** Where the files are. Default: the files that the database keeps for the session, see {@link SessionStore.writeFile}. */
  files?: SessionFiles;
}

/** Options of the imports of {@link Sessions}. */
export interface ImportSessionsOptions {
  /** What becomes of sessions that exist: with `"refuse"` the import fails with `ALREADY_EXISTS`. Default `"refuse"`. */
  existing?: "refuse" | "replace" | "skip";
}

/** A new session's id: `ses_` and a UUID of version 7. */
export function generateSessionId(): string;
/** `ph_` and the SHA-256 of a prompt. */
export function promptHash(prompt: string): string;
/** The last `maxTurns` turns, an even number of them, default 20. With 0 or less all. */
export function trimHistory(turns: Turn[], maxTurns?: number): Turn[];
/** How far a model came whose answer is here. */
export function responseSnapshot(response: ModelResponse): ResponseSnapshot;
/** As {@link responseSnapshot}, of an answer that is still coming: cut short, and not completed. */
export function snapshotFromPartial(response: ModelResponse): ResponseSnapshot;
/** The answer that a snapshot is of; its steps and why it ended are not known any more. */
export function modelResponse(snapshot: ResponseSnapshot): ModelResponse;
/** The checkpoint of a run; `null` unless one of its answers was cut short. */
export function buildCheckpoint(
  prompt: string,
  adapterIds: Iterable<string>,
  responses: ModelResponse[],
  verbose?: boolean,
): Checkpoint | null;
/** Reads a recipe in markdown. `INVALID_DOCUMENT` where its version is missing or not 1; what else is not understood is warned of and passed over. */
export function parseRecipe(markdown: string): { recipe: Recipe; warnings: string[] };
/** A recipe in markdown, as the original writes it: not with all that is in it, see {@link lostInMarkdown}. */
export function recipeMarkdown(recipe: Recipe): string;
/** The parts of a recipe that its markdown leaves out. */
export function lostInMarkdown(recipe: Recipe): string[];
/** The recipe of those who have none. */
export function defaultRecipe(): Recipe;

/** Gathers what happens while models work, for {@link SessionStore.persistRunState}. */
export class Collector {
  constructor();
  /** A callback that notes an event of a model, and hands it on. */
  wrapOnEvent<E extends RunEvent>(onEvent?: (modelId: string, event: E) => void): (modelId: string, event: E) => void;
  /** What was noted of a model; `null` where nothing was. */
  events(modelId: string): RunEvent[] | null;
  /** What was noted, by model. */
  events(): Record<string, RunEvent[]>;
}

/**
 * The sessions of one user.
 *
 * @example
 * const sessions = db.sessions({ onWarning: console.warn });
 * const session = sessions.create({ metadata: { models: ["m1"] } });
 * const answer = { modelId: "m1", text: "4", costUsd: 0.01 };
 * const lengths = await session.appendHistories(["m1"], [answer], "2 + 2?");
 * await session.persistRunState("2 + 2?", [answer]);
 * await session.pushRewindEntry({ historyLengths: lengths, prompt: "2 + 2?" });
 * await session.rewind();
 */
export class Sessions {
  private constructor();
  readonly user: string;
  /** A session with an id of its own. Nothing is stored until it is changed. */
  create(options?: SessionOptions): SessionStore;
  /** The session of an id; where there is none, it begins with its first change. */
  open(id: string, options?: SessionOptions): SessionStore;
  /** All sessions that can be read, those of the latest activity first. */
  list(): Promise<SessionInfo[]>;
  /** The id of the session of the latest activity. `NOT_FOUND` where there is none. */
  latestId(): Promise<string>;
  /** The id that is this one, or the only one that begins so. `NOT_FOUND` where there is none, `INVALID_ARGUMENT` where there are several. */
  resolve(prefix: string): Promise<string>;
  /** Says what the user calls a session. `NOT_FOUND` where there is none. */
  rename(id: string, title: string): Promise<void>;
  /** Deletes a session with all that belongs to it. The user's prompts, recipes and days stay. Resolves to whether there was one. */
  delete(id: string): Promise<boolean>;
  /**
   * Gives a session that is damaged another id, which it resolves to, with all that is stored of it as it is: so its own is free again. What it used on days stays
   * under its own id. One commit, so of 128 MiB at the most.
   */
  setAside(id: string): Promise<string>;
  /** Where the files of a session are in an export. */
  pathsFor(id: string): SessionPaths;
  /** What runs used on each day, of all sessions, deleted ones too; the earliest day first. `from` and `to` are days, which are both in it. */
  usageByDay(options?: { from?: string; to?: string }): Promise<DayUsage[]>;
  /** Forgets the prompts of the user, which deleting sessions does not. */
  clearPromptHistory(): Promise<void>;
  /** Forgets what was used on these days, both in it; without any, on all. */
  clearUsageByDay(options?: { from?: string; to?: string }): Promise<void>;
  /** The recipes that runs were made with. */
  recipeStore(): RecipeStore;

  /**
   * The files of the original, texts by path: `data/prompt_history.jsonl`, `data/configs.json`, and of each session its metadata, content, checkpoint
   * and recipe in `data/sessions/<id>`, in Go's dialect of JSON. What the original does not keep is in one more file of each session, `agent_datastore.json`.
   * 128 MiB at the most. Sessions that {@link Sessions.list} leaves out are left out, unless they are named.
   */
  exportFiles(options?: { ids?: Iterable<string> }): Promise<Map<string, string>>;
  /** As {@link Sessions.exportFiles}, into a directory. */
  exportToDirectory(directory: FileSystemDirectoryHandle, options?: { ids?: Iterable<string> }): Promise<void>;
  /** As {@link Sessions.exportFiles}, as one zip archive. */
  exportZip(options?: { ids?: Iterable<string> }): Promise<Blob>;
  /** Stores what is in such files, or in those of the original, all of it or nothing. Prompts and recipes are added to those that there are. */
  importFiles(
    files: { readonly [path: string]: string } | Iterable<readonly [string, string]>,
    options?: ImportSessionsOptions,
  ): Promise<ImportResult>;
  /** As {@link Sessions.importFiles}, of a directory. */
  importFromDirectory(directory: FileSystemDirectoryHandle, options?: ImportSessionsOptions): Promise<ImportResult>;
  /** As {@link Sessions.importFiles}, of a zip archive. */
  importZip(archive: Blob | ArrayBuffer | ArrayBufferView, options?: ImportSessionsOptions): Promise<ImportResult>;
}

/** The recipes that a user's runs were made with, by their hashes. */
export class RecipeStore {
  private constructor();
  /** Stores a recipe under its hash, which it resolves to. Of recipes that differ in their names alone the first one stays. */
  put(snapshot: RecipeSnapshot): Promise<string>;
  get(hash: string): Promise<RecipeSnapshot | null>;
  list(): Promise<Record<string, RecipeSnapshot>>;
  /** The hashes of the recipes that were stored with this name. */
  hashesForName(name: string): Promise<string[]>;
}

/** Keeps the checkpoint of a run that is under way. */
export class IncrementalSaver {
  private constructor();
  /** Keeps how far a model came. Models that were not asked are passed over. */
  update(modelId: string, snapshot: ResponseSnapshot): Promise<void>;
  /** Keeps that a model is done. */
  markCompleted(modelId: string, snapshot: ResponseSnapshot): Promise<void>;
}

/**
 * One session of an agent.
 *
 * Every change is one commit, all or nothing, and changes take effect in the order of the calls. What is stored is all that there is, so every reader
 * sees what the last change left, in other tabs and after a restart too; a change that fails has changed nothing.
 */
export class SessionStore {
  private constructor();

  sessionId(): string;
  /** Where the metadata are in an export. */
  metadataPath(): string;
  contentPath(): string;
  checkpointPath(): string;
  sessionRecipePath(): string;
  sessionsDir(): string;
  recipesDir(): string;

  /** Stores the session where nothing is stored of it yet, so that it is listed. */
  saveInitialMeta(): Promise<void>;
  metadata(): Promise<SessionMetadata>;
  content(): Promise<SessionContent>;

  /** Adds what a model has cost, in US dollars; less than nothing is possible. */
  accumulateCost(modelId: string, cost: number): Promise<void>;
  /** What {@link SessionStore.accumulateCost} was told. */
  totalCost(): Promise<number>;
  costPerModel(): Promise<Record<string, number>>;
  /** What the runs used, those that were taken back too. */
  usage(): Promise<UsageByModel>;
  /** What each run used, the oldest first; `run` is its place in {@link SessionMetadata.runs}. */
  usageByRun(): Promise<(UsageByModel & { run: number })[]>;

  /** All histories; `null` where there are none. */
  histories(): Promise<Histories | null>;
  /**
   * Adds a run's prompt and answers: `responses[i]` to the history of `panelIds[i]`, where it has a text and no error. Resolves to how many turns the history of
   * each adapter of the panel had before.
   */
  appendHistories(panelIds: Iterable<string>, responses: ModelResponse[], prompt: string): Promise<Record<string, number>>;
  /** Puts these histories in the place of all. */
  setHistories(histories: Histories | null): Promise<void>;
  /** Cuts histories to these lengths, in turns; those that are not named stay, and one that is empty then is forgotten. Below 0 is 0. */
  truncateHistories(lengths: Record<string, number>): Promise<void>;
  /** Forgets all histories. The runs stay. */
  clearHistories(): Promise<void>;

  /** The prompts of the user, of all sessions, the newest first; `null` where there are none. */
  promptHistory(): Promise<string[] | null>;
  /** Adds a prompt to those of the user, unless it is the same as the newest one. Resolves to whether it was added. */
  recordPrompt(prompt: string): Promise<boolean>;

  /**
   * Adds a run: in short and with all that was said, with what each model used, and with the hash of the recipe, which is stored too.
   */
  persistRunState(prompt: string, responses: ModelResponse[], options?: RunOptions): Promise<void>;
  /** Writes the note of the last run, in the place of the one before; nothing, where there is no run. */
  updateLastRunNote(note: string): Promise<void>;
  /** Writes which answer of the last run was chosen or rated; nothing, where there is no run. */
  recordSelection(selection: SelectionParams): Promise<void>;

  /** Adds a step to the way back. */
  pushRewindEntry(entry: RewindEntry): Promise<void>;
  /** Puts these files in the place of those of the newest step; nothing, where there is no step or `null` is given. */
  pushFileSnapshots(snapshots: FileSnapshot[] | null): Promise<void>;
  canRewind(): Promise<boolean>;
  rewindStackLen(): Promise<number>;
  /** The steps of the way back, the newest last. */
  rewindEntries(): Promise<Required<RewindEntry>[]>;
  /** Forgets the way back, and what could be made again. */
  clearRewindStack(): Promise<void>;
  /**
   * Takes the newest step back: puts its files back, cuts the histories, and marks it among the runs. `NOT_FOUND` where there is no step.
   *
   * With the database's own files all of it is one commit. With files of yours these come first, all are tried, and what went wrong with the first that
   * failed is in the result; then the session changes in one commit. Where the page ends in between the step is still there, and taking it back again puts
   * back the same files. Wait for it before you change the session otherwise.
   */
  rewind(options?: FilesOptions): Promise<RewindResult>;
  /**
   * Goes back to a run, given as its place in {@link SessionMetadata.runs}: takes back every step of a later one, in one commit, the newest first.
   * With -1 all. `NOT_FOUND` where there is no later step.
   */
  rewindTo(run: number, options?: FilesOptions): Promise<RewindResult[]>;
  canRedo(): Promise<boolean>;
  redoStackLen(): Promise<number>;
  /**
   * Makes again what was taken back last: the files as they were, the turns, the step, and the note. What marked it among the runs goes.
   * Give it the files that the rewind was given. A new run, and what changes histories, the way back or the database's files, forgets what could be made
   * again. `NOT_FOUND` where there is nothing.
   */
  redo(options?: FilesOptions): Promise<RewindResult>;
  /**
   * A new session as this one was right after a run, given as its place in {@link SessionMetadata.runs}; default: as it is now. It has its own histories, runs,
   * way back and files. `NOT_FOUND` where there is no such run, `INVALID_ARGUMENT` where it was taken back or its histories are not known any
   * more. One commit, so of 128 MiB at the most.
   */
  fork(options?: { run?: number; id?: string; title?: string }): Promise<SessionStore>;

  /** The text of a file that the database keeps for the session; `null` where there is none. Paths are those of {@link SessionStore.listFiles}, or relative to `/`. */
  readFile(path: string): Promise<string | null>;
  writeFile(path: string, content: string): Promise<void>;
  /** Resolves to whether there was one. */
  removeFile(path: string): Promise<boolean>;
  /** The paths of all files that begin so, such as `"/src/"`. */
  listFiles(prefix?: string): Promise<string[]>;
  /**
   * The files that these writes would change, as they are: one that is not there has `didNotExist`, and is left out where it is to be deleted. Paths are
   * relative to `workingDirectory`, default `/`, and may not leave it: that is `INVALID_ARGUMENT`.
   */
  snapshotFiles(writes: FileWrite[], options?: FilesOptions & { workingDirectory?: string }): Promise<FileSnapshot[]>;
  /**
   * Makes these writes in the database's files of the session, and gives the newest step of the way back the files as they were. One commit. Resolves to these.
   */
  applyWrites(writes: FileWrite[]): Promise<FileSnapshot[]>;

  /** The checkpoint of a run that was cut short; `null` where there is none. */
  loadCheckpoint(): Promise<Checkpoint | null>;
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
  clearCheckpoint(): Promise<void>;
  /** What keeps the checkpoint of a run while its answers come. */
  incrementalSaver(prompt: string, adapterIds: Iterable<string>, options?: { verbose?: boolean }): IncrementalSaver;

  /** The recipe that the session begins with; `null` where there is none. */
  baseRecipe(): Promise<Recipe | null>;
  /** The recipe that was set; `null` where none is. */
  sessionRecipe(): Promise<Recipe | null>;
  /** The recipe that was set, or else the one that the session begins with. */
  activeRecipe(): Promise<Recipe | null>;
  /** Sets the session's recipe, or with `null` goes back to the one that it begins with. */
  setSessionRecipe(recipe: Recipe | null): Promise<void>;
  /** The tools of the last run; `null` where nobody has said them. */
  lastActiveTools(): Promise<string[] | null>;
  setLastActiveTools(names: Iterable<string> | null): Promise<void>;
  /** What of the active recipe changes how models work, with the tools of the last run. */
  buildRecipeSnapshot(): Promise<RecipeSnapshot>;
  /** The hash of this. The recipe is stored under it, where none is yet. */
  recipeHash(): Promise<string>;
  /** A function that looks up the name of the recipe of a hash: `""` where it is not known. */
  recipeNameLookup(): (hash: string) => Promise<string>;
  recipeStore(): RecipeStore;
}
