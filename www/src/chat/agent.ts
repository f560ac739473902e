import type { AgentDataStore, JsonObject } from "agent-datastore";
import { counted, formatCount } from "../format";
import { documentNamespaces, findPassages, type Passage } from "./passages";
import { wordsOf } from "./words";

/** What the agent says to a question. */
export interface Answer {
  text: string;
  /** For the message that says it: the passages as `sources`, and what the page may offer. */
  metadata: JsonObject;
  /** The question and what was found, which is what a model would have had to read. */
  read: string;
}

const MOST_PASSAGES = 3;

/** A fence that the text does not have. */
function fenceFor(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/gu), ([run]) => run.length));
  return "`".repeat(longest + 1);
}

function quoted({ text, isCode }: Passage): string {
  if (!isCode) return text.replace(/^/gmu, "> ");
  const fence = fenceFor(text);
  return `${fence}\n${text}\n${fence}`;
}

/** A name between backticks, which it then may not have itself. */
const named = (name: string): string => (name === "" || name.includes("`") ? `“${name}”` : `\`${name}\``);

function quote(passage: Passage): string {
  const line = passage.line > 1 ? `, line ${formatCount(passage.line)}` : "";
  return `${named(passage.key)} in ${passage.namespace}${line}\n${quoted(passage)}`;
}

/** Answers from the user's documents: finds the passages that have the words of the question, and quotes them. */
export async function answerTo(question: string, documents: AgentDataStore, signal: AbortSignal): Promise<Answer> {
  const namespaces = await documentNamespaces(documents);
  if (namespaces.length === 0) {
    const text = "I answer from your documents, and there are none yet. Load the sample to try it, or import a folder in the explorer.";
    return { text, metadata: { offer: "sample" }, read: question };
  }
  const words = wordsOf(question);
  if (words.length === 0) {
    const text = "Ask me with a few words that your documents may have; I look for them and quote the best passages.";
    return { text, metadata: {}, read: question };
  }
  const started = performance.now();
  const { passages, looked } = await findPassages(documents, words, MOST_PASSAGES, signal);
  const took = `${counted(looked, "document")} in ${formatCount(Math.max(1, Math.round(performance.now() - started)))} ms`;
  const asked = words.map((word) => `“${word}”`).join(", ");
  if (passages.length === 0) {
    const text = `I found nothing about ${asked}. I looked through ${took}, in ${namespaces.map(named).join(", ")}.`;
    return { text, metadata: {}, read: question };
  }
  const opening =
    passages.length === 1 ? `This document fits ${asked} best.` : `These passages fit ${asked} best.`;
  const text = [opening, ...passages.map(quote), `I looked through ${took}.`].join("\n\n");
  // The words are marked where the passages are shown.
  const sources = passages.map(({ namespace, key, line }) => ({ namespace, key, line }));
  return { text, metadata: { sources, words }, read: [question, ...passages.map((passage) => passage.text)].join("\n") };
}
