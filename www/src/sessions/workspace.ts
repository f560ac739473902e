import type { Database, Sessions, SessionStore } from "agent-datastore";
import { readSessionPlace, type SessionPlace, writeSessionPlace } from "./place";

interface Current {
  place: SessionPlace;
  sessions: Sessions;
  /** The open session; `null` where none is. */
  store: SessionStore | null;
}

/** The open database and the session that is open; tells the parts of the page when it is another. */
export class Workspace {
  private current: Current;
  private readonly moved: (() => void)[] = [];
  private address = location.hash;

  constructor(readonly database: Database) {
    this.current = this.at(readSessionPlace(location.hash), null);
  }

  get place(): SessionPlace {
    return this.current.place;
  }

  get sessions(): Sessions {
    return this.current.sessions;
  }

  get store(): SessionStore | null {
    return this.current.store;
  }

  /** Runs `show` now and after each move to another place. */
  onMove(show: () => void): void {
    this.moved.push(show);
    show();
  }

  /** Goes to a session, or to one of the files of the open one, by way of the address. */
  go(to: Partial<SessionPlace>): void {
    const address = this.hrefOf(to);
    if (address === location.hash) return;
    history.pushState(null, "", address);
    this.readAddress();
  }

  /** Goes to a place instead of this one, to which the Back button then does not lead. */
  replaceBy(to: Partial<SessionPlace>): void {
    history.replaceState(null, "", this.hrefOf(to));
    this.readAddress();
  }

  /** Takes the place from the address, after it changed; a browser may tell that more than once. */
  readAddress(): void {
    if (location.hash === this.address) return;
    this.address = location.hash;
    this.current = this.at(readSessionPlace(location.hash), this.current);
    for (const show of this.moved) show();
  }

  private hrefOf(to: Partial<SessionPlace>): string {
    return writeSessionPlace({ ...this.place, file: null, ...to });
  }

  /** Another file of the same session is no other store. */
  private at(place: SessionPlace, before: Current | null): Current {
    const { user, session } = place;
    const isSameUser = before?.place.user === user;
    if (before && isSameUser && before.place.session === session) return { ...before, place };
    // Whoever changes something here waits for it, and says what failed.
    const sessions = before && isSameUser ? before.sessions : this.database.sessions({ user, onWarning: () => undefined });
    return { place, sessions, store: session === null ? null : sessions.open(session) };
  }
}
