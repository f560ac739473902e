import { stageOf } from "../page-stage.mjs";
import { ChatPage } from "./chat-page.mjs";

export const stage = stageOf("chat", ChatPage);
