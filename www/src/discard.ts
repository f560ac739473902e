import { confirmed } from "./confirm";
import { button } from "./dom";

/** Has a dialog ask before it is cancelled with something written in it. What is returned has to be called when the dialog is filled in. */
export function asksBeforeDiscarding(dialog: HTMLDialogElement, content: () => string): () => void {
  let untouched = content();
  const close = async (): Promise<void> => {
    const question = { title: "Discard your changes?", text: "What you wrote is not saved.", yes: "Discard" };
    if (content() === untouched || (await confirmed(question))) dialog.close();
  };
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    void close();
  });
  button(`${dialog.id}-cancel`).addEventListener("click", () => void close());
  return () => {
    untouched = content();
  };
}
