import type { Checkpoint } from "agent-datastore";
import { button, element, nameElement, part } from "../dom";
import { shortTimeElement } from "../facts";

export interface CheckpointActions {
  goOn(checkpoint: Checkpoint): void;
  discard(): void;
}

/** The run that was cut short, and what can be done with it. */
export class CheckpointBanner {
  private readonly box = part("checkpoint", HTMLElement);
  private shown: Checkpoint | null = null;
  private drawn = "";

  constructor(actions: CheckpointActions) {
    button("checkpoint-continue").addEventListener("click", () => {
      if (this.shown) actions.goOn(this.shown);
    });
    button("checkpoint-discard").addEventListener("click", () => actions.discard());
  }

  /** `isElsewhere` where the run is under way in another tab. */
  show(checkpoint: Checkpoint | null, isElsewhere: boolean): void {
    const state = JSON.stringify([checkpoint, isElsewhere]);
    if (state === this.drawn) return;
    this.drawn = state;
    this.shown = checkpoint;
    this.box.hidden = checkpoint === null;
    if (!checkpoint) return;
    part("checkpoint-title", HTMLElement).textContent = isElsewhere ? "A run is under way in another tab" : "A run was cut short";
    part("checkpoint-prompt", HTMLElement).textContent = checkpoint.prompt;
    part("checkpoint-time", HTMLElement).replaceChildren(shortTimeElement(checkpoint.timestamp));
    const done = new Set(checkpoint.responses.filter(({ completed }) => completed).map(({ modelId }) => modelId));
    const models = checkpoint.adapterIds.map((id) => element("li", { "data-done": String(done.has(id)) }, nameElement(id), done.has(id) ? " is done" : " is not done"));
    part("checkpoint-models", HTMLElement).replaceChildren(...models);
    part("checkpoint-actions", HTMLElement).hidden = isElsewhere;
    button("checkpoint-continue").textContent = done.size === checkpoint.adapterIds.length ? "Store it" : "Continue";
  }
}
