import type { Message, MessagePageOptions, MessageStore } from "agent-datastore";
import { isStoreError } from "../errors";

export const PAGE = 40;
/** The most messages that are in the page at once. */
export const MOST_SHOWN = 240;

/** A run of neighbours out of a conversation, which grows at both ends as it is scrolled and never holds all of a long one. */
export class MessagePages {
  messages: Message[] = [];
  /** Whether the first one is the first of the conversation. */
  atStart = true;
  /** Whether the last one is the last of the conversation. */
  atEnd = true;

  constructor(
    private readonly chats: MessageStore,
    readonly conversation: string,
  ) {}

  /** The newest ones, at least as many as asked for. */
  async readNewest(least = PAGE): Promise<void> {
    const { messages, isLast } = await this.read({ limit: Math.min(MOST_SHOWN, Math.max(PAGE, least)) });
    this.messages = messages;
    this.atStart = isLast;
    this.atEnd = true;
  }

  /** A message with its neighbours. */
  async readAround({ id, parentId }: Message): Promise<void> {
    const before = await this.read({ before: id, limit: PAGE });
    const from = await this.read({ ...afterParent(parentId), limit: PAGE });
    this.messages = [...before.messages, ...from.messages];
    this.atStart = before.isLast;
    this.atEnd = from.isLast;
  }

  async readOlder(): Promise<void> {
    const [first] = this.messages;
    if (this.atStart || !first) return;
    const older = await this.readNear({ before: first.id, limit: PAGE });
    if (!older) return;
    const { messages, isLast } = older;
    this.messages.unshift(...messages);
    this.atStart = isLast;
    if (this.messages.length <= MOST_SHOWN) return;
    this.messages.length = MOST_SHOWN;
    this.atEnd = false;
  }

  async readNewer(): Promise<void> {
    const last = this.messages.at(-1);
    if (this.atEnd || !last) return;
    const newer = await this.readNear({ after: last.id, limit: PAGE });
    if (!newer) return;
    const { messages, isLast } = newer;
    this.messages.push(...messages);
    this.atEnd = isLast;
    const superfluous = this.messages.length - MOST_SHOWN;
    if (superfluous <= 0) return;
    this.messages.splice(0, superfluous);
    this.atStart = false;
  }

  /** Reads the same run again; the newest where it is not there any more. */
  async readAgain(): Promise<void> {
    const [first] = this.messages;
    if (!first) return this.readNewest();
    try {
      const { messages, isLast } = await this.read({ ...afterParent(first.parentId), limit: this.messages.length + 1 });
      this.messages = messages;
      this.atEnd = isLast;
    } catch (error) {
      if (!isStoreError(error) || error.code !== "NOT_FOUND") throw error;
      await this.readNewest();
    }
  }

  /** Reads what follows a message now, after another branch became the active one; `null` for the beginning. */
  async readOnFrom(parentId: string | null): Promise<void> {
    const kept = this.messages.slice(0, this.messages.findIndex(({ id }) => id === parentId) + 1);
    const { messages, isLast } = await this.read({ ...afterParent(parentId), limit: PAGE });
    this.messages = [...kept, ...messages];
    this.atStart = parentId === null || (kept.length > 0 && this.atStart);
    this.atEnd = isLast;
  }

  replace(message: Message): boolean {
    const at = this.messages.findIndex(({ id }) => id === message.id);
    if (at !== -1) this.messages[at] = message;
    return at !== -1;
  }

  /** Neighbours of what is shown; the newest instead, where that is no longer part of the active branch. */
  private async readNear(options: MessagePageOptions): Promise<{ messages: Message[]; isLast: boolean } | null> {
    try {
      return await this.read(options);
    } catch (error) {
      if (!isStoreError(error) || error.code !== "NOT_FOUND") throw error;
      await this.readNewest();
      return null;
    }
  }

  private read(options: MessagePageOptions): Promise<{ messages: Message[]; isLast: boolean }> {
    return this.chats.getMessages(this.conversation, options);
  }
}

const afterParent = (parentId: string | null): MessagePageOptions => (parentId === null ? { from: "start" } : { after: parentId });
