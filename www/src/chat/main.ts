import { boot } from "../boot";
import { button, part } from "../dom";
import { followAddress, followOthers } from "../follow";
import { wordDelay } from "../pacing";
import { ChatPage } from "./chat-page";

function setUpKeys(page: ChatPage): void {
  button("new-chat").addEventListener("click", () => page.newChat());
  button("show-list").addEventListener("click", () => page.showList(true));
  button("stop").addEventListener("click", () => page.stop());
  document.addEventListener("keydown", (event) => {
    // In a dialog the key closes that.
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) page.stop();
  });
  followAddress(() => page.session.readAddress());
}

boot((database) => {
  const page = new ChatPage(database, wordDelay(location.search));
  setUpKeys(page);
  followOthers(database, () => page.sync());
  part("composer-text", HTMLTextAreaElement).focus();
});
