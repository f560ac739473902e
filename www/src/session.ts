import type { AgentDataStore, Database } from "agent-datastore";
import { type Place, readPlace, writePlace } from "./location";

/** The open database and the place that is shown; tells the parts of the page when either changes. */
export class Session {
  private current: { place: Place; store: AgentDataStore };
  private readonly moved: (() => void)[] = [];
  private readonly changed: (() => void)[] = [];

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
    const place = { key: null, ...to };
    const next = { ...this.place, ...place };
    this.at(next);
    location.hash = writePlace(next);
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
