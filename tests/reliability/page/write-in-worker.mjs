// The database lives in a worker of a page that has loaded the package, too, and so can help the worker.

import "./database.mjs";
import { acknowledge, tell } from "./reports.mjs";

export default (parameters) => {
  const worker = new Worker("/page/worker.mjs", { type: "module" });
  worker.onerror = (event) => tell("error", { message: `in the worker: ${event.message}` });
  worker.onmessage = ({ data: { ready, acknowledged, type, report } }) => {
    if (ready) worker.postMessage(parameters);
    else if (acknowledged) acknowledge(...acknowledged);
    else tell(type, report);
  };
};
