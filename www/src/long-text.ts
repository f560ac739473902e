import { cutAt } from "./cut";
import { showText } from "./dom";
import { formatCount } from "./format";

/** Longer texts are cut at first: a page that lays out megabytes of text stops answering. */
const SHOWN_AT_FIRST = 200_000;

/** Shows a text in `where`, a long one only as far as `more` is not pressed. `parts` may make more of it than text. */
export function showLongText(
  where: HTMLElement,
  more: HTMLButtonElement,
  text: string,
  parts: (visible: string) => (Node | string)[] = (visible) => [visible],
): void {
  const show = (whole: boolean): void => {
    const isCut = !whole && text.length > SHOWN_AT_FIRST;
    where.replaceChildren(...parts(isCut ? text.slice(0, cutAt(text, SHOWN_AT_FIRST)) : text));
    showText(more, isCut ? `Show all ${formatCount(text.length)} characters` : null);
  };
  more.onclick = () => show(true);
  show(false);
}
