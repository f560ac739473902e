import { writeForEver } from "./writing.mjs";

const tell = (type, report) => postMessage({ type, report });

globalThis.heard = (event) => tell("event", { event });
addEventListener("unhandledrejection", ({ reason }) => tell("error", { message: String(reason?.stack ?? reason) }));

onmessage = ({ data: parameters }) => {
  void writeForEver(parameters, { tell, acknowledge: (...acknowledged) => postMessage({ acknowledged }) });
};
// A message that comes while modules are still loading is lost.
postMessage({ ready: true });
