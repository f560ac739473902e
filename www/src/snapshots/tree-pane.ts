import { element, input, nameElement, part, showText } from "../dom";
import { counted, formatCount } from "../format";
import { Latest } from "../latest";
import { attempt } from "../notice";
import { WindowedTree } from "../windowed-tree";
import { foundRows, Hierarchy, type HierarchyRow } from "./hierarchy";
import { sameScope } from "./place";
import type { SnapshotSession } from "./snapshot-session";

/** The scopes and keys as a tree, of which only what is open was read. */
export class TreePane {
  private readonly filter = input("tree-filter");
  private readonly status = part("tree-status", HTMLElement);
  private readonly tree: WindowedTree<HierarchyRow>;
  private readonly latest = new Latest();
  private hierarchy: Hierarchy;
  private user: string;
  private found: HierarchyRow[] | null = null;
  private movedTo = "";

  /** `opened` is told that a person chose a row. */
  constructor(
    private readonly session: SnapshotSession,
    opened: () => void,
  ) {
    this.user = session.place.user;
    this.hierarchy = this.newHierarchy();
    this.tree = new WindowedTree<HierarchyRow>(part("tree", HTMLElement), {
      draw: drawRow,
      open: (row) => {
        session.go(row.kind === "key" ? { scope: row.scope, key: row.name } : { scope: [...row.scope, row.name] });
        opened();
      },
      isOpen: (row) => this.isShown(row),
    });
    this.tree.onExpand = (row, expanded) => void attempt(() => this.expand([...row.scope, row.name], expanded));
    this.filter.addEventListener("input", () => {
      this.tree.scrollToStart();
      void attempt(() => this.look());
    });
    session.onMove(() => void attempt(() => this.moved()));
  }

  /** Whether this user has nothing saved at all, as far as was read. */
  get isEmpty(): boolean {
    const { scopes, keys } = this.hierarchy.top;
    return scopes.length + keys.length === 0;
  }

  /** Takes up what has changed. */
  async refresh(): Promise<void> {
    const isChanged = await this.hierarchy.refresh();
    if (isChanged) await this.look();
  }

  private newHierarchy(): Hierarchy {
    return new Hierarchy((path) => this.session.storeAt(path, this.user));
  }

  private isShown({ kind, name, scope }: HierarchyRow): boolean {
    const { place } = this.session;
    return kind === "key" ? name === place.key && sameScope(scope, place.scope) : place.key === null && sameScope([...scope, name], place.scope);
  }

  private async moved(): Promise<void> {
    const { user, scope, key } = this.session.place;
    // Another version of the same key opens nothing that was closed.
    const place = JSON.stringify([user, scope, key]);
    if (place === this.movedTo) return;
    this.movedTo = place;
    if (user !== this.user) {
      this.user = user;
      this.hierarchy = this.newHierarchy();
      this.filter.value = "";
    }
    await this.hierarchy.open(scope);
    await this.look();
    this.tree.markOpen();
  }

  private async expand(path: string[], expanded: boolean): Promise<void> {
    if (this.found !== null) return;
    if (expanded) await this.hierarchy.open(path);
    else this.hierarchy.close(path);
    this.draw();
  }

  /** Reads what the filter wants, and shows it. */
  private async look(): Promise<void> {
    const newest = this.latest.next();
    const text = this.filter.value;
    const result = text === "" ? null : await foundRows((path) => this.session.storeAt(path, this.user), text, newest);
    if (newest.aborted) return;
    this.found = result?.rows ?? null;
    const { scopes, keys } = this.hierarchy.top;
    const atTop = this.isEmpty ? "" : `${counted(scopes.length, "scope")}, ${counted(keys.length, "key")} at the top`;
    this.status.textContent = result ? `${counted(result.found, "name")} found` : atTop;
    this.draw();
  }

  private draw(): void {
    const rows = this.found ?? this.hierarchy.rows();
    this.tree.setItems(rows);
    const none = this.found ? "No name has this in it." : "Nothing is saved yet.";
    showText(part("tree-empty", HTMLElement), rows.length > 0 ? null : none);
  }
}

function drawRow({ kind, name, expanded, count }: HierarchyRow, row: HTMLElement): void {
  row.title = name;
  row.dataset["kind"] = kind;
  const twisty = element("span", { class: "twisty", "aria-hidden": "true" });
  if (expanded !== null) twisty.dataset["twisty"] = "";
  row.append(twisty, nameElement(name));
  if (count !== null) row.append(element("span", { class: "tree-count", title: "Scopes and keys right below" }, formatCount(count)));
}
