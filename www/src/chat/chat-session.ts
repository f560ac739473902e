import type { AgentDataStore, Conversation, Database, MessageStore } from "agent-datastore";
import { START } from "../location";
import { type ChatPlace, readChatPlace, writeChatPlace } from "./place";

interface Current {
  place: ChatPlace;
  chats: MessageStore;
  documents: AgentDataStore;
}

/** The open database and the conversation that is open; tells the parts of the page when either changes. */
export class ChatSession {
  private current: Current;
  private readonly moved: (() => void)[] = [];
  private readonly changed: (() => void)[] = [];
  private known: Conversation | null = null;

  constructor(readonly database: Database) {
    this.current = this.at(readChatPlace(location.hash));
  }

  get place(): ChatPlace {
    return this.current.place;
  }

  get chats(): MessageStore {
    return this.current.chats;
  }

  /** What the agent reads, of the same user. */
  get documents(): AgentDataStore {
    return this.current.documents;
  }

  /** The open conversation as it was last read; `null` where none is open or it was not read yet. */
  get conversation(): Conversation | null {
    return this.known?.id === this.place.conversation ? this.known : null;
  }

  /** Runs `show` now and after each move to another conversation. */
  onMove(show: () => void): void {
    this.moved.push(show);
    show();
  }

  /** Runs `show` after the open conversation was read anew. */
  onChange(show: () => void): void {
    this.changed.push(show);
  }

  hrefOf(conversation: string | null): string {
    return writeChatPlace({ ...this.place, conversation });
  }

  /** Opens a conversation by way of the address. */
  go(conversation: string | null): void {
    const address = this.hrefOf(conversation);
    if (address === location.hash) return;
    history.pushState(null, "", address);
    this.readAddress();
  }

  /** Opens another conversation in the place of this one, to which the Back button then does not lead. */
  replaceBy(conversation: string | null): void {
    history.replaceState(null, "", this.hrefOf(conversation));
    this.readAddress();
  }

  /** Takes the place from the address, after it changed. */
  readAddress(): void {
    this.current = this.at(readChatPlace(location.hash));
    for (const show of this.moved) show();
  }

  /** Takes up the open conversation as it is now, and tells whether it is another than the one before. */
  learn(conversation: Conversation | null): boolean {
    const isNew = JSON.stringify(conversation) !== JSON.stringify(this.known);
    this.known = conversation;
    for (const show of this.changed) show();
    return isNew;
  }

  private at(place: ChatPlace): Current {
    const { user } = place;
    const documents = this.database.dataStore({ user, agent: START.agent, namespace: START.namespace });
    return { place, chats: this.database.messageStore({ user }), documents };
  }
}
