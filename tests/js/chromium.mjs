// A Chromium with a profile of its own, for the tests that need real pages.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../e2e/serve.mjs";

export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

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
    executablePath: EXECUTABLE,
    headless: true,
    args: ARGUMENTS,
  });
  const uncaught = [];
  context.on("weberror", (error) => uncaught.push(String(error.error()?.stack ?? error.error())));
  return { context, uncaught };
}
