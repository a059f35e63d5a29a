import { ApiError } from '../event/errors.ts';

/** Lets so many do their work at a time; the others wait for their turn, in the order in which they came, up to so many. */
export class Turns {
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #working = 0;

  constructor(atOnceMax: number, waitingMax: number) {
    this.#atOnceMax = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** Does some work when it is its turn. Rejects with ApiError `warehouse_busy` where too many wait, with the reason of the signal if nobody wants it by then, and as the work does. */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const [next] = this.#waiting;
      // Whoever is next takes the place over.
      if (next === undefined) this.#working -= 1;
      else next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    if (this.#working < this.#atOnceMax) {
      this.#working += 1;
      return Promise.resolve();
    }
    signal.throwIfAborted();
    if (this.#waiting.size >= this.#waitingMax)
      throw new ApiError(
        'warehouse_busy',
        `${this.#waiting.size} questions of boards wait to be answered. Ask again in a moment.`,
      );
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(take);
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      const take = (): void => {
        leave();
        resolve();
      };
      this.#waiting.add(take);
      signal.addEventListener('abort', onAbort);
    });
  }
}
