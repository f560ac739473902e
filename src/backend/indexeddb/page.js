// What belongs to the page, or worker, and not to the WebAssembly instance: locks and channels, what is remembered outside of
// IndexedDB, the room of the origin, and the life of the instance itself. In one file, because the server of the Rust tests
// answers four.

/** What is held of the page, so that it can be let go of all at once. */
class Held {
  #ends = new Set();
  #isOver = false;

  /** Holds something until the function that it gives is called, or until everything is let go of. */
  hold(letGo) {
    const end = () => {
      if (this.#ends.delete(end)) letGo();
    };
    this.#ends.add(end);
    if (this.#isOver) end();
    return end;
  }

  end() {
    this.#isOver = true;
    for (const end of this.#ends) {
      try {
        end();
      } catch (error) {
        // There is no room on the stack. What is gone already need not be let go of.
        if (error instanceof RangeError) throw error;
      }
    }
  }
}

let held = new Held();
export { held };

const locks = globalThis.navigator?.locks;

export function hasLocks() {
  return typeof locks?.query === "function";
}

/** Holds a lock together with others. Gives what releases it, once it is held. */
export function share(name) {
  const mine = held;
  return new Promise((resolve, reject) => {
    locks.request(name, { mode: "shared" }, () => new Promise((release) => resolve(mine.hold(release)))).catch(reject);
  });
}

/** Holds a lock alone, where nobody else does. Gives what releases it, or undefined. */
export function claim(name) {
  const mine = held;
  return new Promise((resolve, reject) => {
    const options = { ifAvailable: true };
    const take = (lock) => (lock ? new Promise((release) => resolve(mine.hold(release))) : resolve());
    locks.request(name, options, take).catch(reject);
  });
}

/** The lowest of the numbers that end the names of held locks, with 0 for the one called `opening`; or undefined. */
export async function lowestHeld(prefix, opening) {
  const { held } = await locks.query();
  const names = held.map(({ name }) => (name === opening ? `${prefix}0` : name)).filter((name) => name.startsWith(prefix));
  const numbers = names.map((name) => Number(name.slice(prefix.length)));
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/** Whether anybody holds a lock. */
export async function isHeld(name) {
  const { held } = await locks.query();
  return held.some((lock) => lock.name === name);
}

/** Those of some numbers with which the name of no lock ends that somebody holds, or waits for. */
export async function unheld(prefix, numbers) {
  // They are in the memory of WebAssembly, which may grow, and be another one, while this waits.
  const asked = numbers.slice();
  const { held, pending } = await locks.query();
  const names = new Set([...held, ...pending].map(({ name }) => name));
  return asked.filter((number) => !names.has(prefix + number));
}

const HELLO = "hello";
const AWAKE = -2; // tabs.rs

/** How long a notice waits for others after the one before it. Milliseconds. */
const NOTICE_MS = 3;

/**
 * Numbers sent to those who listen under the same name; `hear` takes theirs.
 *
 * A message costs as much as a small write, so nothing is sent as long as nobody else was heard. Whoever comes says hello, and
 * is answered with the last number, sent or not, or heard.
 */
export class Channel {
  #channel;
  #listeners;
  #latest = 0;
  #sent = 0;
  #timer;
  #isAlone = true;
  close = held.hold(() => this.#end());

  constructor(name, hear, hide) {
    this.#channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(name) : undefined;
    if (this.#channel) {
      this.#channel.onmessage = ({ data }) => {
        this.#isAlone = false;
        if (data === HELLO) this.#channel.postMessage(this.#latest);
        else if (typeof data === "number") {
          this.#latest = Math.max(this.#latest, data);
          hear(data);
        }
      };
      this.#channel.postMessage(HELLO);
    }
    // A page that may come back is frozen, and a frozen page must hold nothing.
    const sleep = () => {
      this.#flush();
      hide();
      // Nobody is heard until the page comes back.
      this.#isAlone = false;
    };
    const wake = () => {
      this.#channel?.postMessage(HELLO);
      hear(AWAKE);
    };
    const { document } = globalThis;
    this.#listeners = [
      [globalThis, "pagehide", ({ persisted }) => (persisted ? sleep() : this.#flush())],
      [globalThis, "pageshow", ({ persisted }) => persisted && wake()],
      [document, "freeze", sleep],
      [document, "resume", wake],
    ];
    for (const [target, type, listener] of this.#listeners) target?.addEventListener?.(type, listener);
  }

  /** Sends a number at once; of several that follow only the last, a little later. */
  send(number) {
    this.#latest = Math.max(this.#latest, number);
    if (!this.#isAlone && this.#timer === undefined) this.#sendLatest();
  }

  sendNow(number) {
    this.#channel?.postMessage(number);
  }

  #sendLatest() {
    this.#channel?.postMessage((this.#sent = this.#latest));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#latest > this.#sent) this.#sendLatest();
    }, NOTICE_MS);
  }

  #flush() {
    clearTimeout(this.#timer);
    if (this.#timer !== undefined && this.#latest > this.#sent) this.#channel?.postMessage(this.#latest);
    this.#timer = undefined;
  }

  #end() {
    this.#flush();
    this.#channel?.close();
    // What ends later has nobody to tell.
    this.#channel = undefined;
    for (const [target, type, listener] of this.#listeners) target?.removeEventListener?.(type, listener);
  }
}

/** Calls back whenever the page is hidden: it may never be seen again. Gives what ends it. */
export function whenHidden(callback) {
  const listener = () => document.visibilityState === "hidden" && callback();
  globalThis.document?.addEventListener("visibilitychange", listener);
  return held.hold(() => globalThis.document?.removeEventListener("visibilitychange", listener));
}

// What an origin remembers of its databases outside of IndexedDB, so that one which the browser has lost, or emptied, is not taken
// for new: a short text each, in localStorage and, because workers have none, in the origin's private files.

const MARKS = "agent-datastore";
/** How long the files may take to answer. Milliseconds. */
const PATIENCE_MS = 2_000;
const local = () => (typeof localStorage === "undefined" ? undefined : localStorage);
const keyOf = (name) => `${MARKS}:${name}`;

async function fileOf(name, options) {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS, options);
  return folder.getFileHandle(encodeURIComponent(name).slice(-200), options);
}

/** What is to be in the files, and the writing of it: one after the other, or an older mark could be the last one. */
const wanted = new Map();
let writing = Promise.resolve();

/** What is remembered, in lines: after a crash it may be something else in either place. */
export async function recall(name) {
  const marks = [];
  try {
    marks.push(local()?.getItem(keyOf(name)));
  } catch {
    // Denied: then there is nothing.
  }
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([late, read(name).then((mark) => marks.push(mark))]);
  return marks.filter(Boolean).join("\n");
}

async function read(name) {
  await writing;
  try {
    return await (await (await fileOf(name)).getFile()).text();
  } catch {
    // There is none, or there are no files here.
    return undefined;
  }
}

/** Remembers a database, where that is possible. */
export function remember(name, mark) {
  try {
    // Where this says so, the file does too.
    if (local()?.getItem(keyOf(name)) === mark) return;
    local()?.setItem(keyOf(name), mark);
  } catch {
    // Full, or denied.
  }
  wanted.set(name, mark);
  writing = writing.then(() => write(name, mark));
}

async function write(name, mark) {
  if (wanted.get(name) !== mark) return;
  wanted.delete(name);
  try {
    const file = await fileOf(name, { create: true });
    if (!local() && (await (await file.getFile()).text()) === mark) return;
    const writable = await file.createWritable();
    await writable.write(mark);
    await writable.close();
  } catch {
    // Not everywhere.
  }
}

export function forget(name) {
  try {
    local()?.removeItem(keyOf(name));
  } catch {
    // As above.
  }
  wanted.delete(name);
  writing = writing.then(() => remove(name));
}

async function remove(name) {
  try {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(MARKS);
    await folder.removeEntry(encodeURIComponent(name).slice(-200));
  } catch {
    // As above.
  }
}

/** How much room there has to be for what mends a log. Bytes. */
const MENDING_ROOM = 256 * 1024 * 1024;

/** Whether this browser may keep databases in a log that a kill tears (`mending.rs`). */
export function mayTear() {
  return /Chrom(e|ium)\//.test(globalThis.navigator?.userAgent ?? "");
}

/** Whether there is plenty of room, as far as the browser tells; where it never does (`http:`), it is taken for granted. */
export async function hasRoom() {
  if (!navigator.storage?.estimate) return true;
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return quota - usage >= MENDING_ROOM;
  } catch {
    return false;
  }
}

/** A time that comes. It keeps no program running that would end without it. */
export class Later {
  #timer;
  #resolve;

  constructor(ms) {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
    this.#timer.unref?.();
  }

  /** Who waited for it lets go of it. */
  cancel() {
    clearTimeout(this.#timer);
    this.#resolve();
  }
}

// What the browser tells of the room that the origin has.

/** What a promise gives in time; null where it does not, or fails. */
async function orNull(promise, limitMs) {
  const late = new Promise((resolve) => setTimeout(resolve, limitMs, null));
  return Promise.race([Promise.resolve(promise).catch(() => null), late]);
}

/** How much room the origin has and uses, as far as the browser tells. */
export async function storageOf(limitMs) {
  const storage = globalThis.navigator?.storage;
  const [estimate, persisted] = await Promise.all([
    orNull(storage?.estimate?.(), limitMs),
    orNull(storage?.persisted?.(), limitMs),
  ]);
  return { usageBytes: estimate?.usage ?? null, quotaBytes: estimate?.quota ?? null, persisted: persisted ?? null };
}

/** Asks the browser never to remove the origin's data by itself. Some ask the user, who may not answer. */
export async function requestPersistence(limitMs) {
  return (await orNull(globalThis.navigator?.storage?.persist?.(), limitMs)) === true;
}

// The life of the WebAssembly instance. Nothing in it should trap; if it does all the same, or if an exception comes through its
// frames, its memory is not to be trusted any more. Then its life is over: whoever waits for it is told, what it holds of the
// page is let go of, and another instance takes its place. What is stored is safe, for commits are whole or not at all.
// `scripts/package.mjs` has every call of the package go through here.

/** The calls of the instance at hand that are not done. */
let calls = new Set();

/** A promise that is kept later, or rejected when the instance dies. */
export class Call {
  #calls = calls;
  #settle;

  constructor() {
    this.promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#calls.add(this);
  }

  resolve(value) {
    this.#calls.delete(this);
    this.#settle.resolve(value);
  }

  reject(error) {
    this.#calls.delete(this);
    this.#settle.reject(error);
  }
}

/** What the last instance has died of. */
let cause;

/** What is said of objects of an instance that is dead, and of calls that it has left; of these nobody knows what they did. */
export function instanceLost(isUnknown) {
  const error = new Error("the WebAssembly instance has failed; open the database again", { cause });
  if (isUnknown) error.outcome = "unknown";
  return Object.assign(error, { name: "StoreError", code: "INSTANCE_LOST", retryable: false });
}

/** What is said where a method is called on something else than its object, or on one that was freed. */
export function noObject() {
  const error = new TypeError("this is no object of the package, or one that was freed");
  return Object.assign(error, { code: "INVALID_ARGUMENT", retryable: false });
}

/** How many calls of an instance are under way, one within another. */
let depth = 0;

/** What puts another instance in the place of one that is dead, until it has done so. */
let renewal;

/** Before anything of an instance is called or looked at. */
export function renewed() {
  // Not below frames of the old instance: they would go on with the memory of the new one.
  if (!renewal || depth > 0) return;
  depth++;
  try {
    renewal();
  } catch {
    // There is no room for it, or none on the stack: the next call tries again.
  } finally {
    depth--;
  }
}

/** The exports of an instance, so that its death is noticed. `replace` makes the new instance that the old one asks for. */
export function guarded(exports, replace) {
  let isDead = false;
  let left;
  const guard = (call) => (...values) => {
    if (isDead) throw instanceLost();
    depth++;
    try {
      return call(...values);
    } catch (error) {
      if (!isDead) [isDead, cause, renewal] = [true, error, renew];
      throw instanceLost(true);
    } finally {
      depth--;
      if (isDead) renewed();
    }
  };
  // Every step of it may fail, where there is no room on the stack, and is made again then.
  const renew = () => {
    if (!left) {
      exports.renew();
      replace();
      left = { calls, held };
      [calls, held] = [new Set(), new Held()];
    }
    for (const call of left.calls) call.reject(instanceLost(true));
    left.held.end();
    renewal = undefined;
  };
  const entries = Object.entries(exports).map(([name, each]) => [name, typeof each === "function" ? guard(each) : each]);
  // Its start is a part of the renewal.
  return { ...Object.fromEntries(entries), __wbindgen_start: exports.__wbindgen_start };
}

/** A function that gives a promise gives it also where it throws. */
export function promised(call) {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error);
  }
}
