import type { Database, SnapshotStore } from "agent-datastore";
import { readSnapshotPlace, type SnapshotPlace, writeSnapshotPlace } from "./place";

/** As many versions of each key are kept beside the current one. */
export const HISTORY = 20;

/** The open database and the place that is shown; tells the parts of the page when it is another. */
export class SnapshotSession {
  private current: SnapshotPlace;
  private readonly moved: (() => void)[] = [];
  private address = location.hash;

  constructor(readonly database: Database) {
    this.current = this.checked(readSnapshotPlace(location.hash));
  }

  get place(): SnapshotPlace {
    return this.current;
  }

  /** The store of a scope; without one, of the scope that is shown. */
  storeAt(path: readonly string[] = this.place.scope, user = this.place.user): SnapshotStore {
    // Whoever saves here waits for it, and says what failed.
    return this.database.snapshotStore({ user, path, history: HISTORY, onError: () => undefined });
  }

  /** Runs `show` now and after each move to another place. */
  onMove(show: () => void): void {
    this.moved.push(show);
    show();
  }

  hrefOf(to: Partial<SnapshotPlace>): string {
    return writeSnapshotPlace(this.placeOf(to));
  }

  /** Goes to another place by way of the address. What is left out of it, but for the user and the scope, is none. */
  go(to: Partial<SnapshotPlace>): void {
    this.checked(this.placeOf(to));
    const address = this.hrefOf(to);
    if (address === location.hash) return;
    history.pushState(null, "", address);
    this.readAddress();
  }

  /** Goes to a place instead of this one, to which the Back button then does not lead. */
  replaceBy(to: Partial<SnapshotPlace>): void {
    history.replaceState(null, "", this.hrefOf(to));
    this.readAddress();
  }

  /** Takes the place from the address, after it changed; a browser may tell that more than once. */
  readAddress(): void {
    if (location.hash === this.address) return;
    this.address = location.hash;
    this.current = this.checked(readSnapshotPlace(location.hash));
    for (const show of this.moved) show();
  }

  private placeOf(to: Partial<SnapshotPlace>): SnapshotPlace {
    return { ...this.place, key: null, version: null, comparedWith: null, ...to };
  }

  /** Throws where the store does not take the place's names. */
  private checked(place: SnapshotPlace): SnapshotPlace {
    this.storeAt(place.scope, place.user);
    return place;
  }
}
