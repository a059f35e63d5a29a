/** What is done again and again in the background: never twice at a time, and stopped in one place. */
export class Duties {
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  /**
   * Runs `duty` every `everyMs` milliseconds, counted from the end of the run before; the first time after `firstMs`. What it throws goes to `onError`; it is run again all
   * the same.
   */
  every(
    everyMs: number,
    duty: () => Promise<void> | void,
    onError: (error: unknown) => void,
    firstMs = everyMs,
  ): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const run = (async () => duty())()
        .catch(onError)
        .finally(() => {
          this.#running.delete(run);
          this.every(everyMs, duty, onError);
        });
      this.#running.add(run);
    }, firstMs);
    this.#timers.add(timer);
  }

  /** Starts nothing more and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }
}
