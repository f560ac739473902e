import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** How long a tab that nothing holds up may take. */
export const SOON_MS = 5_000;

/** The first result that is `enough`; what does not come in time fails with the last one. */
export async function eventually(look, enough, what, within = SOON_MS) {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (enough(seen)) return seen;
    assert.ok(performance.now() < deadline, `${what}: still ${JSON.stringify(seen)} after ${within} ms`);
    await sleep(20);
  }
}

/** What a promise resolves to, if it does so in time. */
export async function inTime(promise, what, within = SOON_MS) {
  const late = new AbortController();
  const expired = sleep(within, undefined, { signal: late.signal }).then(() => {
    throw new assert.AssertionError({ message: `${what}: not within ${within} ms` });
  });
  expired.catch(() => {});
  try {
    return await Promise.race([promise, expired]);
  } finally {
    late.abort();
  }
}
