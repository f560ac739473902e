import type { MessageHit } from "agent-datastore";
import { element, part, showText } from "../dom";
import { Latest } from "../latest";
import { attempt } from "../notice";
import type { ChatSession } from "./chat-session";
import { shortTime } from "../when";

const MOST = 30;
/** How long typing has to pause. Milliseconds. */
const PAUSE = 120;

/** Searches the messages of all conversations; what it finds stands in the place of the list as long as something is asked for. */
export class MessageSearch {
  private readonly field = part("message-search", HTMLInputElement);
  private readonly hits = part("message-hits", HTMLElement);
  private readonly state = part("message-search-state", HTMLElement);
  private readonly latest = new Latest();

  constructor(
    private readonly session: ChatSession,
    private readonly open: (hit: MessageHit) => void,
  ) {
    let timer: number | undefined;
    this.field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => void attempt(() => this.search()), PAUSE);
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.field.value === "") return;
      // Esc stops an answer only where there is nothing nearer to end.
      event.stopPropagation();
      this.field.value = "";
      void attempt(() => this.search());
    });
    session.onMove(() => this.markOpen());
  }

  private async search(): Promise<void> {
    const newest = this.latest.next();
    const query = this.field.value.trim();
    const found = query === "" ? null : await this.session.chats.search(query, { limit: MOST });
    if (newest.aborted) return;
    document.body.toggleAttribute("data-searching", found !== null);
    this.hits.replaceChildren(...(found ?? []).map((hit) => this.draw(hit)));
    this.markOpen();
    if (found) showText(this.state, found.length > 0 ? `${found.length === MOST ? "The best " : ""}${found.length} found` : "Nothing found.");
  }

  private draw(hit: MessageHit): HTMLElement {
    const snippet = element("bdi", { class: "hit-snippet" });
    for (const { text, match } of hit.snippet) snippet.append(match ? element("mark", {}, text) : text);
    const shown = element(
      "button",
      { type: "button", class: "hit", "data-conversation": hit.conversationId },
      element(
        "span",
        { class: "conversation-head" },
        element("bdi", { class: "conversation-title" }, hit.conversationTitle),
        element("time", { datetime: hit.createdAt, class: "muted" }, shortTime(hit.createdAt)),
      ),
      snippet,
    );
    shown.addEventListener("click", () => this.open(hit));
    return shown;
  }

  private markOpen(): void {
    for (const hit of this.hits.querySelectorAll<HTMLElement>(".hit")) {
      hit.toggleAttribute("aria-current", hit.dataset["conversation"] === this.session.place.conversation);
    }
  }
}
