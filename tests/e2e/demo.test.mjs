// One file for the test runner, so that all of them share one browser.
import "./demo/records.mjs";
import "./demo/folders.mjs";
import "./demo/documents.mjs";
import "./demo/search.mjs";
import "./demo/two-tabs.mjs";
import "./demo/hostile.mjs";
import "./demo/storage.mjs";
