// A page that does one task, which its address names with all that the task needs; `run` marks its reports.
//
//   ?run=…&task=write&name=my-db&series=a&durability=relaxed&lanes=3&flushEvery=20

import { tell } from "./reports.mjs";

const parameters = Object.fromEntries(new URLSearchParams(location.search));
const TASKS = {
  write: () => import("./write.mjs"),
  "write-in-worker": () => import("./write-in-worker.mjs"),
  look: () => import("./look.mjs"),
  harm: () => import("./harm.mjs"),
  fill: () => import("./fill.mjs"),
};

addEventListener("error", (event) => tell("error", { message: String(event.error?.stack ?? event.message) }));
addEventListener("unhandledrejection", ({ reason }) => tell("error", { message: String(reason?.stack ?? reason) }));

const { default: run } = await TASKS[parameters.task]();
await run(parameters);
