// One file for the test runner, so that all of them share one browser.
import "./chat/answers.mjs";
import "./chat/branches.mjs";
import "./chat/conversations.mjs";
import "./chat/long.mjs";
import "./chat/search.mjs";
import "./chat/transfer.mjs";
import "./chat/two-tabs.mjs";
import "./chat/hostile.mjs";
import "./chat/looks.mjs";
import "./chat/rules.mjs";
