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

  /** Resolves once a record at or after `from` is durable, after `timeoutMs`, when closed, or when `signal` says that nobody waits any more. */
  wait(from: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#closed || from < this.#next || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const waiter: Waiter = { from, wake };
      const timer = setTimeout(wake, timeoutMs);
      signal?.addEventListener('abort', wake);
      this.#waiters.add(waiter);
    });
  }

  /** Wakes everybody; nobody waits from now on. */
  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.wake();
  }
}
