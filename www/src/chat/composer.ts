import { button, part } from "../dom";
import type { ChatSession } from "./chat-session";

/** The field in which a message is written. Each conversation keeps what was begun in it. */
export class Composer {
  private readonly field = part("composer-text", HTMLTextAreaElement);
  private readonly drafts = new Map<string | null, string>();
  private open: string | null = null;

  constructor(
    session: ChatSession,
    send: (text: string) => void,
    private readonly isRunning: () => boolean,
  ) {
    const form = part("composer", HTMLFormElement);
    const submit = (): void => {
      const text = this.field.value;
      if (text.trim() === "" || this.isRunning()) return;
      this.field.value = "";
      this.update();
      send(text);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
    this.field.addEventListener("input", () => this.update());
    session.onMove(() => this.show(session.place.conversation));
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  /** Gives a message back that could not be stored. */
  giveBack(conversation: string | null, text: string): void {
    if (conversation === this.open) {
      this.field.value = [text, this.field.value].filter((each) => each !== "").join("\n");
      this.update();
    } else {
      this.drafts.set(conversation, [text, this.drafts.get(conversation) ?? ""].filter((each) => each !== "").join("\n"));
    }
  }

  /** Shows whether a message can be sent, and whether an answer can be stopped. */
  update(): void {
    const running = this.isRunning();
    const hadFocus = document.activeElement === button("stop") && !running;
    button("stop").hidden = !running;
    button("send").hidden = running;
    button("send").disabled = this.field.value.trim() === "";
    if (hadFocus) this.focus();
  }

  private show(conversation: string | null): void {
    this.drafts.set(this.open, this.field.value);
    this.open = conversation;
    this.field.value = this.drafts.get(conversation) ?? "";
    this.drafts.delete(conversation);
    this.update();
  }
}
