import type { Checkpoint, Recipe, RewindEntry, SessionContent, SessionMetadata, SessionStore, UsageByModel } from "agent-datastore";

/** What the page shows of a session. */
export interface SessionState {
  metadata: SessionMetadata;
  content: SessionContent;
  usage: (UsageByModel & { run: number })[];
  steps: Required<RewindEntry>[];
  canRewind: boolean;
  canRedo: boolean;
  checkpoint: Checkpoint | null;
  /** The paths of its files. */
  paths: string[];
  recipe: Recipe | null;
  /** Whether the recipe was set, and is not the one that the session began with. */
  isOwnRecipe: boolean;
  recipeHash: string;
  /** What the recipes of the runs are called, by their hashes. */
  recipeNames: Map<string, string>;
  prompts: string[];
}

/** Reads sessions, and reads again of the same one only what may be another. */
export class StateReader {
  private known: { session: SessionStore; metadata: string; content: SessionContent } | null = null;
  private hashed: { session: SessionStore; recipe: string; hash: string } | null = null;
  private names = new Map<string, string>();

  async read(store: SessionStore): Promise<SessionState> {
    const metadata = await store.metadata();
    const [content, usage, steps, canRewind, canRedo, checkpoint, paths, recipe, own, prompts, recipeNames] = await Promise.all([
      this.contentOf(store, metadata),
      store.usageByRun(),
      store.rewindEntries(),
      store.canRewind(),
      store.canRedo(),
      store.loadCheckpoint(),
      store.listFiles(),
      store.activeRecipe(),
      store.sessionRecipe(),
      store.promptHistory(),
      this.namesOf(store, metadata),
    ]);
    const recipeHash = await this.hashOf(store, recipe);
    const isOwnRecipe = own !== null;
    return { metadata, content, usage, steps, canRewind, canRedo, checkpoint, paths, recipe, isOwnRecipe, recipeHash, recipeNames, prompts: prompts ?? [] };
  }

  /** The content is long, and changes with the runs alone. */
  private async contentOf(store: SessionStore, metadata: SessionMetadata): Promise<SessionContent> {
    const state = JSON.stringify(metadata.runs);
    if (this.known?.session === store && this.known.metadata === state) return this.known.content;
    const content = await store.content();
    this.known = { session: store, metadata: state, content };
    return content;
  }

  private async hashOf(store: SessionStore, recipe: Recipe | null): Promise<string> {
    const state = JSON.stringify(recipe);
    if (this.hashed?.session === store && this.hashed.recipe === state) return this.hashed.hash;
    const hash = await store.recipeHash();
    this.hashed = { session: store, recipe: state, hash };
    return hash;
  }

  private async namesOf(store: SessionStore, { runs }: SessionMetadata): Promise<Map<string, string>> {
    const nameOf = store.recipeNameLookup();
    const hashes = new Set((runs ?? []).flatMap(({ configHash }) => configHash ?? []));
    const names = new Map<string, string>();
    for (const hash of hashes) names.set(hash, this.names.get(hash) || (await nameOf(hash)));
    this.names = names;
    return names;
  }
}
