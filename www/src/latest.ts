/** Lets only the newest of overlapping runs show its result: each run's signal is aborted by the next run. */
export class Latest {
  private running = new AbortController();

  next(): AbortSignal {
    this.running.abort();
    this.running = new AbortController();
    return this.running.signal;
  }

  stop(): void {
    this.running.abort();
  }
}
