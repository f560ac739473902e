// Prints the WebDriver capabilities for a browser: node scripts/webdriver.mjs firefox /usr/bin/firefox-esr
import { CHROMIUM_FLAGS, SQLITE_FLAG } from "../tests/chromium.mjs";

const chromium = (binary, ...flags) => ({ "goog:chromeOptions": { binary, args: ["--headless", ...CHROMIUM_FLAGS, ...flags] } });

const CAPABILITIES = {
  chromium,
  sqlite: (binary) => chromium(binary, SQLITE_FLAG),
  // Without these, Firefox asks the user whether storage may be persistent, and waits for ever.
  firefox: (binary) => ({
    "moz:firefoxOptions": {
      binary,
      args: ["-headless"],
      prefs: { "dom.storageManager.prompt.testing": true, "dom.storageManager.prompt.testing.allow": true },
    },
  }),
  // wasm-bindgen's test runner sends a Safari none, and WebKitWebDriver starts this browser by itself.
  webkit: (binary) => ({ "webkitgtk:browserOptions": { binary, args: ["--automation"] } }),
};

const [engine, binary] = process.argv.slice(2);
if (!CAPABILITIES[engine] || !binary) {
  console.error(`node scripts/webdriver.mjs ${Object.keys(CAPABILITIES).join("|")} BINARY`);
  process.exit(1);
}
console.log(JSON.stringify(CAPABILITIES[engine](binary)));
