import { button, input, part, showText } from "./dom";
import { download } from "./download";
import { describeError } from "./errors";
import { counted, fileNameOf } from "./format";
import { attempt, inform } from "./notice";
import type { Session } from "./session";

/** Documents of the agent data store, out of this namespace and back. */
export function setUpDocuments(session: Session): void {
  const dialog = part("documents", HTMLDialogElement);
  const form = part("documents-form", HTMLFormElement);
  const file = input("documents-file");
  const failure = part("documents-error", HTMLElement);

  button("export-documents").addEventListener("click", () =>
    attempt(async () => {
      const { store } = session;
      const text = await store.exportDocuments();
      download(fileNameOf(store.namespace, "json"), new Blob([text], { type: "application/json" }));
    }),
  );
  button("import-documents").addEventListener("click", () => {
    form.reset();
    showText(failure, null);
    dialog.showModal();
  });
  button("documents-close").addEventListener("click", () => dialog.close());

  const take = async (chosen: File): Promise<void> => {
    const existing = input("documents-skip").checked ? "skip" : "replace";
    const result = await session.store.importDocuments(await chosen.text(), { existing });
    dialog.close();
    session.dataChanged();
    inform(`${counted(result.imported, "record")} imported, ${counted(result.skipped, "record")} left as they were.`);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    showText(failure, null);
    const chosen = file.files?.[0];
    if (chosen) take(chosen).catch((error: unknown) => showText(failure, describeError(error)));
  });
}
