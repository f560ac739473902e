import init, { open } from "agent-datastore";
import { button, part, showText } from "../dom";
import { describeError } from "../errors";
import { databaseName } from "../location";
import { report } from "../notice";
import { ChatPage } from "./chat-page";
import { followOthers } from "./follow";
import { wordDelay } from "./place";

function setUpKeys(page: ChatPage): void {
  button("new-chat").addEventListener("click", () => page.newChat());
  button("show-list").addEventListener("click", () => page.showList(true));
  button("stop").addEventListener("click", () => page.stop());
  document.addEventListener("keydown", (event) => {
    // In a dialog the key closes that.
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) page.stop();
  });
  const readAddress = (): void => {
    try {
      page.session.readAddress();
    } catch (error) {
      report(error);
    }
  };
  addEventListener("hashchange", readAddress);
  addEventListener("popstate", readAddress);
}

async function start(): Promise<void> {
  try {
    await init();
    const database = await open({ name: databaseName(location.search) });
    const page = new ChatPage(database, wordDelay(location.search));
    setUpKeys(page);
    followOthers(database, () => page.sync());
    document.body.dataset["state"] = "open";
    part("composer-text", HTMLTextAreaElement).focus();
  } catch (error) {
    document.body.dataset["state"] = "failed";
    showText(part("boot-message", HTMLElement), describeError(error));
    button("boot-retry").hidden = false;
  }
}

// A new start of the page, because parts of it may have been set up already.
button("boot-retry").addEventListener("click", () => location.reload());
void start();
