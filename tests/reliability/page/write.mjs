import { acknowledge, tell } from "./reports.mjs";
import { writeForEver } from "./writing.mjs";

export default (parameters) => {
  globalThis.heard = (event) => tell("event", { event });
  return writeForEver(parameters, { tell, acknowledge });
};
