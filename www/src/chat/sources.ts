import type { Json, JsonObject } from "agent-datastore";
import { element, nameElement } from "../dom";
import { START, writePlace } from "../location";
import { pageAddress } from "../pages";

interface Source {
  namespace: string;
  key: string;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** The sources that a message's metadata names; what is written otherwise is none. */
function sourcesOf({ sources }: JsonObject): Source[] {
  if (!Array.isArray(sources)) return [];
  return sources.flatMap((source) => {
    if (!isObject(source)) return [];
    const { namespace, key } = source;
    return typeof namespace === "string" && typeof key === "string" ? [{ namespace, key }] : [];
  });
}

/** Links to the documents that a message quotes, in the explorer. */
export function sourceLinks(user: string, metadata: JsonObject): HTMLElement | null {
  const sources = sourcesOf(metadata);
  if (sources.length === 0) return null;
  const links = sources.map(({ namespace, key }) => {
    const href = pageAddress("../", writePlace({ user, agent: START.agent, namespace, key }));
    const title = `${key} in ${namespace}`;
    return element("li", {}, element("a", { href, title }, nameElement(key), element("span", { class: "muted" }, nameElement(namespace))));
  });
  return element("ul", { class: "sources", "aria-label": "Sources" }, ...links);
}
