import { button, input, nameElement, part, showText } from "./dom";
import { counted, formatCount } from "./format";
import { Latest } from "./latest";
import { attempt } from "./notice";
import type { Session } from "./session";
import { WindowedList } from "./windowed-list";

/** The keys of the namespace, filtered by what they begin with. */
export function setUpKeys(session: Session): void {
  const prefix = input("keys-prefix");
  const latest = new Latest();
  let shownFor = "";

  const list = new WindowedList<string>(part("keys-list", HTMLElement), {
    draw: (key, row) => {
      row.title = key;
      row.append(nameElement(key));
    },
    open: (key) => session.go({ key }),
    isOpen: (key) => key === session.place.key,
  });

  const show = async (): Promise<void> => {
    const newest = latest.next();
    const wanted = prefix.value;
    const all = await session.store.listKeys();
    const shown = wanted === "" ? all : await session.store.listKeys(wanted);
    if (newest.aborted) return;
    list.setItems(shown);
    const total = counted(all.length, "key");
    part("namespace-count", HTMLElement).textContent = total;
    part("keys-count", HTMLElement).textContent = wanted === "" ? total : `${formatCount(shown.length)} of ${total}`;
    const why = wanted === "" ? "No keys in this namespace." : "No key begins like this.";
    showText(part("keys-empty", HTMLElement), shown.length > 0 ? null : why);
    for (const id of ["export-documents", "clear-namespace"]) button(id).disabled = all.length === 0;
  };

  prefix.addEventListener("input", () => {
    list.scrollToStart();
    void attempt(show);
  });
  session.onMove(() => {
    const { user, namespace } = session.place;
    const title = part("namespace-title", HTMLElement);
    title.replaceChildren(nameElement(namespace));
    const listed = JSON.stringify([user, namespace]);
    if (listed === shownFor) {
      list.markOpen();
      return;
    }
    shownFor = listed;
    prefix.value = "";
    list.scrollToStart();
    void attempt(async () => {
      await show();
      list.markOpen();
    });
  });
  session.onChange(() => void attempt(show));
}
