// What has to happen to messages, and to files of them, on the JavaScript side of the boundary.
import { Copier, Lines, bound, eachItem, importTextOf, kindOf, mistake, optionsOf, MAX_BATCH_BYTES } from "./boundary.js";

/** How many parts the unit of a cost is counted in: usage::NANOS. */
const NANOS = 1e9;
const MAX_REASON = 10_000;
const FOLDER = "conversations";
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
  if (kind === "lines") return [await textOf(source)];
  return filesOf(kind === "files" ? source : await readFrom(source));
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

async function textOf(source) {
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

/** Writes files below a directory, the index as the last one. */
export async function writeTo(directory, files) {
  for (const [path, text] of [...files].reverse()) {
    const names = path.split("/");
    const folder = names.length > 1 ? await directory.getDirectoryHandle(names[0], { create: true }) : directory;
    const writable = await (await folder.getFileHandle(names.at(-1), { create: true })).createWritable();
    await writable.write(text);
    await writable.close();
  }
}

/** The files of a store below a directory. */
async function readFrom(directory) {
  const files = [];
  let total = 0;
  const add = async (folder, prefix) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === "file" && name.endsWith(".json")) {
        const file = await handle.getFile();
        bound("the directory", (total += file.size), MAX_BATCH_BYTES);
        files.push([prefix + name, await file.text()]);
      } else if (handle.kind === "directory" && name === FOLDER && !prefix) {
        await add(handle, `${name}/`);
      }
    }
  };
  await add(directory, "");
  return files;
}
