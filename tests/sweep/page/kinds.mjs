// The kinds of faults, each at one of the calls that `faults.mjs` counts. As far as the browser can be made to, it does itself what is pretended:
// transactions are really aborted, and only the reason is put in the place of the real one.

import { askedOf, goOn, original, runningOn } from "./faults.mjs";

/** How long an answer of an open takes that is late, and one of a call that is slow. */
const LATE_MS = 1_600;
const SLOW_MS = 300;
const TOO_SLOW_MS = 2_500;
const VERY_SLOW_MS = 10_000;
/** A database of version 2, whose opening with version 1 fails for sure. */
export const DECOY = "sweep decoy";

const failure = (name) => new DOMException("Internal error.", name);

/** Gives an object a property in the place of the real one. */
const pretend = (object, name, value) => Object.defineProperty(object, name, { configurable: true, get: () => value });

/** A request of the fault's own, in one of the transaction's object stores. */
function probe(transaction, answered, store = transaction.objectStore(transaction.objectStoreNames[0])) {
  const request = original.get.call(store, 0);
  request.onsuccess = answered;
  request.onerror = (event) => event.stopPropagation();
}

/** Keeps a transaction from ending by itself, so that the fault can end it. */
const hold = (transaction) => Object.defineProperty(transaction, "commit", { value() {} });

function abort(transaction, error) {
  if (error) pretend(transaction, "error", error);
  try {
    transaction.abort();
  } catch {
    // It is being committed already.
  }
}

/** Calls back when everything that was asked of a transaction was answered. */
function atEnd(transaction, then) {
  hold(transaction);
  let turns = 0;
  const look = () => {
    const { asked, pending } = askedOf(transaction);
    turns += 1;
    if (pending === 0 && (asked > 0 || turns > 20)) then();
    else probe(transaction, look);
  };
  probe(transaction, look);
}

/** Keeps events from everybody who listens later. A request's pass by its transaction on their way. */
function silence(target, types, then) {
  for (const type of types) {
    target.addEventListener(
      type,
      (event) => {
        if (!event.isTrusted) return;
        event.stopImmediatePropagation();
        then?.(event);
      },
      true,
    );
  }
}

const OF_TRANSACTION = ["success", "error", "complete", "abort"];

/** The connection is cut as browsers do it: what runs is aborted, and then comes the event. */
function cut(connection, error) {
  goOn();
  for (const each of runningOn(connection)) abort(each, error);
  connection.close();
  connection.dispatchEvent(new Event("close"));
}

const cuttingWith = (error) => ({
  at: "begin",
  after(transaction) {
    hold(transaction);
    probe(transaction, () => cut(transaction.db, error));
  },
});

const cutting = cuttingWith();

const failingToOpenWith = (error) => ({
  at: "open",
  instead(factory) {
    // Its request fails with an error of the browser's own, whose reason is another one.
    const request = original.open.call(factory, DECOY, 1);
    pretend(request, "error", error);
    return request;
  },
});

const failingToOpen = failingToOpenWith(failure("UnknownError"));

/** What WebKit says where its process for storage has died, and the page reaches no new one. */
const LOST = new DOMException("Connection to Indexed Database server lost. Refresh the page to try again", "UnknownError");

const lateBy = (ms, isBlocked = false) => ({
  at: "open",
  restMs: ms,
  after(request) {
    if (isBlocked) setTimeout(() => request.dispatchEvent(new IDBVersionChangeEvent("blocked")));
    silence(request, ["success", "error"], ({ type }) => setTimeout(() => request.dispatchEvent(new Event(type)), ms));
  },
});

const slowBy = (ms) => ({
  at: "begin",
  longerMs: ms,
  before(connection) {
    // Somebody else's transaction comes first, and takes its time.
    const other = original.transaction.call(connection, [...connection.objectStoreNames], "readwrite");
    const end = performance.now() + ms;
    const goOn = () => performance.now() < end && probe(other, goOn);
    goOn();
  },
});

const throwing = (at, name) => ({
  at,
  before() {
    throw failure(name);
  },
});

const failing = {
  at: "ask",
  before(store) {
    const { transaction } = store;
    hold(transaction);
    probe(transaction, () => abort(transaction, failure("UnknownError")), store);
  },
  after: (request) => pretend(request, "error", failure("UnknownError")),
};

const full = {
  at: "write",
  after: (transaction) => atEnd(transaction, () => abort(transaction, failure("QuotaExceededError"))),
};

/** What is done and told to have failed: its acknowledgement is lost. */
const disowned = (then) => ({
  at: "write",
  after(transaction) {
    silence(transaction, ["complete"], () => {
      goOn();
      pretend(transaction, "error", failure("UnknownError"));
      transaction.dispatchEvent(new Event("abort", { bubbles: true }));
      then?.(transaction.db);
    });
  },
});

const disownedAndCut = disowned(cut);

const cutAfterwards = {
  at: "write",
  after: (transaction) => transaction.addEventListener("complete", () => cut(transaction.db), true),
};

const thrownByRequests = ["UnknownError", "DataError", "QuotaExceededError", "AbortError", "TransactionInactiveError"];

/**
 * What can happen, by its name. `times`: to how many calls one after the other; `then`: what happens to those after the first; `longerMs`: by how much a call
 * may take longer; `restMs`: how long something may still come;
 * `isOfPage`: frames are spared;
 * `isPatient`: the stores get limits that it does not reach; `isLong`: a run takes some ten seconds; `spoils`: the page is not to be used for another run.
 */
export const KINDS = {
  "transaction() throws InvalidStateError": throwing("begin", "InvalidStateError"),
  ...Object.fromEntries(thrownByRequests.map((name) => [`a request throws ${name}`, throwing("ask", name)])),
  "commit() throws InvalidStateError": throwing("commit", "InvalidStateError"),
  "a request fails": failing,
  "the quota, after every request's success": full,
  "an abort without a reason": { at: "begin", after: (transaction) => atEnd(transaction, () => abort(transaction)) },
  "the connection is cut": cutting,
  "the connection is cut, and opening fails once": { ...cutting, times: 2, then: failingToOpen },
  "the connection is cut, and opening fails three times": { ...cutting, times: 4, then: failingToOpen },
  "the connection is cut after a commit": cutAfterwards,
  "the connection is cut after a commit, and opening fails three times": { ...cutAfterwards, times: 4, then: failingToOpen },
  "the connection is cut after a commit, and from then on opening fails": { ...cutAfterwards, times: Infinity, then: failingToOpen, isLong: true, longerMs: 10_000 },
  "a commit that is told to have failed": disowned(),
  "a commit that is told to have failed, and the next request fails": { ...disowned(), times: 2, then: failing },
  "a commit that is told to have failed, and the connection is cut": disownedAndCut,
  "a commit that is told to have failed, the connection is cut, and opening fails once": { ...disownedAndCut, times: 2, then: failingToOpen },
  "no event, although done": { at: "begin", isSilent: true, after: (transaction) => silence(transaction, OF_TRANSACTION) },
  "no event, and nothing done": {
    at: "begin",
    isSilent: true,
    after(transaction) {
      atEnd(transaction, () => abort(transaction));
      silence(transaction, OF_TRANSACTION.slice(2));
      // The fault's own requests are answered; nobody else's.
      transaction.isMute = true;
    },
  },
  "from then on, transaction() throws InvalidStateError": { ...throwing("begin", "InvalidStateError"), times: Infinity },
  "from then on, every request throws UnknownError": { ...throwing("ask", "UnknownError"), times: Infinity },
  "from then on, every request fails": { ...failing, times: Infinity },
  "from then on, the quota is used up": { ...full, times: Infinity },
  "the connection is cut, and from then on opening fails, but in a new frame": { ...cutting, times: Infinity, then: failingToOpen, isOfPage: true },
  "the connection is cut, and from then on opening fails": { ...cutting, times: Infinity, then: failingToOpen, isLong: true, longerMs: 10_000 },
  "the page's way to the storage is lost": {
    ...cuttingWith(LOST), times: Infinity, then: failingToOpenWith(LOST), isOfPage: true, spoils: true,
  },
  "opening fails once": failingToOpen,
  "opening fails three times": { ...failingToOpen, times: 3 },
  "opening is never answered": { at: "open", after: (request) => silence(request, ["success", "error"], () => request.result?.close()) },
  "opening is answered too late": lateBy(LATE_MS),
  "opening is blocked, and answered too late": lateBy(LATE_MS, true),
  "opening is slow": lateBy(SLOW_MS),
  "a transaction waits 0.3 s": slowBy(SLOW_MS),
  "a transaction waits longer than it may": { ...slowBy(TOO_SLOW_MS), restMs: TOO_SLOW_MS, isLong: true },
  "a transaction waits 10 s": { ...slowBy(VERY_SLOW_MS), isLong: true, isPatient: true },
};

/** Faults that no store can withstand: to see that what looks after them notices. */
export const UNBEARABLE = {
  "a commit that is told to be done, and is not": {
    at: "write",
    after(transaction) {
      silence(transaction, ["abort"], () => transaction.dispatchEvent(new Event("complete")));
      atEnd(transaction, () => abort(transaction));
    },
  },
};
