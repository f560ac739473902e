/** Where the explorer looks. It lives in the address, so that a reload and the Back button find it again. */
export interface Place {
  user: string;
  /** `""` means no agent. */
  agent: string;
  namespace: string;
  key: string | null;
}

/** Where a newcomer begins. */
export const START: Place = { user: "demo", agent: "explorer", namespace: "default", key: null };

export function readPlace(hash: string): Place {
  const fields = new URLSearchParams(hash.replace(/^#/u, ""));
  return {
    user: fields.get("user") || START.user,
    agent: fields.get("agent") ?? START.agent,
    namespace: fields.get("ns") ?? START.namespace,
    key: fields.get("key"),
  };
}

export function writePlace(place: Place): string {
  const fields = new URLSearchParams({ user: place.user, agent: place.agent, ns: place.namespace });
  if (place.key !== null) fields.set("key", place.key);
  return `#${fields.toString()}`;
}

export function databaseName(query: string): string {
  return new URLSearchParams(query).get("db") || "agent-datastore-demo";
}
