import type { ImportResult, ImportSnapshotsOptions, SnapshotStore } from "agent-datastore";
import { canPickDirectory, NOTHING_CHOSEN, pickDirectory } from "../directory-picker";
import { button, input, part } from "../dom";
import { download } from "../download";
import { counted, fileNameOf } from "../format";
import { setUpTransferDialog, summed } from "../transfer";
import { countBelow } from "./hierarchy";
import { scopeText } from "./place";
import type { SnapshotSession } from "./snapshot-session";

async function importFrom(store: SnapshotStore, files: File[], options: ImportSnapshotsOptions): Promise<ImportResult> {
  const results: ImportResult[] = [];
  const plain: [path: string, text: string][] = [];
  for (const file of files) {
    if (file.name.toLowerCase().endsWith(".zip")) results.push(await store.importZip(file, options));
    else plain.push([file.name, await file.text()]);
  }
  if (plain.length > 0) results.push(await store.importFiles(plain, options));
  return summed(results);
}

/** The dialog that takes snapshots out of this browser, and brings them into it. */
export function setUpTransfer(session: SnapshotSession, changed: () => Promise<void>): void {
  const scope = (): string[] => (input("transfer-all").checked ? [] : session.place.scope);

  const imported = async (work: (store: SnapshotStore, options: ImportSnapshotsOptions) => Promise<ImportResult>): Promise<string> => {
    const existing = input("import-replace").checked ? "replace" : "skip";
    const result = await work(session.storeAt(scope()), { existing });
    await changed();
    return `${counted(result.imported, "snapshot")} imported${result.skipped > 0 ? `, ${counted(result.skipped, "snapshot")} here already` : ""}.`;
  };

  const dialog = setUpTransferDialog({
    opened: () => {
      const here = session.place.scope;
      part("transfer-scope", HTMLElement).textContent = here.length === 0 ? "The open scope" : scopeText(here);
      input("transfer-one").disabled = here.length === 0;
      input(here.length === 0 ? "transfer-all" : "transfer-one").checked = true;
      input("export-directory").disabled = !canPickDirectory();
      button("import-directory").hidden = !canPickDirectory();
    },
    exportNow: async () => {
      const path = scope();
      const store = session.storeAt(path);
      if (input("export-directory").checked) {
        const directory = await pickDirectory("readwrite");
        if (!directory) return NOTHING_CHOSEN;
        await store.exportToDirectory(directory);
      } else {
        download(fileNameOf(path.at(-1) ?? "snapshots", "zip"), await store.exportZip());
      }
      return `${counted(await countBelow((below) => session.storeAt(below), path), "snapshot")} exported.`;
    },
    importNow: (files) => imported((store, options) => importFrom(store, files, options)),
  });

  button("import-directory").addEventListener("click", () =>
    void dialog.run("Importing…", async () => {
      const directory = await pickDirectory("read");
      return directory ? imported((store, options) => store.importFromDirectory(directory, options)) : NOTHING_CHOSEN;
    }),
  );
}
