import { button, part } from "./dom";

export interface Question {
  title: string;
  text: string;
  /** What the button says that does it. */
  yes: string;
}

const dialog = part("confirm", HTMLDialogElement);

/** Asks before something that cannot be taken back. Closing the dialog is a no. */
export function confirmed(question: Question): Promise<boolean> {
  part("confirm-title", HTMLElement).textContent = question.title;
  part("confirm-text", HTMLElement).textContent = question.text;
  button("confirm-yes").textContent = question.yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

button("confirm-yes").addEventListener("click", () => dialog.close("yes"));
button("confirm-no").addEventListener("click", () => dialog.close("no"));
