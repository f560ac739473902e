import type { Database } from "agent-datastore";
import { report } from "./notice";

const EVERY_MS = 1000;

/** Goes where the address says, whenever that changes. */
export function followAddress(read: () => void): void {
  const readAddress = (): void => {
    try {
      read();
    } catch (error) {
      report(error);
    }
  };
  addEventListener("hashchange", readAddress);
  addEventListener("popstate", readAddress);
}

/** Takes up what other tabs write, as long as the page is in sight. */
export function followOthers(database: Database, sync: () => Promise<void>): void {
  let busy = false;
  let failing = false;
  const look = async (): Promise<void> => {
    if (busy || document.visibilityState !== "visible") return;
    busy = true;
    try {
      await database.refresh();
      await sync();
      failing = false;
    } catch (error) {
      // Once is enough for what fails every second.
      if (!failing) report(error);
      failing = true;
    } finally {
      busy = false;
    }
  };
  setInterval(() => void look(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void look());
}
