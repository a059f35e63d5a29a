import type { Timers } from '../../src/lib/timers.ts';

interface Waiting {
  readonly ms: number;
  readonly work: () => void;
  readonly isRepeated: boolean;
}

/** Timers that go off when they are told to. */
export class HandTimers implements Timers {
  readonly #waiting = new Set<Waiting>();

  after(ms: number, work: () => void): () => void {
    return this.#add({ ms, work, isRepeated: false });
  }

  every(ms: number, work: () => void): () => void {
    return this.#add({ ms, work, isRepeated: true });
  }

  /** Lets all go off that were set to so many milliseconds; answers how many they were. */
  fire(ms: number): number {
    const due = [...this.#waiting].filter((each) => each.ms === ms);
    for (const each of due) {
      if (!each.isRepeated) this.#waiting.delete(each);
      each.work();
    }
    return due.length;
  }

  #add(waiting: Waiting): () => void {
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }
}
