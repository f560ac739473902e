/**
 * What tells a run that is under way, in whichever tab, from one that was cut short: a lock ends with its tab. What would come
 * between a run and its end holds it too.
 */
export class RunLock {
  private readonly own = new Set<string>();

  constructor(
    private readonly database: string,
    private readonly user: () => string,
  ) {}

  /** Runs `work` unless another tab holds the lock of the session; resolves to whether it did. */
  async hold(session: string, work: () => Promise<void>): Promise<boolean> {
    // Missing on pages that are not secure contexts.
    if (!("locks" in navigator)) {
      await work();
      return true;
    }
    const name = this.nameOf(session);
    return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return false;
      this.own.add(name);
      try {
        await work();
      } finally {
        this.own.delete(name);
      }
      return true;
    });
  }

  async isHeldElsewhere(session: string): Promise<boolean> {
    const name = this.nameOf(session);
    if (!("locks" in navigator) || this.own.has(name)) return false;
    const { held } = await navigator.locks.query();
    return !this.own.has(name) && (held?.some((lock) => lock.name === name) ?? false);
  }

  private nameOf(session: string): string {
    return `agent-datastore-demo run ${JSON.stringify([this.database, this.user(), session])}`;
  }
}
