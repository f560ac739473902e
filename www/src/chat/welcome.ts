import { button, element, part } from "../dom";
import { counted } from "../format";
import { linkPages } from "../pages";
import type { ChatSession } from "./chat-session";
import { documentNamespaces } from "./passages";

const EXAMPLES = ["Which HTTP client is the usual choice?", "What is the goal, and is it done?", "Which licence does reqwest have?"];

/** What a conversation without messages shows: what the agent can do here, and what it still needs. */
export class Welcome {
  private readonly panel = part("welcome", HTMLElement);

  constructor(
    private readonly session: ChatSession,
    ask: (question: string) => void,
    loadSample: () => void,
  ) {
    button("welcome-sample").addEventListener("click", loadSample);
    const examples = EXAMPLES.map((question) => {
      const made = element("button", { type: "button", class: "example" }, question);
      made.addEventListener("click", () => ask(question));
      return made;
    });
    part("welcome-examples", HTMLElement).replaceChildren(...examples);
  }

  async show(shown: boolean): Promise<void> {
    this.panel.hidden = !shown;
    if (!shown) return;
    const { documents } = this.session;
    const namespaces = await documentNamespaces(documents);
    const hasSample = (await documents.useNamespace("shared").has("latest-analysis")) && namespaces.includes("cache:crates");
    part("welcome-text", HTMLElement).textContent =
      namespaces.length === 0
        ? "The agent answers from documents, and there are none in this browser yet."
        : `The agent looks through ${counted(namespaces.length, "namespace")} of documents in this browser and quotes what fits best. Nothing leaves it.`;
    part("welcome-nothing", HTMLElement).hidden = namespaces.length > 0;
    part("welcome-examples", HTMLElement).hidden = !hasSample;
  }
}

/** Whose conversations these are, and the ways to the other pages of that user. */
export function showUser(session: ChatSession): void {
  session.onMove(() => {
    const { user } = session.place;
    part("chat-user", HTMLElement).textContent = user;
    linkPages(user);
  });
}
