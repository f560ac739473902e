import { START } from "../location";

/** Which conversation is open, and whose it is. It lives in the address, so that a reload finds it again. */
export interface ChatPlace {
  user: string;
  /** `null` for one that is not begun yet. */
  conversation: string | null;
}

export function readChatPlace(hash: string): ChatPlace {
  const fields = new URLSearchParams(hash.replace(/^#/u, ""));
  return { user: fields.get("user") || START.user, conversation: fields.get("chat") || null };
}

export function writeChatPlace({ user, conversation }: ChatPlace): string {
  const fields = new URLSearchParams({ user });
  if (conversation !== null) fields.set("chat", conversation);
  return `#${fields.toString()}`;
}
