import type { Json, JsonObject } from "agent-datastore";

/** An integer that `JSON.parse` would change without a word, or null. Where the engine does not tell, null. */
function changedInteger(text: string): string | null {
  let changed: string | null = null;
  JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value === "number" && source !== undefined && /^-?\d+$/u.test(source)) {
      if (!Number.isFinite(value) || BigInt(source) !== BigInt(value)) changed ??= source;
    }
    return value;
  });
  return changed;
}

/** Parses JSON, refusing what JavaScript could not keep. Throws an `Error` that a person can read. */
export function parseJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, "")) as Json;
  } catch (error) {
    throw new Error(`Not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const changed = changedInteger(text.replace(/^\uFEFF/u, ""));
  if (changed !== null) throw new Error(`The number ${changed} has more digits than JavaScript keeps. Write it as text.`);
  return value;
}

export function parseJsonObject(text: string): JsonObject {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("Metadata has to be a JSON object, such as {\"source\": \"me\"}.");
  }
  return value;
}

export function prettyJson(value: Json): string {
  return JSON.stringify(value, null, 2);
}
