// One script with one fault, and what has to be true after it.

import { arm, disarm } from "./faults.mjs";
import { judge } from "./judge.mjs";
import { KINDS, UNBEARABLE } from "./kinds.mjs";
import { hasFailed, same, settle, sleep } from "./outcome.mjs";

/** How long a call may take that has limits of its own, which are shorter; one that has none takes milliseconds, or for ever. */
const LIMIT_MS = 10_000;
const LIMIT_OF_UNLIMITED_MS = 3_000;
/** How often an application tries to open. */
const OPENINGS = 4;
/** After so many calls that hang a run has seen enough. */
const MOST_HUNG = 2;

const uncaught = [];
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  uncaught.push(`unhandled rejection: ${event.reason?.name}: ${event.reason?.message ?? event.reason}`);
});
addEventListener("error", (event) => uncaught.push(`uncaught: ${event.message}`));

const flat = (steps) => steps.flatMap((step) => (Array.isArray(step) ? [step] : [[step]]));

const opening = { name: "open", bare: true, reads: true };

const isDone = ({ hung, name }) => !hung && name === undefined;

class Run {
  trace = [];
  problems = [];
  hung = 0;

  constructor(target, script, kind, name) {
    const limitMs = (target.isTyped ? LIMIT_MS : LIMIT_OF_UNLIMITED_MS) + (kind.longerMs ?? 0);
    Object.assign(this, { target, script, kind, name, limitMs, c: {} });
  }

  problem(what, details) {
    this.problems.push([what, details]);
  }

  /** Makes a call, and notes what became of it. */
  async make(step, isFaulty = true) {
    // In the order of the calls, not in that of their ends.
    const entry = { step };
    this.trace.push(entry);
    const isSkipped = !this.c.db || step.unless?.(this.c);
    const outcome = isSkipped ? { skipped: true } : await settle(() => step.act(this.c), this.limitMs);
    return this.note(entry, outcome, isFaulty);
  }

  note(entry, outcome, isFaulty = true) {
    const { step } = entry;
    entry.outcome = outcome;
    if (outcome.hung) {
      this.hung += 1;
      this.problem("hung", step.name);
    }
    if (outcome.name !== undefined && this.target.isTyped && outcome.code === undefined) {
      this.problem("untyped", `${step.name}: ${outcome.name} ${outcome.message}`);
    }
    if (!isFaulty && (outcome.hung || hasFailed(outcome))) {
      this.problem("dead", `${step.name}: ${outcome.hung ? "hung" : `${outcome.code ?? outcome.name} ${outcome.message}`}`);
    }
    return outcome;
  }

  /** Opens as an application does. */
  async open(isFaulty = true) {
    this.c = {};
    for (let turn = 0; turn < (isFaulty ? OPENINGS : 1); turn++) {
      const opened = {};
      const call = async () => Object.assign(opened, await this.target.open(this.name, this.options(isFaulty)));
      const outcome = await settle(() => call().then(() => undefined), this.limitMs);
      const entry = { step: opening };
      this.trace.push(entry);
      this.note(entry, outcome, isFaulty);
      if (!outcome.hung && outcome.name === undefined) {
        this.c = opened;
        return;
      }
      if (this.hung >= MOST_HUNG) return;
    }
  }

  /** Short limits, so that a fault does not take long; without one there is time, however busy the machine is. */
  options(isFaulty) {
    return { ...this.script.options, isPatient: !isFaulty || Boolean(this.kind.isPatient) };
  }

  async runScript() {
    await this.open();
    for (const group of flat(this.script.steps)) {
      if (this.hung >= MOST_HUNG) return;
      if (group[0] === REOPEN) {
        if (this.c.db) await this.make({ ...closing, act: (c) => this.target.close(c) });
        await this.open();
      } else {
        await Promise.all(group.map((step) => this.make(step)));
      }
    }
  }

  /** Without faults, with the same object and without a reload. */
  async afterwards() {
    if (!this.c.db) await this.open(false);
    for (const step of this.script.afterwards) await this.make(step, false);
  }

  /** What is stored, as another connection finds it. */
  async look() {
    const { script, target } = this;
    const inside = await settle(async () => {
      await target.refresh?.(this.c);
      return script.look(this.c);
    }, this.limitMs);
    const fresh = (this.fresh = {});
    const outside = await settle(async () => {
      Object.assign(fresh, await target.open(this.name, this.options(false)));
      return script.look(fresh);
    }, this.limitMs);
    if (!isDone(outside)) this.problem("unreadable", JSON.stringify(outside));
    if (!isDone(inside)) this.problem("dead", `reading: ${JSON.stringify(inside)}`);
    const stored = target.readRaw ? await settle(() => target.readRaw(this.name), this.limitMs) : outside;
    if (!isDone(stored)) return;
    if (isDone(inside) && !same(inside.value, stored.value)) this.problem("torn", "the same object sees something else than what is stored");
    for (const [what, details] of await judge(script, target.reference, this.trace, stored.value)) this.problem(what, details);
    const damage = await settle(async () => target.damageOf?.(fresh), this.limitMs);
    if (damage.value?.length || !isDone(damage)) this.problem("damaged", JSON.stringify(damage));
    if (!script.counted) return;
    for (const details of script.check(this.trace, await settle(() => script.counted(fresh), this.limitMs), this.kind)) this.problem("wrong", details);
  }

  /** Closes everything, and deletes the database; nothing may be left open then. */
  async end() {
    for (const c of [this.c, this.fresh]) {
      const closed = c?.db ? await settle(() => this.target.close(c), this.limitMs) : {};
      if (!isDone(closed)) this.problem("dead", `close: ${JSON.stringify(closed)}`);
    }
    const deletion = isHeld(this.name);
    // Not everybody has a way to close, or has closed when that says so.
    if (!this.target.readRaw && (await deletion)) this.problem("held", "a connection was left open");
  }
}

/** Stands in a script where the database is closed and opened again. */
export const REOPEN = { name: "reopen" };
const closing = { name: "close", bare: true, reads: true };

/** Deletes a database. Tells whether somebody held it open. */
const isHeld = (name) =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve(false);
    request.onerror = () => resolve(true);
    request.onblocked = () => resolve(true);
  });

/** Runs a script with the fault at the `nth` call, at none with 0; tells how often it struck, and what was wrong. */
export async function runOnce(target, script, kindName, nth) {
  const kind = KINDS[kindName] ?? UNBEARABLE[kindName];
  const run = new Run(target, script, kind, `sweep ${crypto.randomUUID()}`);
  uncaught.length = 0;
  await target.prepare?.(run.name, script);
  arm(kind, nth);
  await run.runScript();
  const struck = disarm();
  if (struck > 0 || nth === 0) {
    await sleep(kind.restMs ?? 0);
    await run.afterwards();
    await run.look();
  }
  await run.end();
  await sleep(0);
  for (const each of uncaught) run.problem("uncaught", each);
  const rejected = run.trace.filter(({ outcome }) => outcome.name !== undefined && hasFailed(outcome)).length;
  return { struck, isSpoilt: struck > 0 && Boolean(kind.spoils), calls: run.trace.length, rejected, problems: run.problems, trace: run.trace.map(({ step, outcome }) => [step.name, outcome]) };
}
