import { button, part, showText } from "./dom";
import { describeError } from "./errors";

const INFORMATION_STAYS_MS = 6000;

const box = part("notice", HTMLElement);
const text = part("notice-text", HTMLElement);
let fading: ReturnType<typeof setTimeout> | undefined;

function show(message: string | null, kind: "information" | "error"): void {
  clearTimeout(fading);
  showText(text, message);
  text.setAttribute("role", kind === "error" ? "alert" : "status");
  box.dataset["kind"] = kind;
  box.hidden = message === null;
}

button("notice-close").addEventListener("click", () => show(null, "information"));

/** Says shortly what was done. */
export function inform(message: string): void {
  show(message, "information");
  fading = setTimeout(() => show(null, "information"), INFORMATION_STAYS_MS);
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
