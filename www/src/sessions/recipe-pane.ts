import { lostInMarkdown, parseRecipe, type Recipe, recipeMarkdown, type SessionStore } from "agent-datastore";
import { button, element, part, showText } from "../dom";
import { describeError } from "../errors";
import { attempt, inform } from "../notice";
import type { SessionState } from "./state";
import type { Workspace } from "./workspace";

const SHORT_HASH = 19;

/** The recipe that the open session works with, as markdown that can be edited. */
export class RecipePane {
  private readonly field = part("recipe-text", HTMLTextAreaElement);
  private readonly failure = part("recipe-error", HTMLElement);
  private readonly warnings = part("recipe-warnings", HTMLElement);
  private session: string | null = null;
  /** The markdown of the recipe as it is stored. */
  private stored = "";

  constructor(
    private readonly workspace: Workspace,
    private readonly changed: () => Promise<void>,
  ) {
    this.field.addEventListener("input", () => {
      this.say(null);
      this.update();
    });
    part("recipe-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    button("recipe-base").addEventListener("click", () => void attempt(() => this.backToBase()));
    button("recipe-undo").addEventListener("click", () => {
      this.fill();
      this.field.focus();
    });
  }

  /** What is being written is kept, as long as the session is the same. */
  show(session: string, { recipe, isOwnRecipe, recipeHash }: SessionState): void {
    const markdown = recipe ? recipeMarkdown(recipe) : "";
    const isOther = session !== this.session;
    const wasTouched = !isOther && this.isTouched;
    const isChanged = markdown !== this.stored;
    this.session = session;
    this.stored = markdown;
    if (isOther || (isChanged && !wasTouched)) this.fill();
    else if (isChanged) this.say("The recipe was changed elsewhere meanwhile. Saving puts yours in its place.");
    part("recipe-name", HTMLElement).textContent = recipe ? recipe.name || "(no name)" : "no recipe";
    part("recipe-kind", HTMLElement).textContent = isOwnRecipe ? "set in this session" : "the base recipe";
    const hash = part("recipe-hash", HTMLElement);
    hash.textContent = recipeHash.slice(0, SHORT_HASH);
    hash.title = recipeHash;
    button("recipe-base").disabled = !isOwnRecipe;
    this.showLost(recipe);
    this.update();
  }

  private get isTouched(): boolean {
    return this.field.value !== this.stored;
  }

  private fill(): void {
    this.field.value = this.stored;
    this.say(null);
    this.warnings.hidden = true;
    this.update();
  }

  private update(): void {
    button("recipe-save").disabled = !this.isTouched;
    button("recipe-undo").disabled = !this.isTouched;
  }

  private say(failure: string | null): void {
    showText(this.failure, failure);
    this.field.setAttribute("aria-invalid", String(failure !== null));
  }

  private showLost(recipe: Recipe | null): void {
    const lost = recipe ? lostInMarkdown(recipe) : [];
    const text = lost.length === 0 ? null : `Markdown leaves out ${lost.join(", ")}; what is saved from here does not have it.`;
    showText(part("recipe-lost", HTMLElement), text);
  }

  private async save(): Promise<void> {
    const { store } = this.workspace;
    if (!store) return;
    try {
      const { recipe, warnings } = parseRecipe(this.field.value);
      await this.set(store, recipe);
      this.warnings.hidden = warnings.length === 0;
      part("recipe-warning-list", HTMLElement).replaceChildren(...warnings.map((warning) => element("li", {}, warning)));
      inform("The recipe is saved. The next run works with it.");
    } catch (error) {
      this.say(describeError(error));
      this.field.focus();
    }
  }

  private async backToBase(): Promise<void> {
    const { store } = this.workspace;
    if (!store) return;
    await this.set(store, null);
    inform("The session works with its base recipe again.");
  }

  private async set(store: SessionStore, recipe: Recipe | null): Promise<void> {
    await store.setSessionRecipe(recipe);
    // What was written is what is stored now, in the words of the store.
    this.field.value = this.stored;
    this.say(null);
    this.warnings.hidden = true;
    await this.changed();
  }
}
