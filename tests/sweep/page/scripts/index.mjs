import { bulk } from "./bulk.mjs";
import { cold } from "./cold.mjs";
import { data } from "./data.mjs";
import { messages } from "./messages.mjs";
import { plain } from "./plain.mjs";
import { sessions } from "./sessions.mjs";
import { snapshots } from "./snapshots.mjs";

/** One for each store of this package, and for its data store three; and the one that other packages have too. */
export const SCRIPTS = { data, cold, bulk, messages, snapshots, sessions, plain };
