import type { AgentDataStore, Database } from "agent-datastore";
import { type Place, readPlace, writePlace } from "./location";

/** The open database and the place that is shown; tells the parts of the page when either changes. */
export class Session {
  private current: { place: Place; store: AgentDataStore };
  private readonly moved: (() => void)[] = [];
  private readonly changed: (() => void)[] = [];

  private words: string | null = null;

  constructor(readonly database: Database) {
    this.current = this.at(readPlace(location.hash));
  }

  get place(): Place {
    return this.current.place;
  }

  /** The store of the place's user, agent and namespace. */
  get store(): AgentDataStore {
    return this.current.store;
  }

  /** Runs `show` now and after each move to another place. */
  onMove(show: () => void): void {
    this.moved.push(show);
    show();
  }

  /** Runs `show` after anything was written. */
  onChange(show: () => void): void {
    this.changed.push(show);
  }

  /** Goes to another place by way of the address; throws where the store does not take its names. */
  go(to: Partial<Place>): void {
    const next = { ...this.place, key: null, ...to };
    this.at(next);
    const address = writePlace(next);
    // An address that stays the same tells nobody, but whoever asked wants to see the place.
    if (address === location.hash) this.readAddress();
    else location.hash = address;
  }

  /** Has the words marked in what is opened from now on; null for none. */
  lookFor(words: string | null): void {
    this.words = words;
  }

  get lookedFor(): string | null {
    return this.words;
  }

  hrefOf(to: Partial<Place>): string {
    return writePlace({ ...this.place, key: null, ...to });
  }

  /** Takes the place from the address, after it changed. */
  readAddress(): void {
    this.current = this.at(readPlace(location.hash));
    for (const show of this.moved) show();
  }

  dataChanged(): void {
    for (const show of this.changed) show();
  }

  private at(place: Place): { place: Place; store: AgentDataStore } {
    const { user, agent, namespace } = place;
    return { place, store: this.database.dataStore({ user, agent, namespace }) };
  }
}
