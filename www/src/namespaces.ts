import { element, input, nameElement, part } from "./dom";
import { Latest } from "./latest";
import { attempt, report } from "./notice";
import type { Session } from "./session";

/** The place's namespace is listed even before anything is written to it. */
function withCurrent(namespaces: readonly string[], current: string): string[] {
  return namespaces.includes(current) ? [...namespaces] : [current, ...namespaces];
}

/** The list of the user's namespaces, and the way into another one. */
export function setUpNamespaces(session: Session): void {
  const list = part("namespace-list", HTMLElement);
  const name = input("namespace-name");
  const latest = new Latest();

  const show = async (): Promise<void> => {
    const newest = latest.next();
    const stored = await session.store.listNamespaces();
    if (newest.aborted) return;
    const current = session.place.namespace;
    const links = withCurrent(stored, current).map((namespace) => {
      const link = element("a", { href: session.hrefOf({ namespace }), title: namespace }, nameElement(namespace));
      if (namespace === current) link.setAttribute("aria-current", "page");
      if (!stored.includes(namespace)) link.append(element("span", { class: "muted" }, " empty"));
      return element("li", {}, link);
    });
    list.replaceChildren(...links);
    document.body.dataset["stored"] = stored.length === 0 ? "nothing" : "something";
    part("welcome", HTMLElement).hidden = stored.length > 0;
    part("welcome-title", HTMLElement).textContent = `Nothing is stored for “${session.place.user}” yet`;
  };

  part("namespace-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      session.go({ namespace: name.value });
      name.value = "";
    } catch (error) {
      report(error);
    }
  });

  session.onMove(() => void attempt(show));
  session.onChange(() => void attempt(show));
}
