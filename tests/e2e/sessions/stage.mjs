import { stageOf } from "../page-stage.mjs";
import { SessionsPage } from "./sessions-page.mjs";

export const stage = stageOf("sessions", SessionsPage);
