import type { ImportResult, ImportSessionsOptions, Sessions } from "agent-datastore";
import { canPickDirectory, NOTHING_CHOSEN, pickDirectory } from "../directory-picker";
import { button, input } from "../dom";
import { download } from "../download";
import { counted } from "../format";
import { parseJsonObject } from "../json";
import { setUpTransferDialog, summed } from "../transfer";
import type { Workspace } from "./workspace";

/** All files in one: an object of their texts by path. */
function filesIn(text: string): Record<string, string> {
  const files = parseJsonObject(text);
  const entries = Object.entries(files).map(([path, content]): [string, string] => {
    if (typeof content !== "string") throw new Error("The file has to be a JSON object of texts by path, as the export makes it.");
    return [path, content];
  });
  return Object.fromEntries(entries);
}

async function importFrom(sessions: Sessions, chosen: File[], options: ImportSessionsOptions): Promise<ImportResult> {
  const results: ImportResult[] = [];
  for (const file of chosen) {
    const isArchive = file.name.toLowerCase().endsWith(".zip");
    results.push(isArchive ? await sessions.importZip(file, options) : await sessions.importFiles(Object.entries(filesIn(await file.text())), options));
  }
  return summed(results);
}

/** The dialog that takes sessions out of this browser, and brings them into it. */
export function setUpTransfer(workspace: Workspace, count: () => number, changed: () => Promise<void>): void {
  const existing = (): ImportSessionsOptions => ({ existing: input("import-replace").checked ? "replace" : input("import-skip").checked ? "skip" : "refuse" });

  const imported = async (work: (options: ImportSessionsOptions) => Promise<ImportResult>): Promise<string> => {
    const result = await work(existing());
    await changed();
    return `${counted(result.imported, "session")} imported${result.skipped > 0 ? `, ${counted(result.skipped, "session")} here already` : ""}.`;
  };

  const dialog = setUpTransferDialog({
    opened: () => {
      const { session } = workspace.place;
      input("transfer-one").disabled = session === null;
      input(session === null ? "transfer-all" : "transfer-one").checked = true;
      input("export-directory").disabled = !canPickDirectory();
      button("import-directory").hidden = !canPickDirectory();
    },
    exportNow: async () => {
      const { sessions, place } = workspace;
      const ids = input("transfer-one").checked && place.session !== null ? [place.session] : undefined;
      const which = ids ? { ids } : {};
      if (input("export-directory").checked) {
        const directory = await pickDirectory("readwrite");
        if (!directory) return NOTHING_CHOSEN;
        await sessions.exportToDirectory(directory, which);
      } else if (input("export-zip").checked) {
        download(`${ids?.[0] ?? "sessions"}.zip`, await sessions.exportZip(which));
      } else {
        const files = Object.fromEntries(await sessions.exportFiles(which));
        download(`${ids?.[0] ?? "sessions"}.json`, new Blob([JSON.stringify(files, null, 2)], { type: "application/json" }));
      }
      return `${counted(ids?.length ?? count(), "session")} exported.`;
    },
    importNow: (chosen) => imported((options) => importFrom(workspace.sessions, chosen, options)),
  });

  button("import-directory").addEventListener("click", () =>
    void dialog.run("Importing…", async () => {
      const directory = await pickDirectory("read");
      return directory ? imported((options) => workspace.sessions.importFromDirectory(directory, options)) : NOTHING_CHOSEN;
    }),
  );
}
