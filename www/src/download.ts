import { element } from "./dom";

/** Saves a file where the browser keeps what was downloaded. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  element("a", { href: address, download: name }).click();
  // The browser has taken it up by then; sooner some would not have.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
