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
