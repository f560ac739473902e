// Several real tabs of Chromium on one database, and what becomes of it when they stop, crash or are killed. Needs the
// packages that scripts/build.sh and scripts/build-test-pages.sh make.
//
// TABS_SEED repeats a run's random moments; KILL_ROUNDS, DEATH_ROUNDS and STOPPED_ROUNDS make more of them.

import "./counter.mjs";
import "./batches.mjs";
import "./deaths.mjs";
import "./kills.mjs";
import "./stopped.mjs";
import "./torn.mjs";
import "./asleep.mjs";
