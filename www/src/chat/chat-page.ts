import type { Database, Message, MessageHit } from "agent-datastore";
import { confirmed } from "../confirm";
import { part } from "../dom";
import { isStoreError } from "../errors";
import { counted } from "../format";
import { attempt, inform, report } from "../notice";
import { writeSample } from "../sample";
import { Answers } from "./answers";
import { ChatSession } from "./chat-session";
import { Composer } from "./composer";
import { textOf } from "./content";
import { setUpConversationBar } from "./conversation-bar";
import { ConversationList } from "./conversation-list";
import { MessageSearch } from "./message-search";
import { editInPlace } from "./message-editor";
import { Thread } from "./thread";
import { setUpTransfer } from "./transfer-dialog";
import { showUser, Welcome } from "./welcome";

const LONGEST_TITLE = 60;

/** A title out of the first words that were said. */
function titleOf(text: string): string {
  const line = text.trim().replace(/\s+/gu, " ");
  const letters = Array.from(line);
  return letters.length <= LONGEST_TITLE ? line : `${letters.slice(0, LONGEST_TITLE - 1).join("").trimEnd()}…`;
}

/** What a person does on the page, and what it shows of it. */
export class ChatPage {
  readonly session: ChatSession;
  private readonly answers: Answers;
  private readonly thread: Thread;
  private readonly composer: Composer;
  private readonly list: ConversationList;
  private readonly welcome: Welcome;
  private readonly status = part("chat-status", HTMLElement);
  private opened: string | null | undefined;
  private opening: Promise<void> = Promise.resolve();

  constructor(database: Database, delay: number) {
    const session = new ChatSession(database);
    this.session = session;
    this.answers = new Answers(session, delay, {
      changed: (conversation, ended) => {
        this.composer.update();
        if (conversation === session.place.conversation) this.announce(ended);
        void attempt(async () => {
          await this.sync();
          await this.thread.refresh();
        });
      },
      grew: (id) => this.thread.grew(id),
      failed: report,
    });
    this.thread = new Thread(session, part("thread", HTMLElement), part("messages", HTMLElement), {
      actions: {
        edit: (message) => this.edit(message),
        regenerate: (message) => void attempt(() => this.regenerate(message)),
        answer: (message) => void attempt(() => this.answer(message)),
        remove: (message) => void attempt(() => this.remove(message)),
        switchBy: (message, step) => void attempt(() => this.switchBy(message, step)),
        loadSample: (message) => void attempt(() => this.loadSample().then(() => this.regenerate(message))),
      },
      current: (conversation, id) => this.answers.current(conversation, id),
      isAnswering: (conversation) => this.answers.isRunning(conversation),
      unsent: (conversation, text) => this.composer.giveBack(conversation, text),
      failed: report,
    });
    this.composer = new Composer(
      session,
      (text) => void this.send(text),
      () => this.answers.isRunning(session.place.conversation),
    );
    this.list = new ConversationList(session, () => this.showList(false));
    this.welcome = new Welcome(
      session,
      (question) => void this.send(question),
      () => void attempt(() => this.loadSample()),
    );
    new MessageSearch(session, (hit) => void attempt(() => this.showFound(hit)));
    showUser(session);
    setUpConversationBar(session, (conversation) => this.answers.stop(conversation), () => this.sync());
    setUpTransfer(session, () => this.sync());
    session.onMove(() => void attempt(() => this.open()));
  }

  /** Shows what has changed in the store, in whichever tab. */
  async sync(): Promise<void> {
    await Promise.all([this.list.refresh(), this.learn()]);
  }

  newChat(): void {
    this.session.go(null);
    this.showList(false);
    this.composer.focus();
  }

  showList(shown: boolean): void {
    document.body.dataset["view"] = shown ? "list" : "thread";
  }

  stop(): void {
    const { conversation } = this.session.place;
    if (conversation !== null) void attempt(() => this.answers.stop(conversation));
  }

  private open(): Promise<void> {
    const { user, conversation } = this.session.place;
    const key = JSON.stringify([user, conversation]);
    if (key === this.opened) return this.opening;
    this.opened = key;
    this.opening = this.welcome.show(conversation === null).then(() => this.learn(true));
    return this.opening;
  }

  /** Opens the conversation of a message that was found, in the branch that has it. */
  private async showFound({ conversationId, messageId }: MessageHit): Promise<void> {
    const { chats } = this.session;
    this.session.go(conversationId);
    this.showList(false);
    await this.open();
    const onBranch = await chats.getMessages(conversationId, { after: messageId, limit: 1 }).then(
      () => true,
      (error: unknown) => (isStoreError(error) && error.code === "NOT_FOUND" ? false : Promise.reject(error)),
    );
    const found = await chats.getMessage(conversationId, messageId);
    if (!found) {
      inform("This message is not there any more.");
      return;
    }
    if (!onBranch) await chats.switchBranch(conversationId, messageId);
    await this.thread.show(found);
    await this.list.refresh();
  }

  /** Reads the open conversation, and its messages where it is another than before or one is being written elsewhere. */
  private async learn(anew = false): Promise<void> {
    const { conversation: id } = this.session.place;
    const conversation = id === null ? null : ((await this.session.chats.getConversation(id)) ?? null);
    if (id !== this.session.place.conversation) return;
    if (id !== null && !conversation) {
      inform("This conversation is not there any more.");
      this.session.replaceBy(null);
      return;
    }
    const isChanged = this.session.learn(conversation);
    if (anew) await this.thread.open(id);
    else if (isChanged || this.thread.isGrowing) await this.thread.refresh();
    if (id === this.session.place.conversation) await this.welcome.show(id === null || conversation?.messageCount === 0);
  }

  /** For those who do not see the page: an answer is read out when it is whole. */
  private announce(ended: Message | null): void {
    this.status.textContent = ended ? `Agent: ${textOf(ended.content)}` : "The agent is answering.";
  }

  private async send(text: string): Promise<void> {
    const { chats, place } = this.session;
    let { conversation } = place;
    let stored = false;
    await attempt(async () => {
      try {
        if (conversation === null) {
          conversation = (await chats.createConversation({ title: titleOf(text) })).id;
          this.session.go(conversation);
        }
        const message = await chats.addMessage(conversation, text);
        stored = true;
        await Promise.all([this.answers.begin(conversation, text, { parentId: message.id }), this.thread.showEnd()]);
      } finally {
        if (!stored) this.composer.giveBack(conversation, text);
        this.composer.focus();
        await this.sync();
      }
    });
  }

  private edit(message: Message): void {
    const article = this.thread.articleAt(message.id);
    if (!article) return;
    const before = textOf(message.content);
    editInPlace(article, before, (text) => {
      this.thread.redraw(message.id);
      this.composer.focus();
      if (text !== null && text !== before) void this.sendAnew(message, text);
    });
  }

  private async sendAnew(message: Message, text: string): Promise<void> {
    const { conversationId, id, parentId } = message;
    let stored = false;
    await attempt(async () => {
      try {
        const edited = await this.session.chats.editMessage(conversationId, id, text);
        stored = true;
        const begun = this.answers.begin(conversationId, text, { parentId: edited.id });
        await Promise.all([begun, this.thread.goOnFrom(parentId, true)]);
      } finally {
        if (!stored) this.composer.giveBack(conversationId, text);
      }
    });
  }

  private async regenerate(message: Message): Promise<void> {
    const { conversationId, id, parentId } = message;
    const question = parentId === null ? undefined : await this.session.chats.getMessage(conversationId, parentId);
    await this.answers.begin(conversationId, question ? textOf(question.content) : "", { siblingOf: id });
    await this.thread.goOnFrom(parentId, true);
    this.composer.focus();
  }

  private async answer({ conversationId, id, content }: Message): Promise<void> {
    await this.answers.begin(conversationId, textOf(content), { parentId: id });
    await this.thread.showEnd();
    this.composer.focus();
  }

  private async remove({ conversationId, id, role }: Message): Promise<void> {
    const what = role === "user" ? "your message" : "this message";
    const text = `Only ${what} will be gone; what follows it stays.`;
    if (!(await confirmed({ title: "Delete this message?", text, yes: "Delete" }))) return;
    await this.session.chats.deleteMessage(conversationId, id);
    this.composer.focus();
    await this.sync();
  }

  private async switchBy({ conversationId, id, siblingIndex, parentId }: Message, step: number): Promise<void> {
    const siblings = await this.session.chats.getSiblings(conversationId, id);
    const to = siblings[siblingIndex + step];
    if (!to) return;
    await this.session.chats.switchBranch(conversationId, to.id);
    await this.thread.goOnFrom(parentId, false);
    const article = this.thread.articleAt(to.id);
    const same = article?.querySelector<HTMLElement>(`[data-action="${step < 0 ? "previous" : "next"}"]:enabled`);
    (same ?? article?.querySelector<HTMLElement>("[data-action]:enabled"))?.focus({ preventScroll: true });
    await this.sync();
  }

  private async loadSample(): Promise<void> {
    const written = await writeSample(this.session.database, this.session.place.user);
    inform(`${counted(written, "document")} loaded.`);
    await this.learn();
  }
}
