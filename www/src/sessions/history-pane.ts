import type { Turn } from "agent-datastore";
import { confirmed } from "../confirm";
import { button, element, nameElement, part, showText } from "../dom";
import { counted } from "../format";
import { attempt, inform } from "../notice";
import type { Workspace } from "./workspace";

/** More turns are not shown. */
const MOST_TURNS = 200;

/** What each model was told and said, which it is told again with the next prompt. */
export class HistoryPane {
  private readonly box = part("histories", HTMLDetailsElement);
  private drawn = "";

  constructor(
    private readonly workspace: Workspace,
    private readonly changed: () => Promise<void>,
  ) {
    this.box.addEventListener("toggle", () => void attempt(() => this.refresh()));
    button("histories-clear").addEventListener("click", () => void attempt(() => this.clear()));
  }

  /** Reads them only where they are looked at. */
  async refresh(): Promise<void> {
    const { store, place } = this.workspace;
    if (!this.box.open || !store) return;
    const histories = Object.entries((await store.histories()) ?? {});
    if (store !== this.workspace.store) return;
    const state = JSON.stringify([place.session, histories]);
    if (state === this.drawn) return;
    this.drawn = state;
    const opened = new Set(Array.from(part("history-list", HTMLElement).querySelectorAll("details[open]"), ({ id }) => id));
    part("history-list", HTMLElement).replaceChildren(...histories.map(([model, turns]) => this.historyElement(model, turns ?? [], opened)));
    button("histories-clear").disabled = histories.length === 0;
    showText(part("histories-empty", HTMLElement), histories.length > 0 ? null : "Nothing was said that the models would remember.");
  }

  private historyElement(model: string, turns: readonly Turn[], opened: ReadonlySet<string>): HTMLElement {
    const id = `history-${model}`;
    const forget = element("button", { type: "button", class: "quiet", "aria-label": `Forget the history of ${model}` }, "Forget");
    forget.addEventListener("click", () => void attempt(() => this.forget(model)));
    const shown = turns.slice(-MOST_TURNS).map(({ role, content }) => element("li", { class: "turn", "data-role": role }, element("strong", {}, role), element("p", {}, content)));
    const left = turns.length - shown.length;
    const made = element(
      "details",
      { id, class: "history", "data-model": model },
      element("summary", {}, nameElement(model), element("span", { class: "muted" }, ` ${counted(turns.length, "turn")}`)),
      ...(left > 0 ? [element("p", { class: "muted" }, `${counted(left, "earlier turn")} left out.`)] : []),
      element("ol", {}, ...shown),
      forget,
    );
    made.open = opened.has(id);
    return made;
  }

  private async forget(model: string): Promise<void> {
    await this.workspace.store?.truncateHistories({ [model]: 0 });
    await this.changed();
    inform(`The history of ${model} is forgotten.`);
  }

  private async clear(): Promise<void> {
    const { store } = this.workspace;
    const text = "The models will not remember what was said in this session. The runs stay.";
    if (!store || !(await confirmed({ title: "Forget all histories?", text, yes: "Forget" }))) return;
    await store.clearHistories();
    await this.changed();
    inform("All histories are forgotten.");
  }
}
