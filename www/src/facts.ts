import { element } from "./dom";
import { formatTime } from "./format";

export function timeElement(iso: string): HTMLElement {
  return element("time", { datetime: iso, title: iso }, formatTime(iso));
}

/** A name and what is known under it, for a list of such. */
export function factElement(name: string, ...value: (Node | string)[]): HTMLElement {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...value));
}
