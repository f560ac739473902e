import { boot } from "../boot";
import { button } from "../dom";
import { followAddress, followOthers } from "../follow";
import { wordDelay } from "../pacing";
import { SessionsPage } from "./sessions-page";

/** Where there is no room for both, either the runs or the files are shown. */
function setUpPanes(): void {
  for (const pane of ["work", "side"]) {
    button(`show-${pane}`).addEventListener("click", () => {
      document.body.dataset["pane"] = pane;
      for (const each of ["work", "side"]) button(`show-${each}`).setAttribute("aria-pressed", String(each === pane));
    });
  }
}

boot((database) => {
  const page = new SessionsPage(database, wordDelay(location.search));
  setUpPanes();
  button("show-list").addEventListener("click", () => page.showList(true));
  button("stop").addEventListener("click", () => page.stop());
  document.addEventListener("keydown", (event) => {
    // In a dialog the key closes that.
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) page.stop();
  });
  followAddress(() => page.workspace.readAddress());
  followOthers(database, () => page.sync());
});
