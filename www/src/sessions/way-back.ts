import { button, part } from "../dom";
import { counted, formatCount } from "../format";
import type { SessionState } from "./state";
import { redone } from "./timeline-items";

const LONGEST = 60;

/** A prompt on one line. */
export function shortPrompt(prompt: string): string {
  const letters = Array.from(prompt.replace(/\s+/gu, " ").trim());
  return letters.length <= LONGEST ? letters.join("") : `${letters.slice(0, LONGEST - 1).join("")}…`;
}

/** The buttons that take the last run back and make it again, and what they will do. */
export function setUpWayBack(actions: { rewind(): void; redo(): void }): (state: SessionState, isBusy: boolean) => void {
  const buttons = [button("rewind"), button("redo")];
  /** The button that the keyboard was on last. */
  let left: HTMLButtonElement | null = null;
  button("rewind").addEventListener("click", () => actions.rewind());
  button("redo").addEventListener("click", () => actions.redo());
  return ({ steps, canRewind, canRedo, metadata, content }, isBusy) => {
    const step = steps.at(-1);
    const files = step?.fileSnapshots?.length ?? 0;
    const puts = files > 0 ? ` and puts back ${counted(files, "file")}` : "";
    const rewinds = canRewind && step ? `Rewind takes back “${shortPrompt(step.prompt)}”${puts}.` : "There is nothing to take back.";
    const runs = metadata.runs ?? [];
    const again = canRedo ? redone(runs) : null;
    const place = again === null ? 0 : runs.slice(0, again).filter(({ type }) => type !== "rewind").length;
    const prompt = content.runs?.[place]?.prompt;
    const makes = again === null || prompt === undefined ? "what was taken back last" : `run ${formatCount(place + 1)}, “${shortPrompt(prompt)}”,`;
    part("way-back-text", HTMLElement).textContent = `${rewinds}${canRedo ? ` Redo makes ${makes} again.` : ""}`;
    const focused = document.activeElement;
    const here = buttons.find((each) => each === focused);
    // A button that cannot be pressed any more would lose the keyboard.
    if (here) left = here;
    else if (focused !== document.body) left = null;
    button("rewind").disabled = !canRewind || isBusy;
    button("redo").disabled = !canRedo || isBusy;
    if (left?.disabled) buttons.find((each) => !each.disabled)?.focus();
    else left?.focus();
  };
}
