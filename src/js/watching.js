// What is watched, as the page sees it.

/** After how long a watch looks again whose look has failed in a way that may pass. Milliseconds. */
const AGAIN_MS = 1_000;

/** What is thrown where it harms nobody: the page is told as of any uncaught error. */
export const report = (error) => queueMicrotask(() => {
  throw error;
});

/** Hands out what `next` resolves to, until that is undefined, or it is ended: by `return` or by the signal. */
export function watching(next, end, signal) {
  let turn = Promise.resolve();
  let isOver = false;
  const stop = () => {
    if (isOver) return;
    isOver = true;
    signal?.removeEventListener("abort", stop);
    try {
      end();
    } catch {
      // It ended with its instance.
    }
  };
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const step = async () => {
    for (;;) {
      try {
        const value = isOver ? undefined : await next();
        if (value !== undefined && !isOver) return { done: false, value };
        stop();
        signal?.throwIfAborted();
        return { done: true, value: undefined };
      } catch (error) {
        if (isOver && !signal?.aborted) return { done: true, value: undefined };
        if (isOver || !error.retryable) {
          stop();
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  };
  return {
    next() {
      const result = turn.then(step);
      turn = result.catch(() => {});
      return result;
    },
    async return(value) {
      stop();
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
      stop();
    },
  };
}

/** Tells a listener what a watch hands out, one after the other. Gives what ends that. */
export function subscribed(next, end, listener, signal, onError = report) {
  const events = watching(next, end, signal);
  let isOver = false;
  const run = async () => {
    for await (const event of events) {
      if (isOver) return;
      try {
        await listener(event);
      } catch (error) {
        report(error);
      }
    }
  };
  run().catch((error) => signal?.aborted || onError(error));
  return () => {
    isOver = true;
    void events.return();
  };
}

/** What is watched as one value that changes, for those who draw it; it is watched as long as somebody listens. */
export class Live {
  #isOne;
  #start;
  #stop;
  #snapshot;
  #listeners = new Set();

  constructor(start, isOne) {
    this.#start = start;
    this.#isOne = isOne;
  }

  // Both are handed on without their object.

  getSnapshot = () => this.#snapshot;

  subscribe = (listener) => {
    // The same function may come twice.
    const entry = () => listener();
    if (this.#listeners.size === 0) this.#stop = this.#start((event) => this.#take(event));
    this.#listeners.add(entry);
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#stop();
    };
  };

  #take({ type, changes }) {
    this.#snapshot = this.#isOne ? changes[0]?.value : withChanges(type === "state" ? undefined : this.#snapshot, changes);
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        report(error);
      }
    }
  }
}

/** A map with changes, in the order of its keys. */
function withChanges(before, changes) {
  const map = new Map(before);
  let isInOrder = true;
  for (const { key, value } of changes) {
    if (value === undefined) map.delete(key);
    else {
      isInOrder &&= !before || map.has(key);
      map.set(key, value);
    }
  }
  return isInOrder ? map : new Map([...map].sort(([one], [other]) => byCodePoint(one, other)));
}

function byCodePoint(one, other) {
  let place = 0;
  while (place < one.length && one.charCodeAt(place) === other.charCodeAt(place)) place++;
  return (one.codePointAt(place) ?? -1) - (other.codePointAt(place) ?? -1);
}
