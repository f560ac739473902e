// Looks at what is there.

import { openAndInspect } from "./database.mjs";
import { tell } from "./reports.mjs";

export default (parameters) => openAndInspect(parameters, tell);
