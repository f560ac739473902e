import type { AgentDataStore, Json } from "agent-datastore";
import { cutAt } from "../cut";
import { prettyJson } from "../json";
import { languageOf } from "../language";
import { recordsOf } from "../search";
import { patternOfWords, stemOf } from "./words";

/** A part of a document that has words of the question. */
export interface Passage {
  namespace: string;
  key: string;
  /** The line of the document that it begins on, from 1. */
  line: number;
  text: string;
  /** Whether it has to be read as code rather than as prose. */
  isCode: boolean;
}

interface Candidate extends Passage {
  /** How often it has each word; the key counts too. */
  counts: ReadonlyMap<string, number>;
}

const PROSE = new Set(["Markdown", "Text", "reStructuredText"]);

const SPAN = 320;
const LONGEST = 480;
const MOST_MATCHES = 500;
/** What fits so much less than the best says nothing beside it. */
const LEAST_OF_BEST = 0.4;
/** How much it takes before another one of the same word says little. */
const SATURATION = 1.5;
const KEY_WEIGHT = 3;

interface Match {
  at: number;
  end: number;
  word: string;
}

function matchesIn(text: string, pattern: RegExp): Match[] {
  const found: Match[] = [];
  for (const match of text.matchAll(pattern)) {
    found.push({ at: match.index, end: match.index + match[0].length, word: stemOf(match[0]) });
    if (found.length === MOST_MATCHES) break;
  }
  return found;
}

/** The matches that lie near each other and have the most different words. */
function densest(matches: readonly Match[]): { from: number; to: number } {
  let best = { from: 0, to: 0, words: 0 };
  matches.forEach(({ at }, first) => {
    const near = matches.slice(first, first + 40).filter((match) => match.at - at < SPAN);
    const words = new Set(near.map(({ word }) => word)).size;
    const last = near.at(-1);
    if (words > best.words && last) best = { from: at, to: last.end, words };
  });
  return best;
}

/** Whole lines around a place, as far as they are not too long. */
function cutPassage(text: string, from: number, to: number): { line: number; text: string } {
  if (text.length <= LONGEST) return { line: 1, text: text.replace(/^\s*\n|\s+$/gu, "") };
  const lineStart = text.lastIndexOf("\n", from - 1) + 1;
  const start = from - lineStart > 120 ? cutAt(text, from - 80) : lineStart;
  const next = text.indexOf("\n", Math.max(to, Math.min(start + SPAN, text.length)));
  const lineEnd = next === -1 ? text.length : next;
  const end = cutAt(text, Math.min(lineEnd, start + LONGEST));
  const cut = text.slice(start, end).replace(/\s+$/u, "");
  const line = text.slice(0, start).split("\n").length;
  return { line, text: `${start > lineStart ? "…" : ""}${cut}${end < lineEnd ? "…" : ""}` };
}

/** What of a record can be quoted. */
const textOfValue = (value: Json): string => (typeof value === "string" ? value : prettyJson(value));

function candidateOf(namespace: string, key: string, value: Json, pattern: RegExp): Candidate | null {
  const text = textOfValue(value);
  const inText = matchesIn(text, pattern);
  const inKey = matchesIn(key, pattern);
  if (inText.length === 0 && inKey.length === 0) return null;
  const counts = new Map<string, number>();
  for (const { word } of inText) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const { word } of inKey) counts.set(word, (counts.get(word) ?? 0) + KEY_WEIGHT);
  const { from, to } = densest(inText);
  const isCode = typeof value !== "string" || !PROSE.has(languageOf(key, value));
  return { namespace, key, ...cutPassage(text, from, to), isCode, counts };
}

/** Words that few documents have count for more than those that many have. */
function ranked(candidates: readonly Candidate[], looked: number): Candidate[] {
  const holders = new Map<string, number>();
  for (const { counts } of candidates) for (const word of counts.keys()) holders.set(word, (holders.get(word) ?? 0) + 1);
  const scoreOf = ({ counts }: Candidate): number => {
    let sum = 0;
    for (const [word, count] of counts) {
      sum += Math.log(1 + looked / (holders.get(word) ?? 1)) * (count / (count + SATURATION));
    }
    return sum;
  };
  const scored = candidates.map((candidate) => ({ candidate, score: scoreOf(candidate) }));
  scored.sort((a, b) => b.score - a.score);
  const least = LEAST_OF_BEST * (scored[0]?.score ?? 0);
  return scored.filter(({ score }) => score >= least).map(({ candidate }) => candidate);
}

/** Summaries of files would only repeat what the files say. */
function worthReading(namespaces: readonly string[]): string[] {
  const isSummary = (name: string): boolean =>
    name.startsWith("summary:") && namespaces.includes(name.replace(/^summary:/u, "files:"));
  return namespaces.filter((name) => !isSummary(name));
}

/** The documents of a user that the agent reads. */
export async function documentNamespaces(store: AgentDataStore): Promise<string[]> {
  return worthReading(await store.listNamespaces());
}

/** The passages that fit the words best, of as many documents, and how many documents were looked at. */
export async function findPassages(
  store: AgentDataStore,
  words: readonly string[],
  most: number,
  signal: AbortSignal,
): Promise<{ passages: Passage[]; looked: number }> {
  const pattern = patternOfWords(words);
  const candidates: Candidate[] = [];
  let looked = 0;
  for await (const { namespace, key, value } of recordsOf(store, await documentNamespaces(store), signal)) {
    looked += 1;
    const candidate = candidateOf(namespace, key, value, pattern);
    if (candidate) candidates.push(candidate);
  }
  const passages = ranked(candidates, looked)
    .slice(0, most)
    .map(({ namespace, key, line, text, isCode }) => ({ namespace, key, line, text, isCode }));
  return { passages, looked };
}
