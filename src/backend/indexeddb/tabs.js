// Web Locks and channels, as Neighbours and Presence in Rust need them.

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

export let held = new Held();

/** What was held up to now, which is nobody's from now on. */
export function beginAnew() {
  const before = held;
  held = new Held();
  return before;
}

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

const HELLO = "hello";
const AWAKE = -2; // tabs.rs

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

  /** Sends a number a little later, and of several only the last. */
  send(number) {
    this.#latest = Math.max(this.#latest, number);
    if (this.#isAlone) return;
    this.#timer ??= setTimeout(() => this.#flush(), 3);
  }

  sendNow(number) {
    this.#channel?.postMessage(number);
  }

  #flush() {
    clearTimeout(this.#timer);
    if (this.#timer !== undefined) this.#channel?.postMessage(this.#latest);
    this.#timer = undefined;
  }

  #end() {
    this.#flush();
    this.#channel?.close();
    for (const [target, type, listener] of this.#listeners) target?.removeEventListener?.(type, listener);
  }
}

/** Calls back whenever the page is hidden: it may never be seen again. Gives what ends it. */
export function whenHidden(callback) {
  const listener = () => document.visibilityState === "hidden" && callback();
  globalThis.document?.addEventListener("visibilitychange", listener);
  return held.hold(() => globalThis.document?.removeEventListener("visibilitychange", listener));
}
