/** Nearer to the end than this counts as being there. Positions are fractions of pixels. */
const AT_END = 4;
/** As far from it the end is followed by who came down to it or was there before: it may have moved on meanwhile. */
const NEAR_END = 48;

/** Keeps what is read where it is while messages above it come and go, or the end in sight where that was read. */
export class ScrollKeeper {
  /** Whether the end is kept in sight. */
  follows = true;
  private lastTop = 0;

  constructor(
    private readonly viewport: HTMLElement,
    private readonly list: HTMLElement,
  ) {
    // A pane that becomes lower, as with a keyboard on the screen, would hide its end.
    new ResizeObserver(() => this.toEnd()).observe(viewport);
  }

  /** Has to be called when the viewport was scrolled. */
  scrolled(hasEnd: boolean): void {
    const { scrollHeight, scrollTop, clientHeight } = this.viewport;
    const left = scrollHeight - scrollTop - clientHeight;
    const moved = scrollTop - this.lastTop;
    this.lastTop = scrollTop;
    const comes = moved > 1 || (this.follows && moved > -1);
    this.follows = hasEnd && (left < AT_END || (comes && left < NEAR_END));
  }

  toEnd(): void {
    if (this.follows) this.scrollTo(this.viewport.scrollHeight);
  }

  /** Makes a change of the list. */
  keep(change: () => void): void {
    const top = this.viewport.getBoundingClientRect().top;
    const children = Array.from(this.list.children);
    const first = children.findIndex((child) => child.getBoundingClientRect().bottom > top);
    const seen = (first === -1 ? [] : children.slice(first)).map((child) => ({ child, was: child.getBoundingClientRect().top }));
    change();
    if (this.follows) {
      this.toEnd();
      return;
    }
    const stayed = seen.find(({ child }) => child.isConnected);
    // Another version of a message comes to the place of the one before.
    const anchor = stayed ?? (seen[0] && this.list.children[first] ? { child: this.list.children[first], was: seen[0].was } : null);
    if (anchor) this.scrollTo(this.viewport.scrollTop + anchor.child.getBoundingClientRect().top - anchor.was);
  }

  private scrollTo(top: number): void {
    this.viewport.scrollTop = top;
    this.lastTop = this.viewport.scrollTop;
  }
}
