import { boot } from "../boot";
import { button } from "../dom";
import { followOthers } from "../follow";
import { report } from "../notice";
import { SnapshotsPage } from "./snapshots-page";

function followAddress(page: SnapshotsPage): void {
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

boot((database) => {
  const page = new SnapshotsPage(database);
  button("show-list").addEventListener("click", () => page.showList(true));
  followAddress(page);
  followOthers(database, () => page.sync());
});
