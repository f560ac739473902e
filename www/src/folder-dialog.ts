import { button, element, input, part, showText } from "./dom";
import { describeError } from "./errors";
import { chosenFolder, droppedFolder, type Folder, type Scan, type Skipped } from "./folder";
import { counted, formatBytes, formatCount } from "./format";
import { parseIgnored, USUALLY_IGNORED } from "./ignore";
import { batchMetadata, ingest, type IngestReport, type Mode, targetOf } from "./ingest";
import { Latest } from "./latest";
import { report as reportError } from "./notice";
import type { Session } from "./session";
import { WindowedList } from "./windowed-list";

function resultLine(report: IngestReport, cancelled: boolean): string {
  const done = `${counted(report.files, "file")}, ${formatBytes(report.bytes)}, ${formatCount(Math.round(report.milliseconds))} ms`;
  const left = report.notReached > 0 ? ` ${counted(report.notReached, "file")} not imported.` : "";
  if (report.failure !== null) return `Stopped after ${done}.${left}`;
  return `${cancelled ? "Cancelled after" : "Imported"} ${done}.${left}`;
}

/** The dialog that brings a folder into the store. */
export function setUpFolderImport(session: Session): { open(): void } {
  const dialog = part("folder", HTMLDialogElement);
  const chooser = input("folder-input");
  const ignored = part("folder-ignored", HTMLTextAreaElement);
  const start = button("folder-start");
  const cancel = button("folder-cancel");
  const close = button("folder-close");
  const chosen = part("folder-chosen", HTMLElement);
  const latest = new Latest();
  let folder: Folder | null = null;
  let scan: Scan | null = null;
  let running: AbortController | null = null;

  ignored.value = USUALLY_IGNORED.join(", ");

  const skippedList = new WindowedList<Skipped>(part("folder-skipped", HTMLElement), {
    draw: ({ path, reason }, row) => {
      row.title = `${path}: ${reason}`;
      row.append(element("bdi", {}, path), element("span", { class: "muted" }, reason));
    },
  });

  const setDone = (done: boolean): void => {
    part("folder-report", HTMLElement).hidden = !done;
    close.textContent = done ? "Done" : "Close";
    close.classList.toggle("primary", done);
    start.classList.toggle("primary", !done);
  };

  const hideResult = (): void => {
    setDone(false);
    part("folder-progress", HTMLElement).hidden = true;
  };

  const look = async (): Promise<void> => {
    const newest = latest.next();
    scan = null;
    start.disabled = true;
    if (!folder) return;
    const { name } = folder;
    chosen.textContent = `Looking into ${name}…`;
    try {
      const found = await folder.scan(parseIgnored(ignored.value));
      if (newest.aborted) return;
      scan = found;
      const leftOut = found.skipped.length > 0 ? `, ${counted(found.skipped.length, "directory", "directories")} left out` : "";
      chosen.textContent = `${name}: ${counted(found.files.length, "file")}${leftOut}`;
      start.disabled = running !== null || found.files.length === 0;
    } catch (error) {
      if (!newest.aborted) chosen.textContent = `${name} cannot be read: ${describeError(error)}`;
    }
  };

  const choose = (next: Folder | null): void => {
    folder = next;
    hideResult();
    if (!next) chosen.textContent = "That folder holds no files.";
    void look();
  };

  const setRunning = (controller: AbortController | null): void => {
    running = controller;
    cancel.hidden = controller === null;
    close.disabled = controller !== null;
    start.disabled = controller !== null || !scan || scan.files.length === 0;
    for (const control of [chooser, ignored, input("folder-repository"), input("folder-json")]) {
      control.disabled = controller !== null;
    }
  };

  const showReport = (report: IngestReport, cancelled: boolean): void => {
    part("folder-result", HTMLElement).textContent = resultLine(report, cancelled);
    part("folder-progress", HTMLElement).hidden = true;
    showText(part("folder-failure", HTMLElement), report.failure);
    const { skipped } = report;
    part("folder-skipped-title", HTMLElement).textContent = `Not imported: ${formatCount(skipped.length)}`;
    part("folder-skipped-title", HTMLElement).hidden = skipped.length === 0;
    part("folder-skipped", HTMLElement).hidden = skipped.length === 0;
    setDone(true);
    skippedList.setItems(skipped);
    skippedList.scrollToStart();
  };

  const run = async (name: string, { files, skipped }: Scan): Promise<void> => {
    const mode: Mode = input("folder-json").checked ? "json" : "repository";
    const bar = part("folder-bar", HTMLProgressElement);
    const status = part("folder-status", HTMLElement);
    const controller = new AbortController();
    setRunning(controller);
    hideResult();
    bar.max = Math.max(1, files.length);
    bar.value = 0;
    status.textContent = `0 of ${counted(files.length, "file")}`;
    part("folder-progress", HTMLElement).hidden = false;
    try {
      const target = targetOf(mode, name, session.store);
      const report = await ingest(
        files,
        mode,
        target,
        batchMetadata(name),
        (progress) => {
          bar.value = progress.files;
          status.textContent = `${formatCount(progress.files)} of ${counted(files.length, "file")}, ${formatBytes(progress.bytes)}`;
        },
        controller.signal,
      );
      showReport({ ...report, skipped: [...skipped, ...report.skipped] }, controller.signal.aborted);
      if (report.files > 0) session.go({ namespace: target.values.namespace });
    } catch (error) {
      reportError(error);
    } finally {
      setRunning(null);
      session.dataChanged();
    }
  };

  const open = (): void => {
    hideResult();
    if (!dialog.open) dialog.showModal();
  };

  session.onMove(() => {
    part("folder-namespace", HTMLElement).textContent = session.place.namespace;
  });
  chooser.addEventListener("change", () => {
    choose(chosenFolder(Array.from(chooser.files ?? [])));
    // Choosing the same folder again has to be a change again.
    chooser.value = "";
  });
  ignored.addEventListener("change", () => void look());
  part("folder-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    if (folder && scan && !running) void run(folder.name, scan);
  });
  cancel.addEventListener("click", () => running?.abort());
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("cancel", (event) => {
    if (running) event.preventDefault();
  });

  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.dataset["dropping"] = "yes";
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) delete document.body.dataset["dropping"];
  });
  document.addEventListener("drop", (event) => {
    delete document.body.dataset["dropping"];
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (running) return;
    const dropped = droppedFolder(event.dataTransfer.items);
    if (!dropped) {
      reportError(new Error("Drop one folder; several at once, or single files, are not taken."));
      return;
    }
    open();
    choose(dropped);
  });

  return { open };
}
