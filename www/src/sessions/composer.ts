import { button, element, part } from "../dom";
import { formatCount } from "../format";
import { MODELS } from "./models";
import { PromptWalk } from "./prompt-walk";

/** More prompts are not listed; the arrow keys reach them. */
const MOST_LISTED = 50;

export interface ComposerActions {
  run(prompt: string, models: string[]): void;
  isRunning(): boolean;
}

/** The field in which a prompt is written, and the prompts that were written before. */
export class Composer {
  private readonly field = part("prompt", HTMLTextAreaElement);
  private readonly menu = part("prompts", HTMLDetailsElement);
  private readonly walk = new PromptWalk();
  private readonly drafts = new Map<string | null, string>();
  private session: string | null = null;
  private listed = "";

  constructor(private readonly actions: ComposerActions) {
    part("models", HTMLElement).append(...MODELS.map(({ id, about }, at) => modelElement(id, about, at < 2)));
    part("models", HTMLElement).addEventListener("change", () => this.update());
    part("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("input", () => {
      this.walk.stop();
      this.update();
    });
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      // The run goes on.
      event.stopPropagation();
      this.menu.open = false;
      this.menu.querySelector("summary")?.focus();
    });
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  /** Each session keeps what was begun in it. */
  open(session: string | null): void {
    this.drafts.set(this.session, this.field.value);
    this.session = session;
    this.walk.stop();
    this.fill(this.drafts.get(session) ?? "");
    this.menu.open = false;
  }

  /** Gives a prompt back with which nothing could be done. */
  giveBack(session: string, prompt: string): void {
    if (session !== this.session) this.drafts.set(session, prompt);
    else if (this.field.value === "") this.fill(prompt);
  }

  /** Shows other earlier prompts, the newest first. */
  showPrompts(prompts: readonly string[]): void {
    const state = JSON.stringify(prompts);
    if (state === this.listed) return;
    this.listed = state;
    this.walk.take(prompts);
    this.menu.hidden = prompts.length === 0;
    part("prompts-count", HTMLElement).textContent = formatCount(prompts.length);
    const choices = prompts.slice(0, MOST_LISTED).map((prompt) => {
      const choice = element("button", { type: "button", class: "quiet", title: prompt }, element("bdi", {}, prompt === "" ? "(empty)" : prompt));
      choice.addEventListener("click", () => {
        this.walk.stop();
        this.fill(prompt);
        this.menu.open = false;
        this.focus();
      });
      return element("li", {}, choice);
    });
    part("prompt-list", HTMLElement).replaceChildren(...choices);
  }

  /** Shows whether a run can be begun, and whether one can be stopped. */
  update(): void {
    const running = this.actions.isRunning();
    const hadFocus = document.activeElement === button("stop") && !running;
    button("stop").hidden = !running;
    button("run").hidden = running;
    button("run").disabled = this.field.value.trim() === "" || this.chosen().length === 0;
    if (hadFocus) this.focus();
  }

  private chosen(): string[] {
    return Array.from(part("models", HTMLElement).querySelectorAll<HTMLInputElement>("input:checked"), ({ value }) => value);
  }

  private submit(): void {
    const prompt = this.field.value;
    const models = this.chosen();
    if (prompt.trim() === "" || models.length === 0 || this.actions.isRunning()) return;
    this.walk.stop();
    this.fill("");
    this.actions.run(prompt, models);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.submit();
      return;
    }
    const { value, selectionStart, selectionEnd } = this.field;
    if (selectionStart !== selectionEnd) return;
    // Within a prompt of several lines the arrows move the cursor.
    const isAtTop = !value.slice(0, selectionStart).includes("\n");
    const isAtEnd = !value.slice(selectionEnd).includes("\n");
    const other = event.key === "ArrowUp" && isAtTop ? this.walk.older(value) : event.key === "ArrowDown" && isAtEnd ? this.walk.newer() : null;
    if (other === null) return;
    event.preventDefault();
    this.fill(other);
  }

  private fill(text: string): void {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.update();
  }
}

function modelElement(id: string, about: string, isChosen: boolean): HTMLElement {
  const box = element("input", { type: "checkbox", value: id });
  box.checked = isChosen;
  return element("label", { title: `${id}: ${about}` }, box, " ", id);
}
