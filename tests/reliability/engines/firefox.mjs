import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const BINARY = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** No first pages, no questions, nothing from the network, and no tabs of a browser that was killed. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "http://127.0.0.1:9",
  "toolkit.startup.max_resumed_crashes": -1,
  "toolkit.telemetry.enabled": false,
};

export const FIREFOX = {
  name: "firefox",
  label: "Firefox",
  indexedDb: "storage/default",
  readsWhenFull: true,
  missing: () => (existsSync(BINARY) ? null : "firefox-esr is missing; FIREFOX names it"),
  version: () => /\d[\w.]+/.exec(execFileSync(BINARY, ["--version"], { encoding: "utf8" }))[0],
  prepare(profile) {
    const line = (preference) => `user_pref(${preference.map((each) => JSON.stringify(each)).join(", ")});\n`;
    writeFileSync(join(profile, "user.js"), Object.entries(PREFERENCES).map(line).join(""));
  },
  command: (profile, url) => ({
    file: BINARY,
    args: ["--headless", "--no-remote", "--profile", profile, url],
    // Its own reporter of crashes would start for processes that we kill.
    environment: { HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
  }),
};
