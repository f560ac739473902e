import { element } from "./dom";
import { formatTime } from "./format";
import { shortTime } from "./when";

export function timeElement(iso: string): HTMLElement {
  return element("time", { datetime: iso, title: iso }, formatTime(iso));
}

/** The time as shortly as one can tell it from others, and as a whole for whoever points at it. */
export function shortTimeElement(iso: string): HTMLElement {
  return element("time", { datetime: iso, title: formatTime(iso) }, shortTime(iso));
}

/** A name and what is known under it, for a list of such. */
export function factElement(name: string, ...value: (Node | string)[]): HTMLElement {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...value));
}
