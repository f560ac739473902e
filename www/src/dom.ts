type Attributes = Readonly<Record<string, string | boolean>>;

/** The element of the page with this id; it is a mistake in the page if it is missing or of another kind. */
export function part<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} with the id ${id}.`);
  return found;
}

/** A new element. Strings among the children become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A stored name as text that cannot reorder what stands around it. The empty name is a name too. */
export function nameElement(name: string): HTMLElement {
  return name === "" ? element("span", { class: "muted" }, "(empty name)") : element("bdi", {}, name);
}

/** Shows a text in an element that is hidden while it has none. */
export function showText(where: HTMLElement, text: string | null): void {
  where.textContent = text ?? "";
  where.hidden = text === null;
}

export const button = (id: string): HTMLButtonElement => part(id, HTMLButtonElement);
export const input = (id: string): HTMLInputElement => part(id, HTMLInputElement);
