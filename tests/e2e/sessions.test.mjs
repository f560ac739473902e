// One file for the test runner, so that all of them share one browser.
import "./sessions/runs.mjs";
import "./sessions/way-back.mjs";
import "./sessions/checkpoints.mjs";
import "./sessions/prompts.mjs";
import "./sessions/recipe.mjs";
import "./sessions/list.mjs";
import "./sessions/transfer.mjs";
import "./sessions/two-tabs.mjs";
import "./sessions/hostile.mjs";
import "./sessions/looks.mjs";
import "./sessions/rules.mjs";
