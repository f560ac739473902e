import type { SessionStore } from "agent-datastore";
import { button, element, nameElement, part, showText } from "../dom";
import { counted } from "../format";
import { Latest } from "../latest";
import { showLongText } from "../long-text";
import { attempt } from "../notice";
import { WindowedTree } from "../windowed-tree";
import { type FileRow, fileRows } from "./file-rows";
import type { Workspace } from "./workspace";

/** The files of the open session as a tree, and the text of the one that is open. */
export class FilePane {
  private readonly tree: WindowedTree<FileRow>;
  private readonly closed = new Set<string>();
  private readonly latest = new Latest();
  private paths: string[] = [];
  private drawn = "";
  private shownText = "";

  constructor(private readonly workspace: Workspace) {
    this.tree = new WindowedTree<FileRow>(part("files", HTMLElement), {
      draw: drawRow,
      open: ({ kind, path, expanded }) => {
        if (kind === "folder") this.expand(path, !expanded);
        else this.workspace.go({ file: path });
      },
      isOpen: ({ kind, path }) => kind === "file" && path === this.workspace.place.file,
    });
    this.tree.onExpand = ({ path }, expanded) => this.expand(path, expanded);
    button("file-close").addEventListener("click", () => {
      this.workspace.go({});
      part("files", HTMLElement).focus({ preventScroll: true });
    });
    let session: string | null = null;
    workspace.onMove(() => {
      if (workspace.place.session !== session) this.closed.clear();
      session = workspace.place.session;
      this.drawn = "";
      void attempt(() => this.showText());
    });
  }

  async show(paths: string[]): Promise<void> {
    this.paths = paths;
    this.draw();
    await this.showText();
  }

  private expand(path: string, expanded: boolean): void {
    if (expanded) this.closed.delete(path);
    else this.closed.add(path);
    this.draw();
  }

  private draw(): void {
    const state = JSON.stringify([this.paths, [...this.closed], this.workspace.place]);
    if (state === this.drawn) return;
    this.drawn = state;
    const rows = fileRows(this.paths, this.closed);
    part("files", HTMLElement).style.setProperty("--rows", String(rows.length));
    this.tree.setItems(rows);
    part("files-count", HTMLElement).textContent = this.paths.length === 0 ? "" : counted(this.paths.length, "file");
    showText(part("files-empty", HTMLElement), this.paths.length > 0 ? null : "No files yet. Ask the writer for some, and apply what it proposes.");
  }

  /** Shows the text of the open file as it is now. */
  private async showText(): Promise<void> {
    const newest = this.latest.next();
    const { store, place } = this.workspace;
    const text = await textOf(store, place.file);
    if (newest.aborted) return;
    const state = JSON.stringify([place, text]);
    if (state === this.shownText) return;
    this.shownText = state;
    part("file", HTMLElement).hidden = place.file === null;
    if (place.file === null) return;
    part("file-path", HTMLElement).textContent = place.file;
    part("file-text", HTMLElement).hidden = text === null;
    showText(part("file-none", HTMLElement), text === null ? "There is no such file now." : null);
    showLongText(part("file-text", HTMLElement), button("file-all"), text ?? "");
  }
}

const textOf = async (store: SessionStore | null, path: string | null): Promise<string | null> => (store && path !== null ? store.readFile(path) : null);

function drawRow({ kind, name, path, expanded }: FileRow, row: HTMLElement): void {
  row.title = path;
  row.dataset["kind"] = kind;
  const twisty = element("span", { class: "twisty", "aria-hidden": "true" });
  if (expanded !== null) twisty.dataset["twisty"] = "";
  row.append(twisty, nameElement(name));
}
