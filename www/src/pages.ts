import { START, writePlace } from "./location";

/** The address of another page of the demo, on the same database. */
export function pageAddress(page: string, hash: string): string {
  const database = new URLSearchParams(location.search).get("db");
  return `${page}${database ? `?${new URLSearchParams({ db: database }).toString()}` : ""}${hash}`;
}

/** The address of the chat, of the snapshots or of the sessions, for this user. */
export const pageOfUser = (page: string, user: string): string => pageAddress(page, `#${new URLSearchParams({ user }).toString()}`);

/** Lets the links of a page that lies beside the explorer lead to the others, for the same user. */
export function linkPages(user: string): void {
  const link = (attribute: string, address: string): void => {
    for (const each of document.querySelectorAll<HTMLAnchorElement>(`a[${attribute}]`)) each.href = address;
  };
  link("data-explorer", pageAddress("../", writePlace({ ...START, user })));
  link("data-chat", pageOfUser("../chat/", user));
  link("data-snapshots", pageOfUser("../snapshots/", user));
  link("data-sessions", pageOfUser("../sessions/", user));
}
