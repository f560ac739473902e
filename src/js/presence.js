// Who is still there, by Web Locks: the browser frees those of a page that ends, however it ends.

const locks = globalThis.navigator?.locks;

export function hasLocks() {
  return typeof locks?.query === "function";
}

/** Holds a lock that nobody else asks for. Gives what releases it, once it is held. */
export function hold(name) {
  return new Promise((resolve, reject) => {
    locks.request(name, () => new Promise((release) => resolve(release))).catch(reject);
  });
}

export async function isHeld(name) {
  const { held } = await locks.query();
  return held.some((lock) => lock.name === name);
}
