import init, { type Database, open } from "agent-datastore";
import { button, part, showText } from "./dom";
import { describeError } from "./errors";
import { databaseName } from "./location";

/** Opens the database that the address names, and hands it to the page; where that fails it says why, and offers to try again. */
export function boot(show: (database: Database) => void): void {
  // A new start of the page, because parts of it may have been set up already.
  button("boot-retry").addEventListener("click", () => location.reload());
  void start(show);
}

async function start(show: (database: Database) => void): Promise<void> {
  try {
    await init();
    const database = await open({ name: databaseName(location.search) });
    // What is not shown cannot be focused.
    document.body.dataset["state"] = "open";
    show(database);
  } catch (error) {
    document.body.dataset["state"] = "failed";
    showText(part("boot-message", HTMLElement), describeError(error));
    button("boot-retry").hidden = false;
  }
}
