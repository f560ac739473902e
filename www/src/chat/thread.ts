import type { Message } from "agent-datastore";
import { element } from "../dom";
import type { ChatSession } from "./chat-session";
import { MessagePages } from "./message-pages";
import { unsentIn } from "./message-editor";
import { drawMessage, type MessageActions } from "./message-view";
import { ScrollKeeper } from "./scroll-keeper";

/** How near to an end of what is shown more is loaded. */
const AHEAD = 800;

interface Drawn {
  article: HTMLElement;
  /** What is drawn, to draw only what has changed. */
  state: string;
}

export interface ThreadContext {
  actions: MessageActions;
  /** A message that this tab is writing, newer than what is stored. */
  current(conversation: string, id: string): Message | null;
  isAnswering(conversation: string): boolean;
  /** A message that was being written anew went out of the page. */
  unsent(conversation: string, text: string): void;
  failed(error: unknown): void;
}

/** The messages of the open conversation. */
export class Thread {
  private pages: MessagePages | null = null;
  private drawn = new Map<string, Drawn>();
  private readonly keeper: ScrollKeeper;
  private last: Promise<void> = Promise.resolve();
  private loading = false;
  private growing: string | null = null;

  constructor(
    private readonly session: ChatSession,
    private readonly viewport: HTMLElement,
    private readonly list: HTMLElement,
    private readonly context: ThreadContext,
  ) {
    this.keeper = new ScrollKeeper(viewport, list);
    viewport.addEventListener("scroll", () => this.onScroll(), { passive: true });
  }

  get messages(): readonly Message[] {
    return this.pages?.messages ?? [];
  }

  /** Whether a message is being written, here or in another tab. */
  get isGrowing(): boolean {
    return this.messages.some(({ state }) => state === "streaming");
  }

  /** Shows another conversation, at its newest messages. */
  open(conversation: string | null): Promise<void> {
    for (const child of Array.from(this.list.children)) this.drop(child);
    this.pages = conversation === null ? null : new MessagePages(this.session.chats, conversation);
    this.keeper.follows = true;
    this.drawn = new Map();
    return this.read((pages) => pages.readNewest());
  }

  /** Reads what is shown again. */
  refresh(): Promise<void> {
    return this.read((pages) => (this.keeper.follows ? pages.readNewest(pages.messages.length) : pages.readAgain()));
  }

  /** Shows what follows a message now; at its end where the reader is to see it. */
  goOnFrom(parentId: string | null, toEnd: boolean): Promise<void> {
    return this.read((pages) => {
      this.keeper.follows = toEnd;
      return pages.readOnFrom(parentId);
    });
  }

  /** Shows a message of the active branch, and where it is. */
  async show(message: Message): Promise<void> {
    await this.read((pages) => {
      this.keeper.follows = false;
      return pages.readAround(message);
    });
    const article = this.articleAt(message.id);
    article?.scrollIntoView({ block: "center" });
    article?.classList.add("found");
    article?.addEventListener("animationend", () => article.classList.remove("found"), { once: true });
  }

  showEnd(): Promise<void> {
    this.keeper.follows = true;
    return this.refresh();
  }

  /** Draws a message that this tab is writing, at most once a frame. */
  grew(id: string): void {
    if (this.growing !== null) return;
    this.growing = id;
    requestAnimationFrame(() => {
      this.growing = null;
      if (this.messages.some((message) => message.id === id)) this.keeper.keep(() => this.articleOf(id));
    });
  }

  articleAt(id: string): HTMLElement | null {
    return this.drawn.get(id)?.article ?? null;
  }

  /** One reading after the other, and each only as long as its conversation is open. */
  private read(work: (pages: MessagePages) => Promise<void>): Promise<void> {
    const { pages } = this;
    const run = async (): Promise<void> => {
      if (!pages || pages !== this.pages) return;
      await work(pages);
      if (pages === this.pages) this.draw();
    };
    const done = this.last.then(run);
    this.last = done.catch(() => undefined);
    return done;
  }

  private draw(): void {
    this.keeper.keep(() => {
      const articles = this.messages.map(({ id }) => this.articleOf(id));
      const kept = new Set(articles);
      for (const child of Array.from(this.list.children)) if (child instanceof HTMLElement && !kept.has(child)) this.drop(child);
      let next = this.list.firstElementChild;
      for (const article of articles) {
        if (article === next) next = next.nextElementSibling;
        else this.list.insertBefore(article, next);
      }
      const ids = new Set(this.messages.map(({ id }) => id));
      for (const id of this.drawn.keys()) if (!ids.has(id)) this.drawn.delete(id);
    });
    this.onScroll();
  }

  private drop(child: Element): void {
    const text = unsentIn(child);
    child.remove();
    if (text !== null && this.pages) this.context.unsent(this.pages.conversation, text);
  }

  /** Whether a message ends the conversation and asks for an answer that nobody is writing. */
  private isUnanswered({ id, role, conversationId }: Message): boolean {
    const isLast = this.pages?.atEnd === true && this.messages.at(-1)?.id === id;
    return role === "user" && isLast && !this.context.isAnswering(conversationId);
  }

  /** The article of a message that is shown, as it is now. */
  private articleOf(id: string): HTMLElement {
    const stored = this.messages.find((message) => message.id === id);
    const message = (this.pages && this.context.current(this.pages.conversation, id)) ?? stored;
    const drawn = this.drawn.get(id) ?? { article: element("article", { class: "message" }), state: "" };
    this.drawn.set(id, drawn);
    const isUnanswered = message !== undefined && this.isUnanswered(message);
    const state = JSON.stringify([message, isUnanswered]);
    // A message that is being edited is drawn when that is over.
    if (!message || state === drawn.state || drawn.article.dataset["editing"] !== undefined) return drawn.article;
    const focused = drawn.article.querySelector<HTMLElement>("[data-action]:focus")?.dataset["action"];
    drawMessage(drawn.article, message, { user: this.session.place.user, isUnanswered, actions: this.context.actions });
    drawn.state = state;
    if (focused) drawn.article.querySelector<HTMLElement>(`[data-action="${focused}"]`)?.focus();
    return drawn.article;
  }

  /** Ends the editing of a message, and draws it as it is. */
  redraw(id: string): void {
    const drawn = this.drawn.get(id);
    if (!drawn) return;
    delete drawn.article.dataset["editing"];
    drawn.state = "";
    this.keeper.keep(() => this.articleOf(id));
  }

  private onScroll(): void {
    const { pages } = this;
    if (!pages) return;
    this.keeper.scrolled(pages.atEnd);
    if (this.loading) return;
    const { scrollTop, scrollHeight, clientHeight } = this.viewport;
    // A pane that is not shown has no height, and would never be full.
    if (clientHeight === 0) return;
    const older = scrollTop < AHEAD && !pages.atStart;
    const newer = scrollHeight - scrollTop - clientHeight < AHEAD && !pages.atEnd;
    if (!older && !newer) return;
    this.loading = true;
    this.read((wanted) => (older ? wanted.readOlder() : wanted.readNewer()))
      .catch((error: unknown) => this.context.failed(error))
      .finally(() => {
        this.loading = false;
        this.onScroll();
      });
  }
}
