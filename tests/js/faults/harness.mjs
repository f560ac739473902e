// What the fault tests share: one browser, pages with the package loaded, and a look at errors.

import assert from "node:assert/strict";
import { useBrowser } from "../chromium.mjs";

export const LIMIT = { timeout: 60_000 };

export const browser = useBrowser();

/** Loads the package and the helpers into a page, as `ads` and `t`. */
export async function prepare(page, origin) {
  await page.evaluate(async (origin) => {
    const [ads, t] = await Promise.all([import(`${origin}/pkg/agent_datastore.js`), import(`${origin}/faults/page.mjs`)]);
    await ads.default();
    Object.assign(globalThis, { ads, t });
  }, origin);
  return page;
}

/** A page with the package; `context.after` closes it. */
export async function newPage(context, { origin = browser.server.origin, init, url = `${origin}/blank.html` } = {}) {
  const page = await browser.context.newPage();
  context.after(() => page.close());
  if (init) await page.addInitScript(init);
  await page.goto(url);
  return prepare(page, origin);
}

/** A database's name that no other test uses. */
export const freshName = () => `faults ${crypto.randomUUID()}`;

/** Holds an outcome against a code, and what every error of that code has to look like. */
export function failed(outcome, code, cause) {
  const mistake = code.startsWith("INVALID_");
  const retryable = ["CONFLICT", "BLOCKED", "TIMEOUT", "CONNECTION_LOST", "STORAGE"].includes(code);
  const { message, ...rest } = outcome;
  const expected = { code, name: mistake ? "TypeError" : "StoreError", retryable, isError: true };
  assert.deepEqual({ ...rest, cause: null }, { ...expected, cause: null }, `${message}`);
  assert.notEqual(message, "");
  if (cause !== undefined) assert.equal(outcome.cause, cause, "the cause");
}
