import type { ModelRunContent, RewindResult, SessionStore } from "agent-datastore";
import { counted, formatCount } from "../format";
import { inform } from "../notice";
import { choose, rate } from "./choosing";
import type { FileChanges } from "./file-changes";
import { readFiles } from "./files";
import type { RunLock } from "./run-lock";
import type { RunItem } from "./timeline-items";
import { shortPrompt } from "./way-back";
import type { Workspace } from "./workspace";

export const UNDER_WAY = "A run of this session is under way.";

/** What went wrong with files that were put back. */
const wentWrong = (results: readonly RewindResult[]): string => results.map(({ fileMsg }) => fileMsg).join("");

/** Steps back and forth, and the choice of answers: what changes the files of a session. */
export class Steps {
  private changing = false;

  constructor(
    private readonly workspace: Workspace,
    private readonly lock: RunLock,
    private readonly changes: FileChanges,
    private readonly changed: () => Promise<void>,
  ) {}

  get isChanging(): boolean {
    return this.changing;
  }

  async rewind(): Promise<void> {
    const prompt = (await this.workspace.store?.rewindEntries())?.at(-1)?.prompt ?? "";
    const what = `“${shortPrompt(prompt)}” is taken back`;
    await this.change(what, async (store) => `${what}.${wentWrong([await store.rewind()])}`);
  }

  redo(): Promise<void> {
    return this.change("A run is made again", async (store) => `What was taken back last is made again.${wentWrong([await store.redo()])}`);
  }

  /** Goes back to a run, or with `null` to where the session began. */
  goBackTo(item: RunItem | null): Promise<void> {
    return this.change(item ? `Back at run ${formatCount(item.number)}` : "Back at the start", async (store) => {
      const results = await store.rewindTo(item?.run ?? -1);
      return `${counted(results.length, "run")} taken back.${wentWrong(results)}`;
    });
  }

  async choose(item: RunItem, { modelId, proposedWrites }: ModelRunContent): Promise<void> {
    const writes = proposedWrites ?? [];
    const what = writes.length > 0 ? `What ${modelId} wrote` : `${modelId} is chosen`;
    await this.ifStillLast(item, () =>
      this.change(what, async (store) => {
        await choose(store, { modelId, writes });
        return `The answer of ${modelId} is chosen.`;
      }),
    );
  }

  async rate(item: RunItem, model: string, rating: "" | "good" | "bad"): Promise<void> {
    await this.ifStillLast(item, async (store) => {
      const isDone = await this.lock.hold(store.sessionId(), () => rate(store, model, rating));
      if (!isDone) inform(UNDER_WAY);
      await this.changed();
    });
  }

  /** Changes the session while no run is under way, and shows what that did to its files. */
  private async change(what: string, work: (store: SessionStore) => Promise<string>): Promise<void> {
    const { store } = this.workspace;
    if (!store || this.changing) return;
    this.changing = true;
    let said = UNDER_WAY;
    try {
      await this.lock.hold(store.sessionId(), async () => {
        const before = await readFiles(store);
        const done = await work(store);
        const after = await readFiles(store);
        const changed = store === this.workspace.store ? this.changes.show(what, before, after) : 0;
        said = `${done} ${changed === 0 ? "No file has changed." : `${counted(changed, "file")} changed.`}`;
      });
    } finally {
      this.changing = false;
      await this.changed();
    }
    inform(said);
  }

  /** Choosing and rating are of the last run, and another tab may have added one. */
  private async ifStillLast({ run }: RunItem, work: (store: SessionStore) => Promise<void>): Promise<void> {
    const { store } = this.workspace;
    if (!store) return;
    const { runs } = await store.metadata();
    if (runs?.length === run + 1) {
      await work(store);
      return;
    }
    inform("There is another run meanwhile.");
    await this.changed();
  }
}
