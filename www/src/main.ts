import type { Database } from "agent-datastore";
import { boot } from "./boot";
import { confirmed } from "./confirm";
import { setUpDocuments } from "./documents";
import { button, part } from "./dom";
import { setUpEditor } from "./editor";
import { setUpFolderImport } from "./folder-dialog";
import { counted } from "./format";
import { setUpIdentity } from "./identity";
import { setUpKeys } from "./keys";
import { writePlace } from "./location";
import { setUpNamespaces } from "./namespaces";
import { attempt, inform, report } from "./notice";
import { pageOfUser } from "./pages";
import { setUpRecord } from "./record";
import { writeSample } from "./sample";
import { setUpSearch } from "./search-panel";
import { Session } from "./session";
import { setUpStorage } from "./storage";

function setUpActions(session: Session, addRecord: () => void, importFolder: () => void): void {
  for (const id of ["add-record", "welcome-add"]) button(id).addEventListener("click", addRecord);
  for (const id of ["import-folder", "welcome-import"]) button(id).addEventListener("click", importFolder);
  button("welcome-sample").addEventListener("click", () =>
    attempt(async () => {
      const written = await writeSample(session.database, session.place.user);
      session.dataChanged();
      inform(`${counted(written, "record")} written.`);
    }),
  );
  button("clear-namespace").addEventListener("click", () =>
    attempt(async () => {
      const { store } = session;
      const keys = await store.listKeys();
      const question = {
        title: "Clear this namespace?",
        text: `${counted(keys.length, "record")} in “${store.namespace}” will be gone for all agents of “${store.user}”.`,
        yes: "Clear",
      };
      if (!(await confirmed(question))) return;
      const gone = await store.clear();
      if (session.place.namespace === store.namespace) session.go({});
      session.dataChanged();
      inform(`${counted(gone, "record")} deleted.`);
    }),
  );
}

function followPage(session: Session): void {
  addEventListener("hashchange", () => {
    try {
      session.readAddress();
    } catch (error) {
      report(error);
    }
  });
  // Another tab or an agent may have written while this page was out of sight.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") session.dataChanged();
  });
}

function linkPages(session: Session): void {
  session.onMove(() => {
    const { user } = session.place;
    part("to-chat", HTMLAnchorElement).href = pageOfUser("./chat/", user);
    part("to-snapshots", HTMLAnchorElement).href = pageOfUser("./snapshots/", user);
    part("to-sessions", HTMLAnchorElement).href = pageOfUser("./sessions/", user);
  });
}

function show(database: Database): void {
  const session = new Session(database);
  history.replaceState(null, "", writePlace(session.place));
  setUpIdentity(session);
  setUpNamespaces(session);
  setUpKeys(session);
  const editor = setUpEditor(session);
  setUpRecord(session, editor);
  setUpSearch(session);
  setUpDocuments(session);
  setUpStorage(session);
  setUpActions(session, () => editor.add(), setUpFolderImport(session).open);
  linkPages(session);
  followPage(session);
}

boot(show);
