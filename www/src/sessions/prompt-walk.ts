/** Goes through earlier prompts as a shell does: what was being written is at the newer end. */
export class PromptWalk {
  private latest: readonly string[] = [];
  /** Those that one goes through; others that come meanwhile do not move them. */
  private prompts: readonly string[] = [];
  /** The place among the prompts; -1 for what was being written. */
  private at = -1;
  private draft = "";

  /** Takes other prompts, the newest first. */
  take(prompts: readonly string[]): void {
    this.latest = prompts;
  }

  /** Something was written: the walk begins there anew. */
  stop(): void {
    this.at = -1;
  }

  /** One prompt older; `null` where there is none. */
  older(shown: string): string | null {
    if (this.at === -1) this.prompts = this.latest;
    const prompt = this.prompts[this.at + 1];
    if (prompt === undefined) return null;
    if (this.at === -1) this.draft = shown;
    this.at += 1;
    return prompt;
  }

  /** One prompt newer, at last what was being written; `null` where one is there already. */
  newer(): string | null {
    if (this.at === -1) return null;
    this.at -= 1;
    return this.at === -1 ? this.draft : (this.prompts[this.at] ?? null);
  }
}
