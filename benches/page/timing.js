// A page that is isolated (COOP, COEP) has a clock of 5 µs, any other one of 100 µs.
if (!crossOriginIsolated) throw new Error("the page is not isolated, so its clock is too coarse");

const QUIET_MS = 40;
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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

/** Times runs that change nothing: the first warms up, the others are the samples. `verify` sees every result. */
export async function repeated(runs, verify) {
  const samples = [];
  for (const [at, run] of runs.entries()) {
    const { ms, result } = await timed(run);
    verify(result, at);
    if (at > 0) samples.push(ms);
  }
  return samples;
}
