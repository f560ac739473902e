import type { SnapshotVersion } from "agent-datastore";
import { confirmed } from "../confirm";
import { button, element, nameElement, part, showText } from "../dom";
import { shortTimeElement } from "../facts";
import { counted, formatBytes, formatCount } from "../format";
import { Latest } from "../latest";
import { attempt, inform } from "../notice";
import { contentsOf, countBelow } from "./hierarchy";
import { scopeText } from "./place";
import type { SnapshotSession } from "./snapshot-session";

/** More rows are not shown; the tree has them all. */
const MOST_ROWS = 100;

interface Contents {
  scopes: { name: string; below: string }[];
  keys: { name: string; versions: SnapshotVersion[] }[];
  left: number;
}

/** What is in a scope. */
export class ScopeView {
  private readonly latest = new Latest();
  private drawn = "";

  constructor(
    private readonly session: SnapshotSession,
    private readonly changed: () => Promise<void>,
  ) {
    button("delete-scope").addEventListener("click", () => void attempt(() => this.remove()));
  }

  async refresh(): Promise<void> {
    const newest = this.latest.next();
    const { user, scope, key } = this.session.place;
    if (key !== null) return;
    const contents = await this.read(scope, newest);
    const state = JSON.stringify([user, scope, contents]);
    if (newest.aborted || state === this.drawn) return;
    this.drawn = state;
    const rows = [
      ...contents.scopes.map(({ name, below }) => this.row(this.session.hrefOf({ scope: [...scope, name] }), "scope", name, [below])),
      ...contents.keys.map(({ name, versions }) => this.row(this.session.hrefOf({ key: name }), "key", name, keyCells(versions))),
    ];
    part("scope-rows", HTMLElement).replaceChildren(...rows);
    part("scope-table", HTMLElement).hidden = rows.length === 0;
    showText(part("scope-more", HTMLElement), contents.left > 0 ? `${formatCount(contents.left)} more are in the tree.` : null);
    showText(part("scope-none", HTMLElement), rows.length > 0 ? null : "Nothing is saved in this scope. It is there as soon as something is.");
    for (const id of ["delete-scope", "prune-scope"]) button(id).disabled = rows.length === 0;
  }

  private async read(scope: string[], signal: AbortSignal): Promise<Contents> {
    const store = this.session.storeAt(scope);
    const [children, list] = await Promise.all([store.children(), store.list()]);
    const contents: Contents = { scopes: [], keys: [], left: Math.max(0, children.length + list.length - MOST_ROWS) };
    for (const name of children.slice(0, MOST_ROWS)) {
      if (signal.aborted) break;
      const { scopes, keys } = await contentsOf(this.session.storeAt([...scope, name]));
      const counts = [...(scopes.length > 0 ? [counted(scopes.length, "scope")] : []), ...(keys.length > 0 ? [counted(keys.length, "key")] : [])];
      contents.scopes.push({ name, below: counts.join(", ") });
    }
    for (const name of list.slice(0, MOST_ROWS - contents.scopes.length)) {
      if (signal.aborted) break;
      contents.keys.push({ name, versions: await store.versions(name) });
    }
    return contents;
  }

  private row(href: string, kind: "scope" | "key", name: string, cells: (Node | string)[]): HTMLElement {
    const link = element("a", { href, title: name }, nameElement(name));
    const first = element("th", { scope: "row", "data-kind": kind }, link);
    const others = kind === "scope" ? [element("td", { colspan: "3", class: "muted" }, ...cells)] : cells.map((cell) => element("td", {}, cell));
    return element("tr", {}, first, ...others);
  }

  private async remove(): Promise<void> {
    const { session } = this;
    const { scope } = session.place;
    const count = await countBelow((path) => session.storeAt(path), scope);
    const where = scope.length === 0 ? `Everything of “${session.place.user}”` : `“${scopeText(scope)}” with all that is below it`;
    const question = {
      title: scope.length === 0 ? "Delete everything?" : "Delete this scope?",
      text: `${where}, ${counted(count, "snapshot")}, will be gone with all versions.`,
      yes: `Delete ${counted(count, "snapshot")}`,
    };
    if (!(await confirmed(question))) return;
    const gone = await session.storeAt(scope).deleteAll();
    if (session.place.scope === scope) session.replaceBy({ scope: scope.slice(0, -1) });
    await this.changed();
    inform(`${counted(gone, "snapshot")} deleted.`);
  }
}

function keyCells(versions: SnapshotVersion[]): (Node | string)[] {
  const current = versions[0];
  return current ? [shortTimeElement(current.savedAt), formatBytes(current.bytes), formatCount(versions.length)] : ["", "", ""];
}
