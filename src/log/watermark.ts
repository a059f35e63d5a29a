import type { Position } from './log.ts';

interface Waiter {
  readonly from: Position;
  readonly wake: () => void;
}

/** How far a topic is durable, and who waits for it to go further. Shared by a writer and its readers; the `changed` of every adapter. */
export class Watermark {
  #next: Position;
  #closed = false;
  readonly #waiters = new Set<Waiter>();

  constructor(next: Position) {
    this.#next = next;
  }

  /** The position after the last durable record. */
  get next(): Position {
    return this.#next;
  }

  /** Moves forward; going back is ignored. */
  advance(next: Position): void {
    if (next <= this.#next) return;
    this.#next = next;
    for (const waiter of this.#waiters) if (waiter.from < next) waiter.wake();
  }

  /** Resolves once a record at or after `from` is durable, after `timeoutMs`, or when closed. */
  wait(from: Position, timeoutMs: number): Promise<void> {
    if (this.#closed || from < this.#next) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve();
      };
      const waiter: Waiter = { from, wake };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  /** Wakes everybody; nobody waits from now on. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.wake();
  }
}
