import { START } from "../location";

/** What is looked at: a scope, or a key in it, and which of its versions. It lives in the address, so that a reload finds it again. */
export interface SnapshotPlace {
  user: string;
  /** The scopes, from the top. */
  scope: string[];
  key: string | null;
  /** `null` for the current one. */
  version: number | null;
  /** An older version that `version` is compared with. */
  comparedWith: number | null;
}

const versionOf = (text: string | null): number | null => (text !== null && /^[1-9]\d{0,14}$/u.test(text) ? Number(text) : null);

export function readSnapshotPlace(hash: string): SnapshotPlace {
  const fields = new URLSearchParams(hash.replace(/^#/u, ""));
  const key = fields.get("key") || null;
  const version = key === null ? null : versionOf(fields.get("version"));
  return {
    user: fields.get("user") || START.user,
    scope: fields.getAll("in").filter((name) => name !== ""),
    key,
    version,
    comparedWith: version === null ? null : versionOf(fields.get("with")),
  };
}

export function writeSnapshotPlace({ user, scope, key, version, comparedWith }: SnapshotPlace): string {
  const fields = new URLSearchParams({ user });
  for (const name of scope) fields.append("in", name);
  if (key !== null) fields.set("key", key);
  if (version !== null) fields.set("version", String(version));
  if (comparedWith !== null) fields.set("with", String(comparedWith));
  return `#${fields.toString()}`;
}

export const sameScope = (one: readonly string[], other: readonly string[]): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A scope as one line of text. */
export const scopeText = (scope: readonly string[]): string => (scope.length === 0 ? "the top" : scope.join(" / "));
