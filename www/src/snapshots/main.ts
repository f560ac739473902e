import { boot } from "../boot";
import { button } from "../dom";
import { followAddress, followOthers } from "../follow";
import { SnapshotsPage } from "./snapshots-page";

boot((database) => {
  const page = new SnapshotsPage(database);
  button("show-list").addEventListener("click", () => page.showList(true));
  followAddress(() => page.session.readAddress());
  followOthers(database, () => page.sync());
});
