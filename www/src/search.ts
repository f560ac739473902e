import type { AgentDataStore, Json } from "agent-datastore";
import { type Snippet, snippetAround } from "./snippet";

export interface Hit {
  namespace: string;
  key: string;
  /** Set where the key matches. */
  inKey: Snippet | null;
  /** The first match in the content. */
  inContent: Snippet | null;
  /** Matches in the content. */
  matches: number;
}

/** Ignores case without changing the length of the text, so that positions stay true. */
export function patternOf(query: string): RegExp {
  return new RegExp(query.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&"), "giu");
}

/** The text in which a value is searched: a string as it is, anything else as JSON. */
const contentOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

function cutFirst(text: string, pattern: RegExp, before: number): Snippet | null {
  const [first] = text.matchAll(pattern);
  return first ? snippetAround(text, first.index, first.index + first[0].length, before, 160) : null;
}

function countMatches(text: string, pattern: RegExp): number {
  let matches = 0;
  for (const _match of text.matchAll(pattern)) matches += 1;
  return matches;
}

export function matchRecord(pattern: RegExp, namespace: string, key: string, value: Json): Hit | null {
  const content = contentOf(value);
  const inKey = cutFirst(key, pattern, key.length);
  const inContent = cutFirst(content, pattern, 24);
  if (!inKey && !inContent) return null;
  return { namespace, key, inKey, inContent, matches: inContent ? countMatches(content, pattern) : 0 };
}

export interface Found {
  namespace: string;
  key: string;
  value: Json;
}

/** Walks the records of the namespaces. */
export async function* recordsOf(
  store: AgentDataStore,
  namespaces: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Found, void> {
  for (const namespace of namespaces) {
    for await (const [key, value] of store.useNamespace(namespace).entries({ signal })) yield { namespace, key, value };
  }
}

/** Walks the records of the namespaces, and yields for each record its hit or null. */
export async function* search(
  store: AgentDataStore,
  namespaces: readonly string[],
  query: string,
  signal: AbortSignal,
): AsyncGenerator<Hit | null, void> {
  const pattern = patternOf(query);
  for await (const { namespace, key, value } of recordsOf(store, namespaces, signal)) {
    yield matchRecord(pattern, namespace, key, value);
  }
}
