// The calls of IndexedDB, counted, and one of them made to fail. Installed once in a page and in its frames: what is loaded after it,
// WebAssembly too, calls these prototypes.

/** The requests that a transaction can be asked for. */
const ASKING = {
  IDBObjectStore: "get getKey getAll getAllKeys getAllRecords count openCursor openKeyCursor add put delete clear".split(" "),
  IDBIndex: "get getKey getAll getAllKeys getAllRecords count openCursor openKeyCursor".split(" "),
};

/** What is being waited for: `{ kind, nth, seen, struck, isOver }`, or nothing. */
let armed;

/** The transactions that have not ended, with what the page has asked of them. The faults' own requests are not counted. */
const running = new Map();

export const original = {
  get: IDBObjectStore.prototype.get,
  transaction: IDBDatabase.prototype.transaction,
  open: IDBFactory.prototype.open,
};

/** What a transaction has been asked, and what of it is not answered yet. */
export const askedOf = (transaction) => running.get(transaction) ?? { asked: 0, pending: 0 };

/** The transactions of a connection that have not ended. */
export const runningOn = (connection) => [...running.keys()].filter(({ db }) => db === connection);

/** Has the calls counted from now on. The `nth` of those that the kind is about is struck, with `times` - 1 after it. */
export function arm(kind, nth) {
  armed = { kind, nth, seen: 0, struck: 0 };
}

/** What is to happen `then` may happen from now on: the first fault has come to its end. */
export function goOn() {
  if (armed) armed.isOver = true;
}

/** Ends that. Tells how often a call was struck. */
export function disarm() {
  const { struck = 0 } = armed ?? {};
  armed = undefined;
  return struck;
}

/** The fault of this call, where it is one that the kind is about and its turn has come. */
function strike(point, realm) {
  if (!armed || (armed.kind.isOfPage && realm !== globalThis)) return undefined;
  const { kind, nth, struck, isOver } = armed;
  const isFirst = struck === 0;
  const fault = isFirst ? kind : (kind.then ?? kind);
  if (fault.at !== point) return undefined;
  const isNext = isFirst ? ++armed.seen === nth : struck < (kind.times ?? 1) && (isOver || !kind.then);
  if (!isNext) return undefined;
  armed.struck += 1;
  return fault;
}

function replace(prototype, method, change) {
  if (typeof prototype[method] === "function") prototype[method] = change(prototype[method]);
}

function watch(transaction) {
  running.set(transaction, { asked: 0, pending: 0 });
  const end = () => running.delete(transaction);
  for (const type of ["complete", "abort"]) transaction.addEventListener(type, end, true);
}

function count(transaction, request) {
  const state = askedOf(transaction);
  state.asked += 1;
  state.pending += 1;
  // Before everybody else: what follows in the same transaction is asked for by those who come later.
  const answer = (event) => {
    state.pending -= 1;
    if (transaction.isMute) event.stopImmediatePropagation();
  };
  for (const type of ["success", "error"]) request.addEventListener(type, answer, { capture: true, once: true });
}

/** Installs the counting in a window. */
function installIn(realm) {
  replace(realm.IDBFactory.prototype, "open", (open) =>
    function (...parameters) {
      const fault = strike("open", realm);
      if (fault?.instead) return fault.instead(this, parameters);
      const request = open.apply(this, parameters);
      fault?.after?.(request);
      return request;
    });

  replace(realm.IDBDatabase.prototype, "transaction", (begin) =>
    function (...parameters) {
      const fault = strike("begin", realm) ?? (parameters[1] === "readwrite" ? strike("write", realm) : undefined);
      fault?.before?.(this);
      const transaction = begin.apply(this, parameters);
      watch(transaction);
      fault?.after?.(transaction);
      return transaction;
    });

  replace(realm.IDBTransaction.prototype, "commit", (commit) =>
    function () {
      strike("commit", realm)?.before?.(this);
      return commit.call(this);
    });

  for (const [name, methods] of Object.entries(ASKING)) {
    for (const method of methods) {
      replace(realm[name].prototype, method, (ask) =>
        function (...parameters) {
          const { transaction } = this.objectStore ?? this;
          const fault = strike("ask", realm);
          fault?.before?.(this.objectStore ?? this);
          const request = ask.apply(this, parameters);
          count(transaction, request);
          fault?.after?.(request);
          return request;
        });
    }
  }
}

/** Installs it in this page, and in every frame that is made. */
export function install() {
  installIn(globalThis);
  const frames = new WeakSet();
  const { get } = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "contentWindow");
  Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", {
    get() {
      const realm = get.call(this);
      if (realm && !frames.has(realm)) {
        frames.add(realm);
        installIn(realm);
      }
      return realm;
    },
  });
}
