// What the stores need on the JavaScript side beyond the boundary: messages, files of them, and walks through pages.
import { Copier, Lines, bound, eachItem, importTextOf, isPlain, kindOf, makeError, mistake, optionsOf, textOf, valueOf, MAX_BATCH_BYTES } from "./boundary.js";

/** How many parts the unit of a cost is counted in: usage::NANOS. */
const NANOS = 1e9;
const MAX_REASON = 10_000;
const PROVIDER_MS = 120_000;
const FOLDER = "conversations";
const KEYS = ".keys.json";
const COUNTS = ["inputTokens", "outputTokens", "cachedInputTokens", "reasoningTokens"];

/** The JSON text of a message's content, or of a piece of it. */
export function contentOf(value, name) {
  return new Copier().jsonOf(value, name);
}

/** A message as a JSON list: content, role, id, metadata, time, usage. */
export function messageOf(content, options, operation) {
  const role = operation === "beginMessage" ? "assistant" : "user";
  return lineOf(new Copier(), content, { role, ...optionsOf(options, operation) }, "content");
}

/** As many messages as have `max` tokens together by the caller's count, the nearest first. */
export async function withinTokens(fetch, limit, max, count, goesUp) {
  const messages = [];
  let left = max;
  let cursor;
  const page = (isLast) => ({ messages: goesUp ? messages.reverse() : messages, isLast });
  for (;;) {
    const [items, isLast, end] = await fetch(cursor);
    for (const [at, item] of items.entries()) {
      const tokens = await count(item);
      if (!(tokens >= 0)) throw mistake("INVALID_ARGUMENT", `getMessages: countTokens has to give a number from 0, not ${kindOf(tokens)}`);
      if (tokens > left) return page(false);
      left -= tokens;
      messages.push(item);
      if (messages.length === limit) return page(isLast && at === items.length - 1);
    }
    if (isLast) return page(true);
    cursor = end;
  }
}

/** Why something failed, of what was thrown. */
export function reasonOf(thrown) {
  const reason = String(thrown?.message ?? thrown).slice(0, MAX_REASON);
  // A lone surrogate would end in the middle of it otherwise.
  return new TextDecoder().decode(new TextEncoder().encode(reason));
}

/** Such lists of many messages, one a line. */
export function messagesOf(messages) {
  if (typeof messages === "string" || typeof messages?.[Symbol.iterator] !== "function") {
    throw mistake("INVALID_ARGUMENT", `messages have to be an iterable of messages, not ${kindOf(messages)}`);
  }
  const lines = new Lines();
  const copier = new Copier();
  let total = 0;
  let index = 0;
  for (const message of messages) {
    const name = `messages[${index++}]`;
    const { content, ...options } = optionsOf(message, "addMessages", name);
    const line = lineOf(copier, content, options, () => `${name}.content`);
    bound("messages", (total += line.length), MAX_BATCH_BYTES);
    lines.add(line);
  }
  return lines.bytes;
}

function lineOf(copier, content, options, name) {
  const { role = "user", id = null, metadata = null, createdAt = null, usage } = options;
  const time = createdAt instanceof Date ? createdAt.toISOString() : createdAt;
  const said = copier.jsonOf(content, name);
  const described = metadata === null ? "null" : copier.jsonOf(metadata, "metadata");
  return `[${said},${JSON.stringify(role)},${JSON.stringify(id)},${described},${JSON.stringify(time)},${JSON.stringify(usageOf(usage))}]`;
}

/** What was used, as whole numbers: the counts of tokens, and the cost in billionths; null where nothing is said. */
export function usageOf(usage) {
  if (usage === undefined || usage === null) return null;
  const { cost = 0, ...counts } = optionsOf(usage, "usage");
  return [...COUNTS.map((name) => counts[name] ?? 0), Math.round(cost * NANOS)];
}

/** The texts of an import: of files their paths and texts by turns, of lines one text, whatever pieces it comes in. */
export async function gathered(source, kind) {
  if (kind === "lines") return [await linesOf(source)];
  return filesOf(kind === "files" ? source : await readFrom(source, kind));
}

/** Files are given as an object, a Map or an iterable of pairs. */
function filesOf(files) {
  const flat = [];
  let total = 0;
  eachItem(files, "files", (path, text) => {
    flat.push(importTextOf(path, "paths"), importTextOf(text, "the texts of files"));
    bound("files", (total += path.length + text.length), MAX_BATCH_BYTES);
  });
  return flat;
}

async function linesOf(source) {
  if (typeof source === "string" || !(source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator])) {
    return importTextOf(source, "lines");
  }
  let text = "";
  for await (const piece of source) {
    if (typeof piece !== "string") throw mistake("INVALID_ARGUMENT", `lines have to be strings, not ${kindOf(piece)}`);
    bound("the text", (text += piece).length, MAX_BATCH_BYTES);
  }
  return importTextOf(text, "lines");
}

/** Writes files below a directory, the first as the last one: that is an index. What an older export says of names must not stay where `namesKeys`. */
export async function writeTo(directory, files, namesKeys) {
  if (namesKeys && !files.has(KEYS)) await directory.removeEntry(KEYS).catch(() => {});
  for (const [path, text] of [...files].reverse()) {
    const names = path.split("/");
    const file = names.pop();
    let folder = directory;
    for (const name of names) folder = await folder.getDirectoryHandle(name, { create: true });
    // What a session does not have any more must not come back with a later import.
    const stale = file === "session_metadata.json" ? ["checkpoint.json", "recipe.md"] : [];
    for (const name of stale) if (!files.has([...names, name].join("/"))) await folder.removeEntry(name).catch(() => {});
    const writable = await (await folder.getFileHandle(file, { create: true })).createWritable();
    await writable.write(text);
    await writable.close();
  }
}

/** The files of a store below a directory: of conversations, or of a tree of any depth, which has others too where they are of sessions. */
async function readFrom(directory, kind) {
  const isTree = kind !== "directory";
  const wanted = kind === "sessions" ? /^((session_metadata|session_content|checkpoint|agent_datastore|configs)\.json|prompt_history\.jsonl|recipe\.md)$/ : /\.json$/;
  const files = [];
  let total = 0;
  const add = async (folder, prefix) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === "file" && wanted.test(name)) {
        const file = await handle.getFile();
        bound("the directory", (total += file.size), MAX_BATCH_BYTES);
        files.push([prefix + name, await file.text()]);
      } else if (handle.kind === "directory" && (isTree || (name === FOLDER && !prefix))) {
        await add(handle, `${prefix}${name}/`);
      }
    }
  };
  await add(directory, "");
  return files;
}

/** The bytes of a zip archive to import. */
export async function bytesOf(source) {
  const blob = source instanceof ArrayBuffer || ArrayBuffer.isView(source) ? new Blob([source]) : source;
  if (!(blob instanceof Blob)) throw mistake("INVALID_ARGUMENT", `the archive has to be a Blob or bytes, not ${kindOf(source)}`);
  bound("the archive", blob.size, MAX_BATCH_BYTES);
  return new Uint8Array(await blob.arrayBuffer());
}

export function zipOf(bytes) {
  return new Blob([bytes], { type: "application/zip" });
}

function through(Stream, data) {
  if (typeof Stream !== "function") throw makeError("UNAVAILABLE", "this browser has no compression", false, false);
  return new Blob([data]).stream().pipeThrough(new Stream("gzip"));
}

/** Texts as gzip streams. */
export async function gzipped(texts) {
  const streams = [];
  for (const text of texts) {
    const stream = new Response(through(globalThis.CompressionStream, text));
    streams.push(new Uint8Array(await stream.arrayBuffer()));
  }
  return streams;
}

/** The text of a gzip stream, which has so many bytes and no more. */
export async function gunzipped(path, stream, length) {
  const reader = through(globalThis.DecompressionStream, stream).getReader();
  const bytes = new Uint8Array(length);
  try {
    for (let at = 0; ; ) {
      const { done, value } = await reader.read();
      if (done) return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      // Throws where it is more than was said.
      bytes.set(value, at);
      at += value.length;
    }
  } catch (cause) {
    reader.cancel(cause).catch(() => {});
    throw makeError("INVALID_DOCUMENT", `${path} is damaged, or not UTF-8`, false, true, cause);
  }
}

/**
 * Lets nobody have to wait for a save: one that fails is told once, and is no unhandled rejection. Who waits for the promise gets the
 * error too.
 */
export function reported(saving, onError, key, path) {
  saving.catch((error) => {
    if (onError) onError(error, { key, path });
    else console.error(`agent-datastore: saving ${JSON.stringify(key)} failed`, error);
  });
}

/** The same of a change of a session; where nobody wants to be told, its promise is like any other. */
export function warned(changing, onWarning, method, sessionId) {
  if (onWarning) changing.catch((error) => onWarning(error, { method, sessionId }));
}

/** Notes events by model, and hands them on. */
export function collecting(events, onEvent) {
  return (modelId, event) => {
    if (!events.has(modelId)) events.set(modelId, []);
    events.get(modelId).push({ type: event.type, data: event.data });
    onEvent?.(modelId, event);
  };
}

/** Calls a caller's own file operation. */
export async function callFiles(files, operation, path, content) {
  return inTime(files[operation](path, content));
}

/** The JSON text of a conversation's record. Dates become texts; what JSON cannot hold is refused, not left out. */
function recordOf(record) {
  if (typeof record !== "object" || record === null) throw mistake("INVALID_ARGUMENT", `a record has to be an object, not ${kindOf(record)}`);
  function checked(name, value) {
    const isJson =
      typeof value === "number"
        ? Number.isFinite(value)
        : value === undefined
          ? !Array.isArray(this)
          : typeof value === "object"
            ? value === null || Array.isArray(value) || isPlain(value)
            : typeof value === "string" || typeof value === "boolean";
    if (isJson) return value;
    throw mistake("INVALID_DOCUMENT", `${name} is ${typeof value === "number" ? value : kindOf(value)}, which JSON cannot hold`);
  }
  try {
    return importTextOf(JSON.stringify(record, checked), "a record");
  } catch (cause) {
    throw cause?.code ? cause : makeError("INVALID_DOCUMENT", "a record is not JSON", false, true, cause);
  }
}

export function recordsOf(records) {
  if (typeof records?.[Symbol.iterator] !== "function") throw mistake("INVALID_ARGUMENT", `records have to be an iterable, not ${kindOf(records)}`);
  let total = 0;
  return Array.from(records, (record) => {
    const text = recordOf(record);
    bound("records", (total += text.length), MAX_BATCH_BYTES);
    return text;
  });
}

export function hasOperation(provider, operation) {
  try {
    return typeof provider[operation] === "function";
  } catch {
    return false;
  }
}

/**
 * Calls an operation of a provider. Where records are given they are JSON texts, of which it gets the values; what it gives becomes
 * such texts, or ids, or undefined where it is nothing.
 */
export async function callProvider(provider, operation, given) {
  const records = Array.isArray(given) ? given.map(valueOf) : undefined;
  const found = await inTime(provider[operation]?.(records ? (operation === "saveStore" ? records : records[0]) : given));
  if (operation === "listConversationIds") return Array.from(found, (id) => textOf(id, "an id"));
  if (!operation.startsWith("load") || (found ?? null) === null) return undefined;
  return recordsOf(operation === "loadStore" ? found : [found]);
}

/** Nothing waits for ever, not for somebody else's server either. */
async function inTime(answer) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(makeError("TIMEOUT", `no answer within ${PROVIDER_MS / 1000} seconds`, true, false)), PROVIDER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Walks pages; `fetch` gives the page after a cursor, whether it is the last one, and the cursor of its end. */
export async function* walk(fetch, signal) {
  let cursor;
  for (;;) {
    signal?.throwIfAborted();
    const [items, isLast, end] = await fetch(cursor);
    for (const item of items) {
      signal?.throwIfAborted();
      yield item;
    }
    if (isLast) return;
    cursor = end;
  }
}

/** Tells a listener of an event, when nothing else is going on. What it throws is its own. */
export function tell(listener, type, message) {
  queueMicrotask(() => listener({ type, message }));
}
