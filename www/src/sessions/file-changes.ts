import { changesText, comparisonOf } from "../comparison";
import { button, element, nameElement, part } from "../dom";
import { counted } from "../format";
import { diffOf } from "../line-diff";
import { changesBetween, type FileChange, type Files } from "./files";

const kindOf = ({ before, after }: FileChange): string => (before === null ? "new" : after === null ? "deleted" : "changed");

function changeElement(change: FileChange): HTMLElement {
  const comparison = comparisonOf(diffOf(change.before ?? "", change.after ?? "", "text"));
  return element(
    "section",
    { class: "file-change", "aria-label": change.path, "data-path": change.path },
    element("h4", {}, nameElement(change.path), " ", element("span", { class: "tag" }, kindOf(change)), element("span", { class: "muted" }, ` ${changesText(comparison)}`)),
    element("div", { class: "comparison code", role: "group", tabindex: "0", "aria-label": `What has changed in ${change.path}` }, ...comparison.rows),
  );
}

/** What the last step has changed in the files. */
export class FileChanges {
  private readonly box = part("changes", HTMLElement);

  constructor() {
    button("changes-close").addEventListener("click", () => {
      this.hide();
      part("files", HTMLElement).focus({ preventScroll: true });
    });
  }

  /** Resolves to how many files have changed. */
  show(what: string, before: Files, after: Files): number {
    const changes = changesBetween(before, after);
    part("changes-title", HTMLElement).textContent = what;
    part("changes-facts", HTMLElement).textContent = changes.length === 0 ? "No file has changed." : `${counted(changes.length, "file")} changed.`;
    part("changes-list", HTMLElement).replaceChildren(...changes.map(changeElement));
    this.box.hidden = false;
    return changes.length;
  }

  hide(): void {
    this.box.hidden = true;
    part("changes-list", HTMLElement).replaceChildren();
  }
}
