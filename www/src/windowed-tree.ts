import { WindowedList } from "./windowed-list";

/** A row of a tree, of which the rows that one sees make a flat list. */
export interface TreeRow {
  /** What tells the row from others, and stays when the tree changes around it. */
  id: string;
  /** 1 at the top. */
  level: number;
  /** `null` for what has nothing below it. */
  expanded: boolean | null;
  /** Its place among its siblings, from 1, and how many they are. */
  position: number;
  siblings: number;
}

/** A windowed list as a tree: it also opens and closes rows. A click on `[data-twisty]` does that alone. */
export class WindowedTree<T extends TreeRow> extends WindowedList<T> {
  /** Opens or closes a row; the new rows are given by `setItems`. */
  onExpand: (item: T, expanded: boolean) => void = () => undefined;

  constructor(...given: ConstructorParameters<typeof WindowedList<T>>) {
    super(...given);
    this.viewport.setAttribute("role", "tree");
  }

  /** Where the keyboard is stays there, as long as that row is there. */
  override setItems(items: readonly T[]): void {
    const id = this.items[this.active]?.id;
    super.setItems(items);
    const at = id === undefined ? -1 : items.findIndex((item) => item.id === id);
    if (at === -1) return;
    this.active = at;
    this.draw();
  }

  protected override row(item: T, index: number, height: number): HTMLElement {
    const row = super.row(item, index, height);
    row.setAttribute("role", "treeitem");
    row.setAttribute("aria-level", String(item.level));
    row.setAttribute("aria-setsize", String(item.siblings));
    row.setAttribute("aria-posinset", String(item.position));
    if (item.expanded !== null) row.setAttribute("aria-expanded", String(item.expanded));
    row.style.setProperty("--level", String(item.level));
    return row;
  }

  protected override onKey(event: KeyboardEvent): void {
    const item = this.items[this.active];
    if (event.key === "ArrowRight" && item) {
      event.preventDefault();
      if (item.expanded === false) this.onExpand(item, true);
      else if (item.expanded && (this.items[this.active + 1]?.level ?? 0) > item.level) this.moveTo(this.active + 1);
    } else if (event.key === "ArrowLeft" && item) {
      event.preventDefault();
      if (item.expanded) this.onExpand(item, false);
      else this.moveTo(this.items.findLastIndex((other, at) => at < this.active && other.level < item.level));
    } else {
      super.onKey(event);
    }
  }

  protected override onClick(event: MouseEvent): void {
    const twisty = event.target instanceof Element ? event.target.closest("[data-twisty]") : null;
    const index = Number(twisty?.closest<HTMLElement>(".row")?.dataset["index"] ?? Number.NaN);
    const item = this.items[index];
    if (!item || item.expanded === null) {
      super.onClick(event);
      return;
    }
    this.active = index;
    this.onExpand(item, !item.expanded);
  }

  private moveTo(index: number): void {
    if (index < 0) return;
    this.active = index;
    this.reveal(index);
    this.draw();
  }
}
