import type { StoreError } from "agent-datastore";

export function isStoreError(error: unknown): error is StoreError {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

/** What a person is shown of an error: the store's code first, so that it can be looked up. */
export function describeError(error: unknown): string {
  if (isStoreError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** The store will not take this one record; others may be fine. */
export function refusesRecord(error: unknown): boolean {
  return isStoreError(error) && ["INVALID_KEY", "INVALID_VALUE", "LIMIT_EXCEEDED"].includes(error.code);
}
