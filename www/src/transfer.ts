import type { ImportResult } from "agent-datastore";
import { button, input, part, showText } from "./dom";
import { describeError } from "./errors";

/** What the dialog does for the page it belongs to. Both resolve to what came of it, in words. */
export interface Transfer {
  /** The dialog is about to be shown. */
  opened(): void;
  exportNow(): Promise<string>;
  importNow(files: File[]): Promise<string>;
}

export interface TransferDialog {
  /** Runs something else that the dialog offers, as it runs an export. */
  run(begun: string, work: () => Promise<string>): Promise<void>;
}

/** The dialog that takes something out of this browser, and brings it into it. */
export function setUpTransferDialog(transfer: Transfer): TransferDialog {
  const dialog = part("transfer", HTMLDialogElement);
  const chosen = input("import-files");
  const status = part("transfer-status", HTMLElement);
  const failure = part("transfer-failure", HTMLElement);

  const say = (text: string, failed: string | null): void => {
    status.textContent = text;
    showText(failure, failed);
  };

  const run = async (begun: string, work: () => Promise<string>): Promise<void> => {
    const actions = Array.from(dialog.querySelectorAll<HTMLButtonElement>("form button:enabled"));
    for (const action of actions) action.disabled = true;
    say(begun, null);
    try {
      say(await work(), null);
    } catch (error) {
      say("", describeError(error));
    } finally {
      for (const action of actions) action.disabled = false;
    }
  };

  button("open-transfer").addEventListener("click", () => {
    transfer.opened();
    say("", null);
    dialog.showModal();
  });
  button("transfer-close").addEventListener("click", () => dialog.close());
  part("export-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void run("Exporting…", () => transfer.exportNow());
  });
  part("import-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void run("Importing…", async () => {
      const said = await transfer.importNow(Array.from(chosen.files ?? []));
      chosen.value = "";
      return said;
    });
  });
  return { run };
}

/** What several imports did together. */
export function summed(results: ImportResult[]): ImportResult {
  const sum = (of: (result: ImportResult) => number): number => results.reduce((total, result) => total + of(result), 0);
  return { imported: sum(({ imported }) => imported), skipped: sum(({ skipped }) => skipped) };
}
