import type { AddMessageOptions, EndingOptions, Message, MessageStream } from "agent-datastore";
import { isStoreError } from "../errors";
import { pause, piecesOf } from "../pacing";
import { type Answer, answerTo } from "./agent";
import type { ChatSession } from "./chat-session";
import { textOf } from "./content";
import { estimateUsage } from "./usage";

interface Running {
  controller: AbortController;
  /** Null until the message is begun. */
  stream: MessageStream | null;
  /** Resolves when it has ended, however it did. */
  done: Promise<void>;
}

export interface AnswersListener {
  /** A message was begun; with the message, it has ended. */
  changed(conversation: string, ended: Message | null): void;
  /** A piece was added to this message. */
  grew(id: string): void;
  failed(error: unknown): void;
}

/** The answers that this tab writes, at most one a conversation. */
export class Answers {
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly session: ChatSession,
    private readonly delay: number,
    private readonly listener: AnswersListener,
  ) {}

  isRunning(conversation: string | null): boolean {
    return conversation !== null && this.running.has(conversation);
  }

  /** A message that is being written here, with what was not stored yet. */
  current(conversation: string, id: string): Message | null {
    const stream = this.running.get(conversation)?.stream;
    return stream?.id === id ? stream.message : null;
  }

  /** Begins an answer, after the one before it was stopped. Resolves when its message is there. */
  async begin(conversation: string, question: string, place: AddMessageOptions): Promise<void> {
    const before = this.running.get(conversation);
    const controller = new AbortController();
    const running: Running = { controller, stream: null, done: Promise.resolve() };
    const { documents, chats } = this.session;
    const begin = async (): Promise<MessageStream> => {
      before?.controller.abort();
      await before?.done;
      return chats.beginMessage(conversation, place);
    };
    const write = (stream: MessageStream): Promise<void> => {
      running.stream = stream;
      this.listener.changed(conversation, null);
      return this.write(stream, () => answerTo(question, documents, controller.signal), controller.signal);
    };
    const begun = begin();
    // Whoever asked for the answer is told why it could not be begun.
    running.done = begun
      .then(write, () => undefined)
      .catch((error: unknown) => this.listener.failed(error))
      .finally(() => {
        if (this.running.get(conversation) === running) this.running.delete(conversation);
        this.listener.changed(conversation, running.stream?.message ?? null);
      });
    this.running.set(conversation, running);
    await begun;
  }

  /** Stops the answer that is being written. What it says so far stays. */
  async stop(conversation: string): Promise<void> {
    const running = this.running.get(conversation);
    running?.controller.abort();
    await running?.done;
  }

  private async write(stream: MessageStream, compose: () => Promise<Answer>, signal: AbortSignal): Promise<void> {
    let answer: Answer = { text: "", metadata: {}, read: "" };
    const ending = (): EndingOptions => ({
      metadata: answer.metadata,
      usage: estimateUsage(answer.read, textOf(stream.message.content)),
    });
    try {
      answer = await compose();
      for (const piece of piecesOf(answer.text)) {
        if (this.delay > 0) await pause(this.delay, signal);
        signal.throwIfAborted();
        stream.append(piece);
        this.listener.grew(stream.id);
      }
      await stream.finish(ending());
    } catch (error) {
      if (signal.aborted) await stream.abort(ending()).catch(ignoreRemoved);
      else await this.fail(stream, error);
    }
  }

  /** The message says itself why it ends; where it cannot even say that, the page does. */
  private async fail(stream: MessageStream, error: unknown): Promise<void> {
    if (isRemoved(error)) return;
    await stream.fail(error).catch(() => {
      throw error;
    });
  }
}

/** Somebody deleted the message or its conversation while it was being written. */
const isRemoved = (error: unknown): boolean => isStoreError(error) && error.code === "NOT_FOUND";

function ignoreRemoved(error: unknown): void {
  if (!isRemoved(error)) throw error;
}
