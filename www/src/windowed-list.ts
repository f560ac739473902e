import { element } from "./dom";

/** Rows drawn above and below what is visible, so that scrolling does not show gaps. */
const SPARE_ROWS = 8;

export interface RowKind<T> {
  /** Fills the row of an item. */
  draw(item: T, row: HTMLElement): void;
  /** Makes the list one to choose from; without it the rows are only read. */
  open?(item: T): void;
  /** Whether this item is the one that is open. */
  isOpen?(item: T): boolean;
}

/** A list that keeps only its visible rows in the page. The style sheet gives the height of a row as `--row-height`. */
export class WindowedList<T> {
  protected items: readonly T[] = [];
  protected active = -1;
  private readonly sizer = element("div", { class: "rows-sizer", role: "presentation" });

  constructor(
    protected readonly viewport: HTMLElement,
    protected readonly kind: RowKind<T>,
  ) {
    viewport.setAttribute("role", kind.open ? "listbox" : "list");
    viewport.replaceChildren(this.sizer);
    viewport.addEventListener("scroll", () => this.draw(), { passive: true });
    viewport.addEventListener("keydown", (event) => this.onKey(event));
    viewport.addEventListener("click", (event) => this.onClick(event));
    new ResizeObserver(() => this.draw()).observe(viewport);
  }

  /** Shows other items; the scroll position stays where it can. */
  setItems(items: readonly T[]): void {
    this.items = items;
    this.active = items.findIndex((item) => this.kind.isOpen?.(item));
    this.draw();
  }

  /** Marks the open item anew, and scrolls to it where it is out of sight. */
  markOpen(): void {
    this.active = this.items.findIndex((item) => this.kind.isOpen?.(item));
    if (this.active !== -1) this.reveal(this.active);
    this.draw();
  }

  scrollToStart(): void {
    this.viewport.scrollTop = 0;
  }

  private rowHeight(): number {
    return Number.parseFloat(getComputedStyle(this.viewport).getPropertyValue("--row-height"));
  }

  protected draw(): void {
    const height = this.rowHeight();
    const { scrollTop, clientHeight } = this.viewport;
    const first = Math.max(0, Math.floor(scrollTop / height) - SPARE_ROWS);
    const end = Math.min(this.items.length, Math.ceil((scrollTop + clientHeight) / height) + SPARE_ROWS);
    this.sizer.style.height = `${this.items.length * height}px`;
    this.sizer.replaceChildren(...this.items.slice(first, end).map((item, at) => this.row(item, first + at, height)));
    if (this.kind.open) {
      const drawn = this.active >= first && this.active < end;
      if (drawn) this.viewport.setAttribute("aria-activedescendant", this.idOf(this.active));
      else this.viewport.removeAttribute("aria-activedescendant");
    }
  }

  protected row(item: T, index: number, height: number): HTMLElement {
    const row = element("div", {
      class: "row",
      id: this.idOf(index),
      role: this.kind.open ? "option" : "listitem",
      "aria-setsize": String(this.items.length),
      "aria-posinset": String(index + 1),
      "data-index": String(index),
    });
    if (this.kind.open) row.setAttribute("aria-selected", String(this.kind.isOpen?.(item) ?? false));
    row.classList.toggle("active", index === this.active);
    row.style.transform = `translateY(${index * height}px)`;
    this.kind.draw(item, row);
    return row;
  }

  private idOf(index: number): string {
    return `${this.viewport.id}-${index}`;
  }

  protected reveal(index: number): void {
    const height = this.rowHeight();
    const top = index * height;
    const { scrollTop, clientHeight } = this.viewport;
    if (top < scrollTop) this.viewport.scrollTop = top;
    else if (top + height > scrollTop + clientHeight) this.viewport.scrollTop = top + height - clientHeight;
  }

  protected onKey(event: KeyboardEvent): void {
    if (!this.kind.open || this.items.length === 0) return;
    const page = Math.max(1, Math.floor(this.viewport.clientHeight / this.rowHeight()) - 1);
    const last = this.items.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: this.active + 1,
      ArrowUp: this.active - 1,
      PageDown: this.active + page,
      PageUp: this.active - page,
      Home: 0,
      End: last,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.active = Math.min(last, Math.max(0, to));
      this.reveal(this.active);
      this.draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.openAt(this.active);
    }
  }

  protected onClick(event: MouseEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>(".row") : null;
    if (row?.dataset["index"] !== undefined) this.openAt(Number(row.dataset["index"]));
  }

  protected openAt(index: number): void {
    const item = this.items[index];
    if (item === undefined) return;
    this.active = index;
    this.draw();
    this.kind.open?.(item);
  }
}
