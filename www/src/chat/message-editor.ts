import { element } from "../dom";

/** What was written into the editor of an article and not sent; `null` where there is none, or nothing was changed. */
export function unsentIn(article: Element): string | null {
  const field = article.querySelector("textarea");
  return field && field.value !== field.defaultValue ? field.value : null;
}

/** Lets a person write a message anew, in its place. `done` gets the new text, or null where it stays as it is. */
export function editInPlace(article: HTMLElement, text: string, done: (text: string | null) => void): void {
  const field = element("textarea", { class: "grows", rows: "2", "aria-label": "Message" }, text);
  const cancel = element("button", { type: "button" }, "Cancel");
  const form = element(
    "form",
    { class: "message-editor" },
    field,
    element("div", { class: "dialog-actions" }, cancel, element("button", { class: "primary" }, "Send anew")),
  );
  const close = (result: string | null): void => {
    form.remove();
    done(result);
  };
  const send = (): void => {
    if (field.value.trim() !== "") close(field.value);
  };
  cancel.addEventListener("click", () => close(null));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // The same key also stops an answer.
      event.stopPropagation();
      close(null);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  article.dataset["editing"] = "";
  article.replaceChildren(form);
  field.focus();
  field.setSelectionRange(text.length, text.length);
}
