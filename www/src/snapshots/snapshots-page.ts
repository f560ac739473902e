import type { Database } from "agent-datastore";
import { button, element, nameElement, part } from "../dom";
import { counted } from "../format";
import { attempt, inform } from "../notice";
import { linkPages } from "../pages";
import { setUpBurst } from "./burst";
import { EXAMPLE_PLACE, writeExample } from "./example";
import { setUpPruning } from "./prune-dialog";
import { ScopeView } from "./scope-view";
import { setUpSnapshotEditor, type SnapshotEditor } from "./snapshot-editor";
import { SnapshotSession } from "./snapshot-session";
import { SnapshotView } from "./snapshot-view";
import { setUpTransfer } from "./transfer-dialog";
import { TreePane } from "./tree-pane";

/** What a person does on the page, and what it shows of it. */
export class SnapshotsPage {
  readonly session: SnapshotSession;
  private readonly tree: TreePane;
  private readonly scopeView: ScopeView;
  private readonly snapshotView: SnapshotView;
  private readonly editor: SnapshotEditor;

  constructor(database: Database) {
    const session = new SnapshotSession(database);
    const changed = (): Promise<void> => this.sync();
    this.session = session;
    this.editor = setUpSnapshotEditor(session, changed);
    this.tree = new TreePane(session, () => this.showList(false));
    this.scopeView = new ScopeView(session, changed);
    this.snapshotView = new SnapshotView(session, changed, (...edited) => this.editor.edit(...edited));
    setUpBurst(session, changed);
    setUpPruning(session, changed);
    setUpTransfer(session, changed);
    for (const id of ["new-key", "welcome-key"]) button(id).addEventListener("click", () => this.editor.add(false));
    button("new-scope").addEventListener("click", () => this.editor.add(true));
    button("welcome-example").addEventListener("click", () => void attempt(() => this.fillIn()));
    session.onMove(() => {
      this.drawPlace();
      void attempt(() => this.sync());
    });
  }

  /** Shows what has changed in the store, in whichever tab. */
  async sync(): Promise<void> {
    await Promise.all([this.tree.refresh(), this.scopeView.refresh(), this.snapshotView.refresh()]);
    this.drawViews();
  }

  showList(shown: boolean): void {
    document.body.dataset["view"] = shown ? "list" : "place";
  }

  private async fillIn(): Promise<void> {
    const written = await writeExample(this.session);
    this.session.go(EXAMPLE_PLACE);
    await this.sync();
    inform(`${counted(written, "snapshot")} saved.`);
  }

  private drawPlace(): void {
    const { user, scope, key } = this.session.place;
    part("snapshots-user", HTMLElement).textContent = user;
    linkPages(user);
    const name = key ?? scope.at(-1);
    part("place-title", HTMLElement).replaceChildren(name === undefined ? "All scopes" : nameElement(name));
    const above = key === null ? scope.slice(0, -1) : scope;
    const link = (depth: number): HTMLElement => {
      const path = scope.slice(0, depth);
      const shown = path.at(-1);
      return element("a", { href: this.session.hrefOf({ scope: path }) }, shown === undefined ? "All scopes" : nameElement(shown));
    };
    const links = name === undefined ? [] : Array.from({ length: above.length + 1 }, (_, depth) => link(depth));
    part("place-path", HTMLElement).replaceChildren(...links.flatMap((each, at) => (at === 0 ? [each] : [" / ", each])));
    part("scope-actions", HTMLElement).hidden = key !== null;
    part("snapshot-actions", HTMLElement).hidden = key === null;
    part("place-title", HTMLElement).dataset["kind"] = key === null ? "scope" : "key";
  }

  /** Either the welcome, or a scope, or a key. */
  private drawViews(): void {
    const { key, scope } = this.session.place;
    const isNew = this.tree.isEmpty && key === null && scope.length === 0;
    part("welcome", HTMLElement).hidden = !isNew;
    part("scope-view", HTMLElement).hidden = isNew || key !== null;
    part("snapshot-view", HTMLElement).hidden = key === null;
    document.body.dataset["shown"] = isNew ? "welcome" : key === null ? "scope" : "snapshot";
  }
}
