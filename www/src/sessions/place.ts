import { START } from "../location";

/** Which session is open, and which of its files. It lives in the address, so that a reload finds it again. */
export interface SessionPlace {
  user: string;
  session: string | null;
  file: string | null;
}

export function readSessionPlace(hash: string): SessionPlace {
  const fields = new URLSearchParams(hash.replace(/^#/u, ""));
  const session = fields.get("session") || null;
  return { user: fields.get("user") || START.user, session, file: session === null ? null : fields.get("file") || null };
}

export function writeSessionPlace({ user, session, file }: SessionPlace): string {
  const fields = new URLSearchParams({ user });
  if (session !== null) fields.set("session", session);
  if (session !== null && file !== null) fields.set("file", file);
  return `#${fields.toString()}`;
}
