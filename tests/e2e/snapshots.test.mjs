// One file for the test runner, so that all of them share one browser.
import "./snapshots/tree.mjs";
import "./snapshots/versions.mjs";
import "./snapshots/many.mjs";
import "./snapshots/transfer.mjs";
import "./snapshots/two-tabs.mjs";
import "./snapshots/hostile.mjs";
import "./snapshots/looks.mjs";
import "./snapshots/rules.mjs";
