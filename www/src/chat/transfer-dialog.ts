import type { ImportConversationsOptions, ImportResult, MessageStore } from "agent-datastore";
import { input } from "../dom";
import { download } from "../download";
import { counted, fileNameOf } from "../format";
import { setUpTransferDialog, summed } from "../transfer";
import type { ChatSession } from "./chat-session";

const INDEX = "message_store.json";

/** All lines of an export. Pieces of it, so that no text of all is made. */
async function linesOf(chats: MessageStore, ids: string[] | undefined): Promise<Blob> {
  const pieces: string[] = [];
  for await (const piece of chats.exportLines(ids ? { ids } : {})) pieces.push(piece);
  return new Blob(pieces, { type: "application/x-ndjson" });
}

/** Imports what was chosen: archives, lines, and the files of the directory layout together. */
async function importFrom(chats: MessageStore, files: File[], options: ImportConversationsOptions): Promise<ImportResult> {
  const results: ImportResult[] = [];
  const plain: [path: string, text: string][] = [];
  for (const file of files) {
    const ending = file.name.split(".").at(-1)?.toLowerCase();
    if (ending === "zip") results.push(await chats.importZip(file, options));
    else if (ending === "ndjson" || ending === "jsonl") results.push(await chats.importLines(await file.text(), options));
    else plain.push([file.name === INDEX ? INDEX : `conversations/${file.name}`, await file.text()]);
  }
  if (plain.length > 0) results.push(await chats.importFiles(plain, options));
  return summed(results);
}

/** The dialog that takes conversations out of this browser, and brings them into it. */
export function setUpTransfer(session: ChatSession, changed: () => Promise<void>): void {
  setUpTransferDialog({
    opened: () => {
      const { conversation } = session;
      input("export-one").disabled = conversation === null;
      input(conversation === null ? "export-all" : "export-one").checked = true;
    },
    exportNow: async () => {
      const { chats, conversation } = session;
      const ids = conversation && input("export-one").checked ? [conversation.id] : undefined;
      const name = ids && conversation ? conversation.title : "conversations";
      const isZip = input("export-zip").checked;
      const exported = isZip ? await chats.exportZip(ids ? { ids } : {}) : await linesOf(chats, ids);
      download(fileNameOf(name, isZip ? "zip" : "ndjson"), exported);
      return ids ? "1 conversation exported." : `${counted(await chats.countConversations(), "conversation")} exported.`;
    },
    importNow: async (files) => {
      const existing = input("import-replace").checked ? "replace" : "skip";
      const { imported, skipped } = await importFrom(session.chats, files, { existing });
      await changed();
      return `${counted(imported, "conversation")} imported${skipped > 0 ? `, ${counted(skipped, "conversation")} here already` : ""}.`;
    },
  });
}
