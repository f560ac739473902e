import type { FileWrite, Recipe, Turn } from "agent-datastore";
import { counted } from "../format";
import { countLines } from "../summary";
import { tokensOf } from "../tokens";
import { propose } from "./writer";

/** What a model is given. */
export interface Task {
  prompt: string;
  /** The texts of the session's files by path. */
  files: ReadonlyMap<string, string>;
  history: readonly Turn[];
  recipe: Recipe | null;
}

/** What a model will say, whole. */
export interface Draft {
  text: string;
  writes: FileWrite[];
  toolCalls: Record<string, number>;
  /** Why it fails after it has said that; `""` where it does not. */
  error: string;
}

interface Price {
  /** In US dollars for a million tokens; those that the model knew already cost a tenth. */
  input: number;
  output: number;
}

export interface Model {
  id: string;
  about: string;
  price: Price;
  answer(task: Task): Draft;
}

const WRITING_TOOLS = ["write_file", "edit_file"];
const KNOWN_INPUT = 0.1;
const MILLION = 1_000_000;

/** The tools that a recipe leaves to the models; all of these without a list. */
export const toolsOf = (recipe: Recipe | null): string[] => recipe?.tools?.allowlist ?? ["list_directory", "read_file", ...WRITING_TOOLS];

const mayWrite = (task: Task): boolean => toolsOf(task.recipe).some((tool) => WRITING_TOOLS.includes(tool));

function draftOf(task: Task, isTerse: boolean): Draft {
  if (!mayWrite(task)) return { text: "The recipe gives me no tool to write files with, so I can only read.", writes: [], toolCalls: {}, error: "" };
  const { text, writes } = propose(task.prompt, task.files, isTerse);
  return { text, writes, toolCalls: { read_file: 1, ...(writes.length > 0 ? { write_file: writes.length } : {}) }, error: "" };
}

function review({ files, history }: Task): Draft {
  const lines = Array.from(files.values()).reduce((sum, text) => sum + countLines(text), 0);
  const seen = files.size === 0 ? "There are no files yet" : `I read ${counted(files.size, "file")} with ${counted(lines, "line")}`;
  const asked = history.length / 2;
  const before = asked < 1 ? "This is the first that you ask me." : `You asked me ${counted(Math.floor(asked), "time")} before.`;
  const text = `${seen}. ${before} I would do it in small steps, look at each difference, and go back where one was wrong.`;
  return { text, writes: [], toolCalls: { list_directory: 1 }, error: "" };
}

function unsteady(task: Task): Draft {
  const draft = draftOf(task, true);
  if (task.prompt.length % 2 === 0) return draft;
  return { ...draft, text: "I begin, but", writes: [], error: "The model is overloaded." };
}

/** The models of the demo: rules that run in this page, and answer the same to the same. */
export const MODELS: readonly Model[] = [
  { id: "writer", about: "writes files", price: { input: 3, output: 15 }, answer: (task) => draftOf(task, false) },
  { id: "reviewer", about: "only reads", price: { input: 0.8, output: 4 }, answer: review },
  { id: "unsteady", about: "writes tersely, fails at prompts of an odd length", price: { input: 0.2, output: 0.8 }, answer: unsteady },
];

export const modelOf = (id: string): Model | undefined => MODELS.find((model) => model.id === id);

export interface Tokens {
  inputTokens: number;
  /** Of the input tokens: what was said before. */
  cachedTokens: number;
}

/** What a model has to read before it answers. */
export function readBy({ prompt, files, history, recipe }: Task): Tokens {
  const cachedTokens = tokensOf(history.map(({ content }) => content).join(""));
  const anew = tokensOf([recipe?.systemPrompt ?? "", prompt, ...files.values()].join(""));
  return { inputTokens: anew + cachedTokens, cachedTokens };
}

export function costOf({ price }: Model, { inputTokens, cachedTokens }: Tokens, outputTokens: number): number {
  const read = inputTokens - cachedTokens * (1 - KNOWN_INPUT);
  return (read * price.input + outputTokens * price.output) / MILLION;
}
