// Which runs are made: `SWEEP=full` makes all, with `SWEEP_EVERY=3` those at each third call; else some of each kind.

export const IS_FULL = process.env.SWEEP === "full";
/** The distance between the calls at which faults are tried. */
export const EVERY = Number(process.env.SWEEP_EVERY ?? 1);

/** At which calls a fault that lasts long is tried, in each script. */
const LONG = [1, 2, 3, 5, 8, 13, 21, 34, 55].filter((_, place) => place % EVERY === 0);
/** More calls than any script makes. */
const MOST = 1_000;

/** Runs that have found something once, so that they are made each time. */
export const FOUND = [
  { script: "data", kind: "commit() throws InvalidStateError", nth: 3 },
  { script: "data", kind: "commit() throws InvalidStateError", nth: 18 },
  { script: "data", kind: "a commit that is told to have failed", nth: 13 },
  // A message that was added or changed, and of which it was said that it was not: something was read after the commit.
  { script: "messages", kind: "the connection is cut after a commit, and opening fails three times", nth: 6 },
  { script: "messages", kind: "the connection is cut after a commit, and from then on opening fails", nth: 6 },
  { script: "messages", kind: "the connection is cut after a commit, and from then on opening fails", nth: 8 },
];

/** The runs that were made: `{ target, script, kind, nth, struck, calls, rejected, problems }`. */
export const made = [];

async function make(browser, job) {
  const result = await browser.run(job);
  if (result.struck > 0) made.push({ ...job, ...result });
  return result;
}

/** What was wrong with a run, in one line each. */
const failuresOf = ({ target, script, kind, nth }, { problems }) =>
  problems.map(([what, details]) => `${what}: ${target}, ${script}, "${kind}", n = ${nth}: ${details}`);

/** Makes one run. Gives what was wrong. */
export async function oneRun(browser, job) {
  const result = await make(browser, job);
  return result.struck > 0 ? failuresOf(job, result) : [`${job.target}, ${job.script}, "${job.kind}", n = ${job.nth} struck nothing`];
}

/** Makes every run of a kind, until one in which it strikes nothing. Gives what was wrong. */
export async function everyRun(browser, job, { isLong }) {
  const failures = [];
  for (const nth of isLong ? LONG : Array.from({ length: MOST }, (_, place) => 1 + EVERY * place)) {
    const run = { ...job, nth };
    const result = await make(browser, run);
    failures.push(...failuresOf(run, result));
    if (result.struck === 0) return failures;
  }
  if (!isLong) throw new Error(`"${job.kind}" strikes at every one of ${MOST} calls`);
  return failures;
}

/** Makes the runs with these `n`, and where there are fewer calls, with one in the middle of them. */
export async function someRuns(browser, job, places) {
  const failures = [];
  const done = new Set();
  for (let nth of places) {
    for (; nth > 0 && !done.has(nth); nth = Math.floor(nth / 2)) {
      done.add(nth);
      const run = { ...job, nth };
      const result = await make(browser, run);
      failures.push(...failuresOf(run, result));
      if (result.struck > 0) break;
    }
  }
  if (!made.some(({ target, script, kind }) => target === job.target && script === job.script && kind === job.kind)) {
    failures.push(`${job.target}, ${job.script}, "${job.kind}" never struck`);
  }
  return failures;
}
