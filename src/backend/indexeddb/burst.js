// Transactions of IndexedDB as bursts: all requests are sent at once, and nothing after them, so that a tab that is
// stopped holds nothing that others wait for. Here and not in Rust, because every crossing costs, and a commit had a dozen.

export class Burst {
  #transaction;
  #isWrite;
  #asked = [];

  /** Begins one over object stores whose names are joined by commas; a write, where a durability is given. */
  constructor(database, stores, durability) {
    this.#isWrite = durability !== undefined;
    const options = this.#isWrite ? { durability } : undefined;
    this.#transaction = database.transaction(stores.split(","), this.#isWrite ? "readwrite" : "readonly", options);
  }

  // The bytes that cross are a view of WebAssembly's memory, all of which would be cloned with it.

  add(store, number, bytes) {
    this.#store(store).add(bytes.slice(), number);
  }

  put(store, number, bytes) {
    this.#store(store).put(bytes.slice(), number);
  }

  delete(store, first, last) {
    this.#store(store).delete(IDBKeyRange.bound(first, last));
  }

  /** Asks for the value of one number. */
  get(store, number) {
    this.#asked.push(this.#store(store).get(number));
  }

  /** Asks for the values of a range of numbers. */
  getAll(store, first, last) {
    this.#asked.push(this.#store(store).getAll(IDBKeyRange.bound(first, last)));
  }

  /** Asks for all numbers. */
  getKeys(store) {
    this.#asked.push(this.#store(store).getAllKeys());
  }

  /** Takes back what was sent. */
  abort() {
    this.#transaction.abort();
  }

  /**
   * Resolves to the answers; a write does so on `complete`, never on a request's `success`: quota and a full disk come as an
   * abort after that. Resolves to null where the browser has said nothing within the time limit.
   */
  end(limitMs) {
    return new Promise((resolve, reject) => {
      const transaction = this.#transaction;
      const timer = setTimeout(() => resolve(null), limitMs);
      const answer = () => {
        clearTimeout(timer);
        resolve(this.#asked.map(({ result }) => result));
      };
      // Requests are answered in order: after the last one all are.
      if (this.#isWrite) transaction.oncomplete = answer;
      else this.#asked.at(-1).onsuccess = answer;
      let failure;
      transaction.onabort = () => {
        clearTimeout(timer);
        reject(failure ?? transaction.error);
      };
      transaction.onerror = (event) => {
        // Some browsers report a request's error as nobody's where it gets to the window. It aborts all the same.
        event.stopPropagation();
        // Where `commit` was called before, Firefox says of the transaction no more than that it was aborted. So do all browsers
        // of the requests that were still to be answered.
        const { error } = event.target;
        if (error.name !== "AbortError") failure ??= error;
      };
      // Where there is no such call it ends a little later by itself.
      transaction.commit?.();
    });
  }

  #store(name) {
    return this.#transaction.objectStore(name);
  }
}
