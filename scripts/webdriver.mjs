// Prints the WebDriver capabilities for a Chromium: node scripts/webdriver.mjs /usr/bin/chromium
import { CHROMIUM_FLAGS } from "../tests/chromium.mjs";

const [binary] = process.argv.slice(2);
console.log(JSON.stringify({ "goog:chromeOptions": { binary, args: ["--headless", ...CHROMIUM_FLAGS] } }));
