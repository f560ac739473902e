// Connections to IndexedDB, and transactions as bursts: all requests are sent at once, and nothing after them, so that a tab
// that is stopped holds nothing that others wait for. Here and not in Rust, because every crossing costs, and because objects
// of another realm are to be handled that no `instanceof` knows.

import { held } from "./page.js";

/**
 * Whether a transaction may be told to commit before its requests are answered. Firefox (153) then keeps the rest of one of which
 * a request has failed that is not the last. It alone has this kind of error.
 */
const MAY_COMMIT = typeof InternalError !== "function";

/** How long transactions may go on whose connection was closed by the browser. Milliseconds. */
const CLOSED_MS = 250;

/** After which part of its time a transaction counts as stalled. */
const STALLED = 1 / 10;

/**
 * Whether the process behind this realm's IndexedDB has died for good, as WebKit says. A frame made since then reaches the
 * new one.
 */
let isDead = false;

/** An error, looked at. */
function seen(error) {
  isDead ||= /server lost|refresh the page/i.test(String(error?.message));
  return error;
}

/** A hidden frame of this page, with an IndexedDB of its own. */
function newFrame() {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  // Not in the body, which a page may empty.
  document.documentElement.append(frame);
  return frame;
}

/** Where the next connection comes from: this realm, or in a page a fresh frame. */
function realmOf(fresh) {
  const frame = (fresh || isDead) && typeof document !== "undefined" ? newFrame() : undefined;
  return { frame, factory: frame ? frame.contentWindow.indexedDB : globalThis.indexedDB };
}

const UNAVAILABLE = () => new DOMException("there is no IndexedDB", "SecurityError");

/**
 * Opens a database, with object stores whose names are joined by commas where it is new. Rejects with the browser's error, or
 * with `"gone"` where it has to exist and does not, `"old"` where it has a layout of before the first release, `"timeout"`, and
 * `"blocked"`: for that one `patienceMs` are waited.
 */
export function open(name, version, stores, mustExist, limitMs, patienceMs, fresh) {
  if ((fresh || isDead) && relay) return relay.open(name, version, limitMs);
  const mine = held;
  return new Promise((resolve, reject) => {
    const { frame, factory } = realmOf(fresh);
    const fail = (reason) => {
      clearTimeout(timer);
      frame?.remove();
      reject(seen(reason));
    };
    let timer;
    let isOver = false;
    let isBlocked = false;
    let refusal;
    let loss;
    let isNew = false;
    const giveUp = () => {
      isOver = true;
      reject(isBlocked ? "blocked" : "timeout");
    };
    let request;
    try {
      if (!factory) throw UNAVAILABLE();
      request = factory.open(name, version);
    } catch (error) {
      return fail(error);
    }
    timer = setTimeout(() => (isBlocked ? (timer = setTimeout(giveUp, patienceMs - limitMs)) : giveUp()), limitMs);
    request.onblocked = () => (isBlocked = true);
    request.onupgradeneeded = ({ oldVersion, dataLoss, dataLossMessage }) => {
      const { result, transaction } = request;
      isNew = oldVersion === 0;
      // Chromium tells so that it found the database damaged and has emptied it.
      if (dataLoss === "total") loss = dataLossMessage || "the browser emptied it";
      if (mustExist && isNew) refusal = "gone";
      else if (oldVersion > 1) refusal = "old";
      else {
        const missing = stores.split(",").filter((store) => !result.objectStoreNames.contains(store));
        try {
          for (const store of missing) result.createObjectStore(store);
        } catch (error) {
          refusal = error;
        }
      }
      // Takes the creation back; the request then fails.
      if (refusal) transaction.abort();
    };
    request.onsuccess = () => {
      clearTimeout(timer);
      if (!isOver) return resolve(new Connection(request.result, frame, isNew, loss, mine));
      // Whoever waited is gone, and an open connection would block others.
      request.result.close();
      frame?.remove();
    };
    request.onerror = (event) => {
      event.stopPropagation();
      fail(refusal ?? request.error);
    };
  });
}

/** Deletes a database; resolves when it is gone. Rejects as {@link open} does. */
export function destroy(name, limitMs, fresh) {
  return new Promise((resolve, reject) => {
    const { frame, factory } = realmOf(fresh);
    const timer = setTimeout(() => reject("blocked"), limitMs);
    const end = (settle, value) => {
      clearTimeout(timer);
      frame?.remove();
      settle(value);
    };
    try {
      if (!factory) throw UNAVAILABLE();
      const request = factory.deleteDatabase(name);
      request.onsuccess = () => end(resolve);
      request.onerror = (event) => {
        event.stopPropagation();
        end(reject, seen(request.error));
      };
    } catch (error) {
      end(reject, seen(error));
    }
  });
}

/** The names of the databases of this origin; none where the browser does not tell, or not in time. */
export async function names(limitMs) {
  // Where there is no storage, Chromium leaves a rejection that nobody can handle.
  if (globalThis.origin === "null") return [];
  try {
    const late = new Promise((resolve) => setTimeout(resolve, limitMs, []));
    return (await Promise.race([indexedDB.databases(), late])).map(({ name }) => name);
  } catch {
    return [];
  }
}

/** A connection of this realm or of a frame. */
export class Connection {
  /** Whether it is gone: cut off by the browser, or closed because another tab deletes or upgrades the database. */
  isLost = false;
  #database;
  #frame;
  #running = new Set();
  #isClosed = false;

  constructor(database, frame, isNew, loss, held) {
    this.close = held.hold(() => this.#end());
    this.#database = database;
    this.#frame = frame;
    this.isNew = isNew;
    this.loss = loss;
    database.onversionchange = () => {
      this.isLost = true;
      database.close();
    };
    database.onclose = () => {
      this.isLost = true;
      // Chromium forgets those that were begun between a full disk and this.
      setTimeout(() => this.#running.forEach((burst) => burst.cut()), CLOSED_MS);
    };
  }

  get source() {
    return this.#frame ? "frame" : "own";
  }

  /** The names of its object stores, joined by commas. */
  get stores() {
    return Array.from(this.#database.objectStoreNames).join();
  }

  /** A burst over object stores whose names are joined by commas; a write, where a durability is given. */
  begin(stores, durability) {
    const options = durability === undefined ? undefined : { durability };
    const mode = options ? "readwrite" : "readonly";
    return new Burst((burst) => {
      const transaction = this.#database.transaction(stores.split(","), mode, options);
      this.#running.add(burst);
      burst.ended = () => {
        this.#running.delete(burst);
        this.#leave();
      };
      return transaction;
    }, !!options);
  }

  // Running transactions still end as they should.
  #end() {
    this.#isClosed = true;
    this.#database.onversionchange = this.#database.onclose = null;
    this.#database.close();
    this.#leave();
  }

  // With its frame its transactions would go.
  #leave() {
    if (this.#isClosed && this.#running.size === 0) this.#frame?.remove();
  }
}

/** The requests of a burst, with the object store and what crosses. Reads return what is asked. */
const REQUESTS = {
  add: (store, number, bytes) => void store.add(bytes, number),
  put: (store, number, bytes) => void store.put(bytes, number),
  delete: (store, first, last) => void store.delete(IDBKeyRange.bound(first, last)),
  /** The value of one number. */
  get: (store, number) => store.get(number),
  /** The values of a range of numbers. */
  getAll: (store, first, last) => store.getAll(IDBKeyRange.bound(first, last)),
  /** All numbers. */
  getKeys: (store) => store.getAllKeys(),
};

/** What a transaction is to do. Nothing of it is sent before all of it is. */
class Gathered {
  requests = [];
}

for (const name of Object.keys(REQUESTS)) {
  Gathered.prototype[name] = function (store, first, second) {
    // The bytes that cross are a view of WebAssembly's memory, all of which would be cloned with it.
    this.requests.push([name, store, first, ArrayBuffer.isView(second) ? second.slice() : second]);
  };
}

class Burst extends Gathered {
  #begin;
  #isWrite;
  #transaction;
  #asked = [];
  /** Told when it has ended. */
  ended = () => {};
  /** Ends it without an answer. */
  cut = () => {};

  constructor(begin, isWrite) {
    super();
    this.#begin = begin;
    this.#isWrite = isWrite;
  }

  /**
   * Sends all of it, or throws and has sent nothing. In one go: a page that the system stops between the beginning of a
   * transaction and its `commit()` would let nobody else write.
   */
  send() {
    const transaction = this.#begin(this);
    try {
      for (const [name, store, ...parameters] of this.requests) {
        const request = REQUESTS[name](transaction.objectStore(store), ...parameters);
        if (request) this.#asked.push(request);
      }
    } catch (error) {
      this.ended();
      try {
        transaction.abort();
      } catch {
        // The browser has taken it back by itself.
      }
      throw error;
    }
    try {
      // Where there is no such call it ends a little later by itself.
      if (MAY_COMMIT) transaction.commit?.();
    } catch {
      // Its events say what became of it.
    }
    this.requests = [];
    this.#transaction = transaction;
  }

  /**
   * Resolves to the answers; a write does so on `complete`, never on a request's `success`: quota and a full disk come as an
   * abort after that. Resolves to null where the browser has said nothing within the time limit; calls `stalled` a good while
   * before.
   */
  end(limitMs, stalled) {
    return new Promise((resolve, reject) => {
      const transaction = this.#transaction;
      const settle = (settled, value) => {
        clearTimeout(timer);
        settled(value);
      };
      let failure;
      const answer = () => {
        this.ended();
        // Whatever becomes of the rest: what failed is not there.
        if (failure) settle(reject, seen(failure));
        else settle(resolve, this.#asked.map(({ result }) => result));
      };
      this.cut = () => {
        this.ended();
        settle(reject, new DOMException("the connection was closed", "AbortError"));
      };
      let timer = setTimeout(() => {
        timer = setTimeout(() => settle(resolve, null), limitMs * (1 - STALLED));
        stalled?.();
      }, limitMs * STALLED);
      // Requests are answered in order: after the last one all are.
      if (this.#isWrite) transaction.oncomplete = answer;
      else this.#asked.at(-1).onsuccess = answer;
      transaction.onabort = () => {
        this.ended();
        settle(reject, seen(failure ?? transaction.error));
      };
      transaction.onerror = (event) => {
        // Some browsers report a request's error as nobody's where it gets to the window. It aborts all the same.
        event.stopPropagation();
        // Where `commit` was called before, Firefox says of the transaction no more than that it was aborted, and WebKit
        // nothing. Of the requests that were still to be answered all browsers say so.
        const error = event.target?.error;
        if (error && error.name !== "AbortError") failure ??= error;
      };
    });
  }
}

// What a worker does whose IndexedDB is dead: it has no frames, so a page of the origin sends its bursts for it.

const RELAY = "agent-datastore:relay";
/** How long a worker waits for a page that helps. Milliseconds. */
const HELP_MS = 2_000;

const relay = typeof document === "undefined" && typeof WorkerGlobalScope === "function" ? newRelay() : undefined;

let isServing = false;

/** Has a page open databases and send bursts for workers that ask. */
export function serveWorkers() {
  if (isServing || typeof document === "undefined" || typeof BroadcastChannel !== "function") return;
  isServing = true;
  const me = crypto.getRandomValues(new Uint32Array(2)).join();
  const served = new Map();
  const channel = new BroadcastChannel(RELAY);
  const calls = {
    help: () => me,
    async open({ name, version, limitMs, key }) {
      const connection = await open(name, version, "", true, limitMs, limitMs, false).catch((error) => {
        if (typeof error === "string") throw error;
        return open(name, version, "", true, limitMs, limitMs, true);
      });
      served.set(key, connection);
      return connection.stores;
    },
    async burst({ key, stores, durability, requests, limitMs }) {
      const connection = served.get(key);
      if (!connection || connection.isLost) throw new DOMException("the connection is gone", "InvalidStateError");
      const burst = connection.begin(stores, durability);
      burst.requests = requests.filter(([name]) => Object.hasOwn(REQUESTS, name));
      burst.send();
      return burst.end(limitMs, () => {});
    },
    close({ key }) {
      served.get(key)?.close();
      served.delete(key);
    },
  };
  channel.onmessage = async ({ data: { to, from, number, call, parameters } }) => {
    if (!Object.hasOwn(calls, call) || (to !== me && call !== "help")) return;
    try {
      channel.postMessage({ to: from, number, value: await calls[call](parameters) });
    } catch (error) {
      const { name, message } = error;
      channel.postMessage({ to: from, number, error: typeof error === "string" ? error : { name, message } });
    }
  };
}

function newRelay() {
  const me = crypto.getRandomValues(new Uint32Array(2)).join();
  const waiting = new Map();
  let numbers = 0;
  let channel;
  /** Resolves to null where no answer comes in time. */
  function call(to, call, parameters, limitMs) {
    if (!channel) {
      channel = new BroadcastChannel(RELAY);
      channel.onmessage = ({ data: { to, number, value, error } }) => {
        if (to !== me || !waiting.has(number)) return;
        const { resolve, reject } = waiting.get(number);
        if (typeof error === "object") reject(new DOMException(error.message, error.name));
        else if (error) reject(error);
        else resolve(value);
      };
    }
    const number = numbers++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, limitMs, null);
      waiting.set(number, { resolve, reject });
      channel.postMessage({ to, from: me, number, call, parameters });
      void timer;
    }).finally(() => waiting.delete(number));
  }
  return {
    async open(name, version, limitMs) {
      const page = await call(undefined, "help", undefined, HELP_MS);
      if (page === null) throw new DOMException("no page of this origin helps", "UnknownError");
      const key = `${me} ${numbers}`;
      const stores = await call(page, "open", { name, version, limitMs, key }, limitMs * 2);
      if (stores === null) throw "timeout";
      return new Relayed((name, parameters, limitMs) => call(page, name, { key, ...parameters }, limitMs), stores);
    },
  };
}

/** A connection that a page has for this worker. */
class Relayed {
  isLost = false;
  isNew = false;
  loss = undefined;
  source = "page";
  #call;

  constructor(call, stores) {
    this.#call = call;
    this.stores = stores;
  }

  begin(stores, durability) {
    return new RelayedBurst((requests, limitMs) => this.#call("burst", { stores, durability, requests, limitMs }, limitMs));
  }

  close() {
    void this.#call("close", {}, 0);
  }
}

class RelayedBurst extends Gathered {
  #ask;

  constructor(ask) {
    super();
    this.#ask = ask;
  }

  send() {}

  end(limitMs) {
    return this.#ask(this.requests, limitMs);
  }
}
