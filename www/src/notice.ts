import { button, part } from "./dom";
import { describeError } from "./errors";

const INFORMATION_STAYS_MS = 6000;

const box = part("notice", HTMLElement);
const text = part("notice-text", HTMLElement);
let fading: ReturnType<typeof setTimeout> | undefined;

function hide(): void {
  clearTimeout(fading);
  box.hidePopover();
}

function show(message: string, kind: "information" | "error"): void {
  // What is shown last lies above all else, above an open dialog too.
  hide();
  text.setAttribute("role", kind === "error" ? "alert" : "status");
  box.dataset["kind"] = kind;
  box.showPopover();
  text.textContent = message;
}

button("notice-close").addEventListener("click", hide);

/** Says shortly what was done. */
export function inform(message: string): void {
  show(message, "information");
  fading = setTimeout(hide, INFORMATION_STAYS_MS);
}

/** Says what failed; stays until it is dismissed. */
export function report(error: unknown): void {
  show(describeError(error), "error");
}

/** Runs what a person asked for, and reports what goes wrong. */
export async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    report(error);
  }
}
