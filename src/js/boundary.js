// What has to happen on the JavaScript side of the boundary: values are checked here, before anything of them reaches
// WebAssembly, because a cyclic or very deep object that crosses as it is kills the instance.

const MAX_DEPTH = 100; // limits::MAX_DEPTH
const MAX_KEY_BYTES = 64 * 1024; // limits::MAX_KEY_BYTES
const MAX_VALUE_BYTES = 32 * 1024 * 1024; // limits::MAX_VALUE_BYTES
export const MAX_BATCH_BYTES = 128 * 1024 * 1024; // limits::MAX_BATCH_BYTES
const LARGE_BYTES = 256 * 1024;
const encoder = new TextEncoder();
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** An error as every caller sees it. */
export function makeError(code, message, retryable, callersMistake, cause, neededBytes, unknown) {
  const options = cause === undefined ? undefined : { cause };
  const error = callersMistake ? new TypeError(message, options) : new Error(message, options);
  if (!callersMistake) error.name = code === "KEY_NOT_FOUND" ? "KeyNotFound" : "StoreError";
  if (neededBytes !== undefined) error.neededBytes = neededBytes;
  if (unknown) error.outcome = "unknown";
  return Object.assign(error, { code, retryable });
}

export const mistake = (code, message) => makeError(code, message, false, true);

/** Where names would be made for every item of thousands, functions make them when they are needed. */
const said = (name) => (typeof name === "function" ? name() : name);

/** Refuses what is too large before it crosses: a text of `length` has at least as many bytes. */
export function bound(what, length, limit) {
  if (length > limit) throw makeError("LIMIT_EXCEEDED", `${said(what)} is over the limit of ${limit} bytes`, false, false);
}

const wellFormed =
  typeof String.prototype.isWellFormed === "function"
    ? (text) => text.isWellFormed()
    : (text) => !/[\uD800-\uDFFF]/u.test(text);

export function kindOf(value) {
  if (value === null) return "null";
  if (typeof value !== "object") return value === undefined ? "undefined" : `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name && name !== "Object" ? `an instance of ${name}` : "an object";
}

/** A key of a record. Names cross the boundary as slowly as values do, so the most frequent ones are here. */
export function keyOf(value) {
  return checkedText(value, "the key", "INVALID_KEY", MAX_KEY_BYTES);
}

/** A key, a user, a namespace: a string that UTF-8 can hold. */
export function textOf(value, name) {
  return checkedText(value, name, "INVALID_KEY", MAX_KEY_BYTES);
}

/** The name of a database. */
export function nameOf(value) {
  if (typeof value !== "string") throw mistake("INVALID_ARGUMENT", `the name has to be a string, not ${kindOf(value)}`);
  return textOf(value, "the name");
}

/** A text to import. */
export function importTextOf(value, name) {
  if (typeof value !== "string") throw mistake("INVALID_ARGUMENT", `${name} have to be a string, not ${kindOf(value)}`);
  return checkedText(value, "the text", "INVALID_DOCUMENT", MAX_BATCH_BYTES);
}

function checkedText(value, name, code, limit) {
  if (typeof value !== "string") throw mistake(code, `${said(name)} has to be a string, not ${kindOf(value)}`);
  bound(name, value.length, limit);
  if (!wellFormed(value)) throw mistake(code, `${said(name)} holds a lone surrogate, which no UTF-8 text can hold`);
  return value;
}

/** Such strings as lines. */
export function textsOf(values, name) {
  if (typeof values === "string" || typeof values?.[Symbol.iterator] !== "function") {
    throw mistake("INVALID_ARGUMENT", `${name} have to be an iterable of strings, not ${kindOf(values)}`);
  }
  let total = 0;
  const texts = Array.from(values, (value, index) => {
    const text = textOf(value, () => `${name}[${index}]`);
    bound(name, (total += text.length), MAX_BATCH_BYTES);
    return text;
  });
  return linesOf(texts);
}

/** Short texts in UTF-8, each with a line break behind it, and with none in it. One buffer crosses faster than many texts. */
function linesOf(texts) {
  const escaped = (text) => (/[\\\n]/.test(text) ? text.replace(/[\\\n]/g, (one) => (one === "\n" ? "\\n" : "\\\\")) : text);
  return encoder.encode(texts.map((text) => `${escaped(text)}\n`).join(""));
}

/**
 * Long texts without line breaks in UTF-8, each with a line break behind it. They are written into the buffer one by one: were
 * they joined, one that is not all Latin-1 would make the whole several times slower.
 */
export class Lines {
  #buffer = new Uint8Array(16 * 1024);
  #length = 0;

  add(text) {
    if (text.length > LARGE_BYTES) {
      const bytes = encoder.encode(text);
      this.#reserve(bytes.length + 1);
      this.#buffer.set(bytes, this.#length);
      this.#length += bytes.length;
    } else {
      this.#reserve(text.length * 3 + 1);
      this.#length += encoder.encodeInto(text, this.#buffer.subarray(this.#length)).written;
    }
    this.#buffer[this.#length++] = 10;
  }

  get bytes() {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes) {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}

/** The JSON text of a value that comes back equal. */
export function jsonOf(value) {
  return new Copier().jsonOf(value, "value");
}

/** The JSON text of what records are asked for by: what is undefined there must not widen it. */
export function queryOf(value, name) {
  return new Copier().jsonOf(value, name, true);
}

export function metadataOf(value) {
  return new Copier().jsonOf(value, "metadata");
}

/** The JSON texts of values, as lines. */
export function valuesOf(values, name) {
  if (typeof values === "string" || typeof values?.[Symbol.iterator] !== "function") {
    throw mistake("INVALID_ARGUMENT", `${name} have to be an iterable of values, not ${kindOf(values)}`);
  }
  const lines = new Lines();
  const copier = new Copier();
  let total = 0;
  for (const value of values) {
    const json = copier.jsonOf(value, name);
    bound(name, (total += json.length), MAX_BATCH_BYTES);
    lines.add(json);
  }
  return lines.bytes;
}

/** The JSON text of what a function makes of a value; undefined, where there is none. */
export function changed(change, json) {
  const value = change(json === undefined ? undefined : valueOf(json));
  if (typeof value?.then === "function") throw mistake("INVALID_VALUE", "the new value is a promise; an update has to give the value itself");
  return jsonOf(value);
}

/** The keys as lines, and the JSON texts of their values: lines without more ado, for JSON escapes line breaks. */
export function itemsOf(items) {
  const keys = [];
  const values = new Lines();
  const copier = new Copier();
  let total = 0;
  const add = (key, value) => {
    const text = textOf(key, "a key of items");
    const json = copier.jsonOf(value, () => `items[${JSON.stringify(text)}]`);
    bound("items", (total += text.length + json.length), MAX_BATCH_BYTES);
    keys.push(text);
    values.add(json);
  };
  eachItem(items, "items", add);
  return [linesOf(keys), values.bytes];
}

/** Hands out the pairs of an object, a Map or an iterable of pairs. */
export function eachItem(items, name, add) {
  if (typeof items?.[Symbol.iterator] === "function" && typeof items !== "string") {
    for (const pair of items) {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw mistake("INVALID_ARGUMENT", `${name} have to be pairs, not ${kindOf(pair)}`);
      }
      add(pair[0], pair[1]);
    }
  } else if (isPlain(items)) {
    for (const key of Object.keys(items)) add(key, items[key]);
  } else {
    throw mistake("INVALID_ARGUMENT", `${name} have to be an object, a Map or an iterable of pairs, not ${kindOf(items)}`);
  }
}

export function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // A plain object of another realm, such as an iframe, has that realm's Object.prototype.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/**
 * Makes a plain copy of a value, or throws a TypeError that names the first place that is not JSON. Every part is read
 * once: what a getter or a proxy would give the next time does not matter, and no `toJSON` is called.
 */
export class Copier {
  #name;
  #path = [];
  #parents = [];
  #bytes = 0;
  /** The levels that the container at hand reaches. */
  #levels = 0;
  /** Whether a member that is undefined is refused, and not left out. */
  #isStrict;
  /** Containers that are done, with their copies: kept once a value is large, for one that is shared again and again. */
  #done;

  /** The JSON text of a value's copy. */
  jsonOf(value, name, isStrict = false) {
    this.#name = name;
    this.#isStrict = isStrict;
    this.#path.length = this.#parents.length = this.#bytes = this.#levels = 0;
    this.#done = undefined;
    return JSON.stringify(this.copy(value, 0));
  }

  copy(value, depth) {
    this.#grow(1);
    switch (typeof value) {
      case "string":
        this.#grow(value.length);
        if (!wellFormed(value)) this.#reject("holds a lone surrogate, which no UTF-8 text can hold");
        return value;
      case "boolean":
        return value;
      case "number":
        if (!Number.isFinite(value)) this.#reject(`is ${value}, which JSON cannot hold`);
        return value;
      case "object":
        return value === null ? null : this.#container(value, depth);
      default:
        return this.#reject(`is ${kindOf(value)}, which JSON cannot hold`);
    }
  }

  /** Counts the bytes that the text will have at least. Shared parts are written once for each place they stand in, so
   * that a small graph can be an endless text. */
  #grow(bytes) {
    this.#bytes += bytes;
    bound(this.#name, this.#bytes, MAX_VALUE_BYTES);
  }

  #container(value, depth) {
    if (depth === MAX_DEPTH) {
      const cycle = this.#parents.includes(value) || new Set(this.#parents).size < this.#parents.length;
      this.#reject(cycle ? "is part of a cycle" : `is nested deeper than ${MAX_DEPTH} levels`);
    }
    const done = this.#done?.get(value);
    if (done && depth + done.height <= MAX_DEPTH) {
      this.#grow(done.bytes);
      this.#levels = Math.max(this.#levels, depth + done.height);
      return done.copy;
    }
    const [bytes, levels] = [this.#bytes, this.#levels];
    this.#levels = depth + 1;
    this.#parents.push(value);
    const copy = Array.isArray(value) ? this.#array(value, depth) : this.#object(value, depth);
    this.#parents.pop();
    if (this.#bytes > LARGE_BYTES) {
      this.#done ??= new Map();
      this.#done.set(value, { copy, bytes: this.#bytes - bytes, height: this.#levels - depth });
    }
    this.#levels = Math.max(levels, this.#levels);
    return copy;
  }

  #array(array, depth) {
    const copy = [];
    for (let index = 0; index < array.length; index++) copy.push(this.#member(index, array[index], depth));
    return copy;
  }

  #object(object, depth) {
    if (!isPlain(object)) {
      const advice = object instanceof Date ? "; store its toISOString()" : "";
      this.#reject(`is ${kindOf(object)}, which JSON cannot hold${advice}`);
    }
    const copy = {};
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (!wellFormed(name)) this.#reject(`has the member ${JSON.stringify(name)}, whose name holds a lone surrogate`);
      if (value === undefined && !this.#isStrict) continue;
      this.#grow(name.length);
      const member = this.#member(name, value, depth);
      // Set like any other name, this one would change the prototype and not be a member.
      if (name === "__proto__") Object.defineProperty(copy, name, { value: member, enumerable: true });
      else copy[name] = member;
    }
    return copy;
  }

  #member(name, value, depth) {
    this.#path.push(name);
    const copy = this.copy(value, depth + 1);
    this.#path.pop();
    return copy;
  }

  #reject(reason) {
    let place = said(this.#name);
    for (const part of this.#path.slice(0, 12)) {
      const isName = typeof part === "string" && IDENTIFIER.test(part);
      place += isName ? `.${part}` : `[${JSON.stringify(part)}]`;
    }
    if (this.#path.length > 12) place += " …";
    throw mistake("INVALID_VALUE", `${place} ${reason}`);
  }
}

const oneOf = (...values) => ({
  test: (value) => values.includes(value),
  expected: values.map((value) => JSON.stringify(value)).join(" or "),
});
const TEXT = { test: (value) => typeof value === "string", expected: "a string", text: true };
const AGENT = { test: (value) => value === null || typeof value === "string", expected: "a string or null", text: true };
const FLAG = { test: (value) => typeof value === "boolean", expected: "a boolean" };
const WHOLE = { test: (value) => Number.isInteger(value) && value >= 1 && value < 2 ** 31, expected: "a whole number from 1" };
const COUNT = { test: (value) => Number.isSafeInteger(value) && value >= 0, expected: "a whole number from 0" };
const MILLISECONDS = { test: (value) => Number.isSafeInteger(value) && value >= 1, expected: "a whole number from 1" };
const ANY = { test: () => true };
const SIGNAL = { test: (value) => typeof value?.throwIfAborted === "function", expected: "an AbortSignal" };
const FUNCTION = { test: (value) => typeof value === "function", expected: "a function" };
const PROVIDER = {
  test: (value) => ["saveConversation", "loadConversation", "listConversationIds"].every((name) => typeof value?.[name] === "function"),
  expected: "an object with saveConversation, loadConversation and listConversationIds",
};
const FILES = {
  test: (value) => ["read", "write", "remove"].every((name) => typeof value?.[name] === "function"),
  expected: "an object with read, write and remove",
};
const TIME = {
  test: (value) => typeof value === "string" || (value instanceof Date && !Number.isNaN(value.getTime())),
  expected: "an ISO 8601 time or a Date",
};
const TEXT_OR_NULL = { ...AGENT };
const SPAN = { prefix: TEXT, start: TEXT, end: TEXT };
const isCursor = (value) => value === null || (typeof value === "string" && value.length <= 2 * MAX_KEY_BYTES);
const CURSOR = { test: isCursor, expected: "a cursor or null" };
const MESSAGE = { role: TEXT, id: TEXT, metadata: ANY, createdAt: TIME, usage: ANY };
const SET = { metadata: ANY, expiresInMs: MILLISECONDS, expiresAt: TIME };
const IMPORT = { existing: oneOf("refuse", "replace", "skip") };
const WATCH = { key: TEXT, keys: ANY, prefix: TEXT, where: ANY, signal: SIGNAL };
const FIND = { ...SPAN, where: ANY, orderBy: ANY };
const PLACE = { parentId: TEXT_OR_NULL, siblingOf: TEXT, createIfMissing: FLAG };

const OPTIONS = {
  open: {
    name: TEXT,
    backend: oneOf("indexeddb", "memory"),
    user: TEXT,
    agent: AGENT,
    durability: oneOf("relaxed", "strict"),
    trackAccess: FLAG,
    openTimeoutMs: WHOLE,
    callTimeoutMs: WHOLE,
    cacheBytes: WHOLE,
    unopenable: oneOf("fail", "next-generation"),
    onEvent: FUNCTION,
  },
  requestPersistence: { timeoutMs: WHOLE },
  dataStore: { user: TEXT, agent: AGENT, namespace: TEXT, trackAccess: FLAG, expiresInMs: MILLISECONDS },
  atomic: { user: TEXT, agent: AGENT, namespace: TEXT },
  saveSnapshot: { path: ANY, history: COUNT },
  set: SET,
  setBytes: { ...SET, type: TEXT, kind: oneOf("uint8array", "arraybuffer", "blob"), signal: SIGNAL, onProgress: FUNCTION },
  readBytes: { start: COUNT, end: COUNT, signal: SIGNAL },
  entries: { ...FIND, reverse: FLAG, limit: WHOLE, pageSize: WHOLE, signal: SIGNAL },
  list: { ...SPAN, limit: WHOLE, cursor: CURSOR, reverse: FLAG, keysOnly: FLAG },
  find: { ...FIND, limit: WHOLE, cursor: CURSOR, keysOnly: FLAG },
  explain: { ...FIND, limit: WHOLE, cursor: CURSOR, keysOnly: FLAG },
  createIndex: { covering: FLAG },
  count: SPAN,
  listNamespaces: { prefix: TEXT, delimiter: TEXT, depth: WHOLE, details: FLAG },
  watch: WATCH,
  subscribe: { ...WATCH, onError: FUNCTION },
  watchConversations: { ids: ANY, signal: SIGNAL },
  subscribeConversations: { ids: ANY, signal: SIGNAL, onError: FUNCTION },
  liveConversations: { ids: ANY },
  live: { key: TEXT, keys: ANY, prefix: TEXT, where: ANY },
  exportDocuments: { allNamespaces: FLAG },
  salvage: { user: TEXT, namespace: TEXT, openTimeoutMs: WHOLE, callTimeoutMs: WHOLE },
  importDocuments: { existing: oneOf("replace", "skip") },
  messageStore: { user: TEXT, provider: PROVIDER },
  createConversation: { id: TEXT, title: TEXT_OR_NULL, metadata: ANY, overwrite: FLAG },
  updateConversation: { title: TEXT, metadata: ANY, archived: FLAG },
  conversations: { archived: FLAG, pageSize: WHOLE, signal: SIGNAL },
  addMessage: { ...MESSAGE, ...PLACE },
  beginMessage: { ...MESSAGE, ...PLACE },
  addMessages: { content: ANY, ...MESSAGE },
  "the options of addMessages": { createIfMissing: FLAG },
  editMessage: { metadata: ANY },
  updateMessage: { metadata: ANY, usage: ANY },
  deleteMessage: { descendants: FLAG },
  getMessages: { before: TEXT, after: TEXT, from: oneOf("start", "end"), limit: WHOLE, maxBytes: WHOLE, maxTokens: COUNT, countTokens: FUNCTION },
  messages: { order: oneOf("oldest", "newest"), before: TEXT, after: TEXT, pageSize: WHOLE, signal: SIGNAL },
  search: { limit: WHOLE, conversationId: TEXT },
  addAction: { metadata: ANY, createIfMissing: FLAG },
  exportFiles: { ids: ANY },
  exportLines: { ids: ANY, signal: SIGNAL },
  importFiles: IMPORT,
  importLines: IMPORT,
  snapshotStore: { user: TEXT, path: ANY, history: COUNT, onError: FUNCTION },
  prune: { key: TEXT, keep: COUNT },
  importSnapshots: { ...IMPORT, keys: ANY },
  sessions: { user: TEXT, prices: ANY, onWarning: FUNCTION },
  session: { metadata: ANY, recipe: ANY },
  usageByDay: { from: TEXT, to: TEXT },
  persistRunState: { events: ANY, tools: ANY },
  files: { files: FILES },
  snapshotFiles: { files: FILES, workingDirectory: TEXT },
  fork: { run: COUNT, id: TEXT, title: TEXT },
  incrementalSaver: { verbose: FLAG },
  ending: { content: ANY, metadata: ANY, usage: ANY },
  usage: {
    inputTokens: COUNT,
    outputTokens: COUNT,
    cachedInputTokens: COUNT,
    reasoningTokens: COUNT,
    cost: { test: (value) => value >= 0 && value <= 9e6, expected: "a number from 0 to 9,000,000" },
  },
};

/** A copy of an operation's options, each checked; `undefined` counts as left out. */
export function optionsOf(options, operation, name = `the options of ${operation}`) {
  const checked = {};
  if (options === undefined) return checked;
  if (!isPlain(options)) throw mistake("INVALID_ARGUMENT", `${name} have to be an object, not ${kindOf(options)}`);
  const known = OPTIONS[operation];
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known).join(", ");
      throw mistake("INVALID_ARGUMENT", `${operation} has no option ${JSON.stringify(name)}; it has ${names}`);
    }
    if (value === undefined) continue;
    const { test, expected, text } = known[name];
    if (!test(value)) throw mistake("INVALID_ARGUMENT", `${operation}: ${name} has to be ${expected}, not ${typeof value === "number" ? value : kindOf(value)}`);
    if (text && value !== null) textOf(value, `${operation}: ${name}`);
    checked[name] = value;
  }
  return checked;
}

/** The value of a JSON text that was stored, or made of what was stored. */
export function valueOf(json) {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw makeError("CORRUPT", "a stored value is not JSON any more", false, false, cause);
  }
}

/** Hands out keys and values: those of the JSON list `others` have the `places`, those of `plain` are in between. */
function eachPair(plain, others, places, take) {
  const [most, few] = [valueOf(plain), valueOf(others)];
  for (let place = 0, from = 0, fewFrom = 0; from < most.length || fewFrom < few.length; place++) {
    if (places[fewFrom / 2] === place) {
      take(few[fewFrom], few[fewFrom + 1]);
      fewFrom += 2;
    } else {
      take(most[from], most[from + 1]);
      from += 2;
    }
  }
}

export function mapOf(plain, others, places) {
  const map = new Map();
  eachPair(plain, others, places, (key, value) => map.set(key, value));
  return map;
}

export function pairsOf(plain, others, places) {
  const pairs = [];
  eachPair(plain, others, places, (key, value) => pairs.push([key, value]));
  return pairs;
}

/** A page of a listing: entries with the versions, in their order. */
export function listingOf(plain, others, places, versions, cursor) {
  const entries = [];
  eachPair(plain, others, places, (key, value) => entries.push({ key, value, version: versions[entries.length] }));
  return { entries, cursor };
}

export const keyListingOf = (keys, cursor) => ({ keys, cursor });
