// Helpers inside a page, at `globalThis.t`: raw IndexedDB, and outcomes that can be sent to the test.

/** The result of a request. */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Opens a database without the package. `upgrade` gets the connection and the running transaction. */
export function openRaw(name, version, upgrade = () => {}) {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => upgrade(request.result, request.transaction);
  return done(request);
}

/** The databases of this origin, as `name: version`. */
export async function databases() {
  return Object.fromEntries((await indexedDB.databases()).map((each) => [each.name, each.version]));
}

/** What became of a promise, in a form that leaves the page. */
export const outcome = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({
      code: error?.code,
      name: error?.name,
      message: String(error?.message),
      retryable: error?.retryable,
      isError: error instanceof Error,
      cause: error?.cause instanceof DOMException ? error.cause.name : error?.cause === undefined ? null : `no DOMException: ${error.cause}`,
    }),
  );

/** Replaces a method until the function it returns is called. `change` gets the original. */
export function patch(prototype, method, change) {
  const original = prototype[method];
  prototype[method] = change(original);
  return () => {
    prototype[method] = original;
  };
}

/** Records every connection that is opened from now on, in order. */
export function watchConnections() {
  const connections = [];
  patch(IDBFactory.prototype, "open", (open) =>
    function (...parameters) {
      const request = open.apply(this, parameters);
      request.addEventListener("success", () => connections.push(request.result));
      return request;
    });
  return connections;
}

/** Cuts the first connection of a database, as a browser does, and returns what is open from now on. */
export async function openAndWatch(name, options) {
  const connections = watchConnections();
  const db = await globalThis.ads.open({ name, ...options });
  return { db, store: db.dataStore(), connections };
}
