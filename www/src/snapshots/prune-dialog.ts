import { button, input, part, showText } from "../dom";
import { describeError } from "../errors";
import { counted } from "../format";
import { inform } from "../notice";
import { scopeText } from "./place";
import type { SnapshotSession } from "./snapshot-session";

/** The dialog that forgets old versions, of the key that is shown or of all in the scope. */
export function setUpPruning(session: SnapshotSession, changed: () => Promise<void>): void {
  const dialog = part("prune", HTMLDialogElement);
  const keep = input("prune-keep");
  const failure = part("prune-error", HTMLElement);
  let path: string[] = [];
  let key: string | null = null;

  const open = (): void => {
    ({ scope: path, key } = session.place);
    part("prune-where", HTMLElement).textContent = key === null ? `Of every key in ${scopeText(path)} and below it.` : `Of “${key}” in ${scopeText(path)}.`;
    showText(failure, null);
    dialog.showModal();
    keep.select();
  };
  for (const id of ["prune-key", "prune-scope"]) button(id).addEventListener("click", open);
  button("prune-cancel").addEventListener("click", () => dialog.close());

  const prune = async (): Promise<void> => {
    const gone = await session.storeAt(path).prune({ keep: keep.valueAsNumber, ...(key === null ? {} : { key }) });
    dialog.close();
    await changed();
    inform(`${counted(gone, "version")} forgotten.`);
  };
  part("prune-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    showText(failure, null);
    prune().catch((error: unknown) => showText(failure, describeError(error)));
  });
}
