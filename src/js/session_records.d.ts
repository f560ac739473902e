/** What a model answered to one prompt, whole or in part. What is left out is `""`, 0, `false` or empty. */
export interface ModelResponse {
  modelId: string;
  text?: string;
  /** How long it took, in milliseconds. */
  latencyMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  /** Of the input tokens, how many the provider had already. */
  cachedTokens?: number;
  /** Of the output tokens, how many were reasoning. */
  reasoningTokens?: number;
  /** In US dollars. Where it is 0 and {@link SessionsOptions.prices} has the model, it is computed. */
  costUsd?: number;
  /** The files that it proposes to write. */
  proposedWrites?: FileWrite[];
  /** How often it called which tool; `null` where it called none. */
  toolCalls?: Record<string, number> | null;
  steps?: number;
  /** What went wrong; `""` where nothing did. */
  error?: string;
  /** Whether it was cut short. */
  interrupted?: boolean;
  stopReason?: "" | "complete" | "timeout" | "max_steps" | "context_overflow" | "cancelled" | "error" | (string & {});
}

/** A file to be written, or to be deleted. */
export interface FileWrite {
  path: string;
  content?: string;
  delete?: boolean;
}

/** A file as it was. */
export interface FileSnapshot {
  path: string;
  content: string;
  /** Whether there was no such file, so that putting it back removes it. */
  didNotExist: boolean;
}

/** One turn of a history. */
export interface Turn {
  role: "user" | "assistant" | (string & {});
  content: string;
}

/** What each adapter was told and said, by the adapter's id. */
export type Histories = Record<string, Turn[] | null>;

/** What happened while a model worked. */
export interface RunEvent {
  type: "text" | "reading" | "writing" | "error" | "bash" | "snapshot" | "request" | (string & {});
  data: string;
}

/** What a session is. Times are RFC 3339. */
export interface SessionMetadata {
  id: string;
  createdAt: string;
  lastActiveAt: string;
  models?: string[];
  /** The first prompt that was not empty: its first 120 code points. */
  firstPrompt?: string;
  lastPrompt?: string;
  promptCount: number;
  configHash?: string;
  /** The runs, the oldest first, with what marks that one was taken back; `null` where there are none yet. */
  runs: RunSummary[] | null;
}

/** A run in short. Maps are by model. */
export interface RunSummary {
  timestamp: string;
  /** `ph_` and the SHA-256 of the prompt. */
  promptHash: string;
  /** The first 120 bytes of the prompt; of a character that this cuts, each byte is a U+FFFD. */
  promptPreview: string;
  /** `null` in what marks a rewind. */
  models: string[] | null;
  /** The model whose answer was chosen or rated. */
  selected?: string;
  rating?: "good" | "bad";
  /** Of what marks that a run was taken back. */
  type?: "rewind";
  latenciesMs?: Record<string, number>;
  costsUsd?: Record<string, number>;
  inputTokens?: Record<string, number>;
  outputTokens?: Record<string, number>;
  toolCalls?: Record<string, Record<string, number> | null>;
  proposedWritesCount?: Record<string, number>;
  appliedFiles?: string[];
  /** The hash of the recipe, see {@link RecipeStore}. */
  configHash?: string;
  note?: string;
}

/** Everything that was said. */
export interface SessionContent {
  runs: RunContent[] | null;
  histories?: Histories;
}

/** One prompt, and all that the models answered. */
export interface RunContent {
  prompt: string;
  models: ModelRunContent[] | null;
}

/** What one model answered. */
export interface ModelRunContent {
  modelId: string;
  text: string;
  proposedWrites?: FileWrite[];
  events: RunEvent[];
  stopReason?: string;
  steps?: number;
  reasoningTokens?: number;
}

/** Which answer of the last run was chosen or rated. `""` clears what was there. */
export interface SelectionParams {
  selectedModelId?: string;
  rating?: "" | "good" | "bad";
  /** The files that were written; none, or `null`, leaves those that are known. */
  appliedFiles?: string[] | null;
  /** Not looked at. */
  prompt?: string;
  /** Not looked at. */
  responses?: ModelResponse[];
}

/** How to take one run back. */
export interface RewindEntry {
  /** The files as they were before; `null` where none was written. */
  fileSnapshots?: FileSnapshot[] | null;
  /** How many turns each history had before, as {@link SessionStore.appendHistories} told. */
  historyLengths?: Record<string, number>;
  /** The place of the run in {@link SessionMetadata.runs}. Default: that of the last one. */
  feedIndex?: number;
  prompt: string;
}

/** What taking a run back, or making it again, did. */
export interface RewindResult {
  /** What went wrong with the first file that failed, as ` (file restore warning: …)`; `""` where nothing did. */
  fileMsg: string;
  /** That of the entry. */
  feedIndex: number;
  /** The run's note now; `""` where there is no such run. */
  note: string;
}

/** A run that was cut short, to be gone on with. */
export interface Checkpoint {
  prompt: string;
  timestamp: string;
  adapterIds: string[];
  responses: ResponseSnapshot[];
  verbose: boolean;
}

/** How far a model came with its answer. */
export interface ResponseSnapshot {
  modelId: string;
  text?: string;
  latencyMs?: number;
  inputTokens?: number;
  outputTokens?: number;
  reasoningTokens?: number;
  costUsd?: number;
  proposedWrites?: FileWrite[];
  toolCalls?: Record<string, number> | null;
  error?: string;
  /** Whether it was cut short. */
  interrupted?: boolean;
  /** Whether there is nothing left to do. */
  completed?: boolean;
}

/** What was used. */
export interface ModelUsage {
  /** How many runs it is of. */
  runs: number;
  inputTokens: number;
  outputTokens: number;
  /** Of the input tokens. */
  cachedTokens: number;
  /** Of the output tokens. */
  reasoningTokens: number;
  /** In US dollars. */
  costUsd: number;
}

/** What was used by several models. */
export interface UsageByModel {
  total: ModelUsage;
  models: Record<string, ModelUsage>;
}

/** What one token costs, in US dollars for a million of them. */
export interface ModelPrice {
  input: number;
  output: number;
  /** Of input tokens that the provider had already. Default: as `input`. */
  cachedInput?: number | null;
  /** Of output tokens that are reasoning. Default: as `output`. */
  reasoning?: number | null;
}

/** What an agent works with. What is left out is not set. Durations are as Go prints them, such as `"1m30s"`. */
export interface Recipe {
  /** The version of the format; markdown has to have 1. */
  version?: number;
  name?: string;
  models?: string[];
  systemPrompt?: string;
  /** `null` stands for all tools there are. */
  tools?: {
    /** An empty list is one of no tools. */
    allowlist?: string[];
    /** What commands of `bash` have to begin with. */
    bashPrefixes?: string[];
    /** When to use tools, by their names. */
    guidance?: Record<string, string>;
  } | null;
  mcpServers?: { name: string; command: string }[];
  modelParams?: { temperature?: number | null; maxTokens?: number | null; seed?: number | null };
  constraints?: { maxSteps?: number; timeout?: string; bashTimeout?: string };
  context?: {
    maxHistoryTurns?: number;
    strategy?: "auto_compact" | "manual" | "off" | null;
    /** Above 0, up to 1. */
    compactThreshold?: number;
    taskMode?: "independent" | "sequential" | null;
  };
  subAgent?: { model?: string; maxDepth?: number | null; tools?: string };
  sandbox?: {
    filesystem?: "unrestricted" | "project_only" | "read_only" | null;
    network?: "full" | "none" | null;
    allowLocalFetch?: boolean;
  };
  tasks?: string[];
  successCriteria?: string[];
  metadata?: {
    name?: string;
    description?: string;
    tags?: string[];
    author?: string;
    version?: string;
    extends?: string;
    contribute?: boolean;
    projectRoot?: string;
  };
  toolDescriptions?: Record<string, string>;
  subAgentModes?: Record<string, string>;
  systemReminders?: { name: string; trigger?: string; content?: string }[];
  hooks?: {
    name: string;
    event?: string;
    matcher?: string;
    action?: string;
    command?: string;
    timeout?: string;
    injectOutput?: boolean;
  }[];
  summarizationPrompt?: string;
  outputProcessing?: Record<
    string,
    { maxLines?: number; maxTokens?: number; truncation?: "head" | "tail" | "head_tail" | null; truncationMessage?: string }
  >;
  modelProfiles?: Record<
    string,
    { contextBudget?: number; toolFormat?: string; systemRole?: boolean | null; midConvoSystem?: boolean | null }
  >;
  /** The sections that the markdown had, in lower case; `null` where the recipe does not come from markdown. */
  sectionsPresent?: string[] | null;
}

/** What of a recipe changes how models work, with the tools of the last run. */
export interface RecipeSnapshot {
  version?: number;
  name: string;
  systemPrompt?: string;
  toolGuidance?: Record<string, string>;
  tools?: string[];
  bashPrefixes?: string[];
  toolDescriptions?: Record<string, string>;
  constraints?: { maxSteps?: number; timeout?: string };
  modelParams?: { temperature?: number; maxTokens?: number; seed?: number };
  context?: { maxHistoryTurns?: number; strategy?: string; compactThreshold?: number; taskMode?: string };
  systemReminders?: { name: string; trigger?: string; content?: string }[];
  outputProcessing?: Record<
    string,
    { maxLines?: number; maxTokens?: number; truncation?: string; truncationMessage?: string }
  >;
  summarizationPrompt?: string;
  modelProfiles?: Record<
    string,
    { contextBudget?: number; toolFormat?: string; systemRole?: boolean; midConvoSystem?: boolean }
  >;
}
