import type { FileWrite, SessionStore } from "agent-datastore";

/** An answer of the last run that was chosen. */
export interface Choice {
  modelId: string;
  writes: readonly FileWrite[];
}

/** Chooses an answer of the last run, and makes the writes that it proposes. */
export async function choose(store: SessionStore, { modelId, writes }: Choice): Promise<void> {
  const paths = writes.map(({ path }) => path);
  if (writes.length > 0) await store.applyWrites([...writes]);
  await store.updateLastRunNote(writes.length > 0 ? `Applied: ${paths.join(", ")}` : `Voted for: ${modelId}`);
  await store.recordSelection({ selectedModelId: modelId, appliedFiles: paths });
}

/** Rates an answer of the last run, which chooses it too. The note of files that were written stays. */
export async function rate(store: SessionStore, modelId: string, rating: "" | "good" | "bad"): Promise<void> {
  const { runs } = await store.metadata();
  const hasWritten = (runs?.at(-1)?.appliedFiles ?? []).length > 0;
  if (!hasWritten) await store.updateLastRunNote(rating === "" ? `Voted for: ${modelId}` : `Rated ${rating}: ${modelId}`);
  await store.recordSelection({ selectedModelId: modelId, rating });
}
