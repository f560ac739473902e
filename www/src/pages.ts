/** The address of another page of the demo, on the same database. */
export function pageAddress(page: string, hash: string): string {
  const database = new URLSearchParams(location.search).get("db");
  return `${page}${database ? `?${new URLSearchParams({ db: database }).toString()}` : ""}${hash}`;
}
