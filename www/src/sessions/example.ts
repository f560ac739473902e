import type { SessionStore } from "agent-datastore";
import { choose, rate } from "./choosing";
import { Runs } from "./runs";

interface ExampleRun {
  prompt: string;
  models: string[];
  /** Whose answer was chosen. */
  chosen: string;
  rating?: "good" | "bad";
}

const EXAMPLE: readonly ExampleRun[] = [
  { prompt: "add a function area to src/shapes.ts", models: ["writer", "reviewer"], chosen: "writer" },
  { prompt: "add a function volume to src/shapes.ts and test it", models: ["writer", "unsteady"], chosen: "writer", rating: "good" },
  { prompt: "write down in README.md what the shapes are for", models: ["writer", "reviewer"], chosen: "writer" },
  { prompt: "rename area to surface in src/shapes.ts", models: ["writer"], chosen: "writer" },
];

/** Some runs of an agent that writes a few files. */
export async function writeExample(store: SessionStore): Promise<void> {
  const runs = new Runs(0, { changed: () => undefined, grew: () => undefined });
  for (const { prompt, models, chosen, rating } of EXAMPLE) {
    await runs.run(store, prompt, models);
    const { runs: contents } = await store.content();
    const answer = contents?.at(-1)?.models?.find(({ modelId }) => modelId === chosen);
    await choose(store, { modelId: chosen, writes: answer?.proposedWrites ?? [] });
    if (rating) await rate(store, chosen, rating);
  }
}
