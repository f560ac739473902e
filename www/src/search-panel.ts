import { button, element, input, nameElement, part } from "./dom";
import { counted, formatCount } from "./format";
import { Latest } from "./latest";
import { report } from "./notice";
import { type Hit, search } from "./search";
import type { Session } from "./session";
import type { Snippet } from "./snippet";
import { WindowedList } from "./windowed-list";

const TYPING_PAUSE_MS = 250;
const REDRAW_EVERY_MS = 80;

function highlighted({ before, match, after }: Snippet): (Node | string)[] {
  return [before, element("mark", {}, match), after];
}

/** The search box and its results. */
export function setUpSearch(session: Session): void {
  const form = part("search-form", HTMLFormElement);
  const query = input("search-query");
  const scope = part("search-scope", HTMLSelectElement);
  const pane = part("search-pane", HTMLElement);
  const status = part("search-status", HTMLElement);
  const stop = button("search-stop");
  const latest = new Latest();
  let typing: ReturnType<typeof setTimeout> | undefined;

  const list = new WindowedList<Hit>(part("search-list", HTMLElement), {
    draw: (hit, row) => {
      row.title = hit.key;
      const key = element("bdi", { class: "hit-key" }, ...(hit.inKey ? highlighted(hit.inKey) : [nameElement(hit.key)]));
      const matches = hit.matches > 0 ? counted(hit.matches, "match", "matches") : "in the key";
      row.append(element("div", { class: "hit-head" }, key, element("span", { class: "muted" }, matches)));
      if (everywhere()) row.append(element("div", { class: "muted hit-namespace" }, nameElement(hit.namespace)));
      row.append(element("bdi", { class: "hit-snippet" }, ...(hit.inContent ? highlighted(hit.inContent) : [])));
    },
    open: ({ namespace, key }) => session.go({ namespace, key }),
    isOpen: ({ namespace, key }) => namespace === session.place.namespace && key === session.place.key,
  });

  const everywhere = (): boolean => scope.value === "all";

  const show = (searching: boolean): void => {
    pane.hidden = !searching;
    part("keys-pane", HTMLElement).hidden = searching;
  };

  const close = (): void => {
    clearTimeout(typing);
    latest.stop();
    session.lookFor(null);
    show(false);
  };

  const run = async (): Promise<void> => {
    clearTimeout(typing);
    const wanted = query.value.trim();
    if (wanted === "") {
      close();
      return;
    }
    const signal = latest.next();
    const { store, place } = session;
    const started = performance.now();
    const hits: Hit[] = [];
    let looked = 0;
    let drawn = started;
    const found = (): string => `${counted(hits.length, "record")} of ${formatCount(looked)}`;

    show(true);
    document.body.dataset["view"] = "keys";
    part("search-title", HTMLElement).textContent = everywhere() ? "Found in all namespaces" : "Found in this namespace";
    part("search-list", HTMLElement).classList.toggle("with-namespaces", everywhere());
    session.lookFor(wanted);
    status.textContent = "Searching…";
    stop.hidden = false;
    list.setItems(hits);
    list.scrollToStart();
    try {
      const namespaces = everywhere() ? await store.listNamespaces() : [place.namespace];
      for await (const hit of search(store, namespaces, wanted, signal)) {
        looked += 1;
        if (hit) hits.push(hit);
        if (performance.now() - drawn < REDRAW_EVERY_MS) continue;
        drawn = performance.now();
        status.textContent = `Searching… ${found()}`;
        list.setItems(hits);
      }
      if (signal.aborted) return;
      status.textContent = `${found()} in ${formatCount(Math.round(performance.now() - started))} ms`;
      list.setItems(hits);
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = "The search failed.";
      report(error);
    }
    stop.hidden = true;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  query.addEventListener("input", () => {
    clearTimeout(typing);
    latest.stop();
    typing = setTimeout(() => void run(), TYPING_PAUSE_MS);
  });
  query.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    query.value = "";
    close();
  });
  scope.addEventListener("change", () => void run());
  stop.addEventListener("click", () => {
    latest.stop();
    stop.hidden = true;
    status.textContent = "Stopped.";
  });
  button("search-close").addEventListener("click", () => {
    query.value = "";
    close();
  });

  let before = session.place;
  session.onMove(() => {
    const { user, namespace, key } = session.place;
    // A result leads to other namespaces too; going to one without a key is turning away from the results.
    if (key === null && (user !== before.user || namespace !== before.namespace)) close();
    before = session.place;
    list.markOpen();
  });
}
