// A Chromium with a profile of its own, for the tests that need real pages.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "../chromium.mjs";
import { serve } from "../e2e/serve.mjs";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Serves these tests and the web package. */
export const serveTests = () => serve({ "/": folder("."), "/pkg": folder("../../pkg/web") });

export const newProfile = () => mkdtemp(join(tmpdir(), "agent-datastore-js-"));

export const removeProfile = (profile) => rm(profile, { recursive: true, force: true, maxRetries: 5 });

/**
 * Starts Chromium on a profile. `uncaught` gathers errors and rejections that nobody handled.
 */
export async function launch(profile) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: CHROMIUM_FLAGS,
  });
  const uncaught = [];
  context.on("weberror", (error) => uncaught.push(String(error.error()?.stack ?? error.error())));
  return { context, uncaught };
}

/** One server and one browser for all tests of a file; at the end nothing may have been left uncaught in it. */
export function useBrowser() {
  const shared = { server: undefined, context: undefined };
  let profile;
  let browser;
  before(async () => {
    shared.server = await serveTests();
    profile = await newProfile();
    browser = await launch(profile);
    shared.context = browser.context;
  });
  after(async () => {
    await browser?.context.close();
    await shared.server?.close();
    if (profile) await removeProfile(profile);
    assert.deepEqual(browser?.uncaught, [], "uncaught errors and unhandled rejections");
  });
  return shared;
}
