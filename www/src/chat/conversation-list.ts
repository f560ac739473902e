import type { Conversation } from "agent-datastore";
import { button, element, part, showText } from "../dom";
import { formatCount } from "../format";
import { Latest } from "../latest";
import { attempt } from "../notice";
import { WindowedList } from "../windowed-list";
import type { ChatSession } from "./chat-session";
import { shortTime } from "../when";

const PAGE = 40;
/** As many of them are looked at for changes. */
const WATCHED = 100;

/** The conversations by their last activity, read page by page as one scrolls. */
export class ConversationList {
  private shown: Conversation[] = [];
  private hasMore = false;
  private archived = false;
  private loading = false;
  private readonly latest = new Latest();
  private readonly viewport = part("conversation-list", HTMLElement);
  private readonly list: WindowedList<Conversation>;

  constructor(
    private readonly session: ChatSession,
    opened: () => void,
  ) {
    this.list = new WindowedList<Conversation>(this.viewport, {
      draw: (conversation, row) => drawRow(conversation, row),
      open: ({ id }) => {
        session.go(id);
        opened();
      },
      isOpen: ({ id }) => id === session.place.conversation,
    });
    const toggle = button("show-archived");
    toggle.addEventListener("click", () => {
      this.archived = !this.archived;
      toggle.setAttribute("aria-pressed", String(this.archived));
      this.list.scrollToStart();
      this.shown = [];
      void attempt(() => this.load(PAGE));
    });
    this.viewport.addEventListener("scroll", () => this.onScroll(), { passive: true });
    let user: string | null = null;
    session.onMove(() => {
      if (user === session.place.user) {
        this.list.markOpen();
        return;
      }
      user = session.place.user;
      void attempt(() => this.load(PAGE));
    });
  }

  /** Takes up what has changed; looks at the latest conversations, and at all that are shown only where one of them is another. */
  async refresh(): Promise<void> {
    const watched = Math.max(PAGE, Math.min(WATCHED, this.shown.length));
    const { found } = await this.read(watched);
    if (JSON.stringify(found) !== JSON.stringify(this.shown.slice(0, watched))) await this.load(Math.max(PAGE, this.shown.length));
  }

  private async load(count: number): Promise<void> {
    const newest = this.latest.next();
    const { found, hasMore } = await this.read(count);
    if (newest.aborted) return;
    this.shown = found;
    this.hasMore = hasMore;
    this.list.setItems(found);
    const none = this.archived ? "No conversation is archived." : "No conversations yet.";
    showText(part("conversations-empty", HTMLElement), found.length > 0 ? null : none);
    this.onScroll();
  }

  private async read(count: number): Promise<{ found: Conversation[]; hasMore: boolean }> {
    const found: Conversation[] = [];
    for await (const conversation of this.session.chats.conversations({ archived: this.archived, pageSize: count + 1 })) {
      if (found.length === count) return { found, hasMore: true };
      found.push(conversation);
    }
    return { found, hasMore: false };
  }

  private onScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.viewport;
    if (this.loading || !this.hasMore || clientHeight === 0 || scrollHeight - scrollTop - clientHeight > clientHeight) return;
    this.loading = true;
    void attempt(() => this.load(this.shown.length + PAGE)).finally(() => {
      this.loading = false;
      this.onScroll();
    });
  }
}

function previewOf({ lastMessage }: Conversation): string {
  if (!lastMessage) return "No messages";
  const text = lastMessage.preview.replace(/[`\s]+/gu, " ").trim();
  return `${lastMessage.role === "user" ? "You: " : ""}${text === "" ? "…" : text}`;
}

function drawRow(conversation: Conversation, row: HTMLElement): void {
  const { title, lastActiveAt, messageCount } = conversation;
  row.title = title;
  row.append(
    element(
      "div",
      { class: "conversation-head" },
      element("bdi", { class: "conversation-title" }, title),
      element("time", { datetime: lastActiveAt, class: "muted" }, shortTime(lastActiveAt)),
    ),
    element(
      "div",
      { class: "conversation-head muted" },
      element("bdi", { class: "conversation-preview" }, previewOf(conversation)),
      element("span", { class: "conversation-count", title: "Messages" }, formatCount(messageCount)),
    ),
  );
}
