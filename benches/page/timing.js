// A page that is isolated (COOP, COEP) has a clock of 5 µs, any other one of 100 µs.
if (!crossOriginIsolated) throw new Error("the page is not isolated, so its clock is too coarse");

const QUIET_MS = 40;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets what went before come to rest: garbage is collected, timers and answers are handled. */
export async function quiet(ms = QUIET_MS) {
  globalThis.gc?.();
  await pause(ms);
}

/** Times one run, and gives its milliseconds and its result. */
export async function timed(run) {
  await quiet();
  const started = performance.now();
  const result = await run();
  return { ms: performance.now() - started, result };
}

/** Times a run that changes nothing: once to warm up, then `times` times. `verify` sees every result. */
export async function repeated(times, run, verify) {
  const samples = [];
  for (let at = 0; at <= times; at++) {
    const { ms, result } = await timed(run);
    verify(result);
    if (at > 0) samples.push(ms);
  }
  return samples;
}
