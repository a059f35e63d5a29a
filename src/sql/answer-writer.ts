import { Worker } from 'node:worker_threads';
import { ApiError, type ErrorCode } from '../event/errors.ts';
import type { Telemetry } from '../lib/telemetry.ts';
import { sqlAnswerLost } from './telemetry.ts';
import { type AnswerToWrite, type WrittenAnswer, writeAnswer } from './write-answer.ts';

/**
 * Writes answers without holding up whatever else this process does: a small one at once, a large one on a thread of its own, which ends with it. Reading and writing 32 MiB of JSON takes a second or more, in which nothing would be collected. Two
 * are written at a time, as two statements run at a time; the others wait, as long as they are not too much to hold.
 */

/** Characters of an answer that is written at once: some ten milliseconds. */
export const WRITTEN_AT_ONCE_CHARS_MAX = 256 * 1024;
const WRITING_MAX = 2;
/** Characters of the answers that wait, together: four of the largest. */
const WAITING_CHARS_MAX = 128 * 1024 ** 2;
/** Heap of a thread: text, rows and body of the largest answer several times over. */
const HEAP_MB_MAX = 1_024;

/** Worker -> main thread. */
export type AnswerOfWorker =
  | { readonly written: WrittenAnswer }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string } }
  | { readonly failed: string };

const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';
const TOO_LARGE = 'The answer is too large to be written. Select fewer columns, or set a smaller "limit".';

/** Writes the answers of a service. Close it when the service is not asked any more. */
export class AnswerWriter {
  readonly #telemetry: Telemetry;
  readonly #heapMbMax: number;
  readonly #threads = new Set<Worker>();
  /** Those that wait for a turn, first come first served. */
  readonly #waiting = new Set<() => void>();
  #waitingChars = 0;
  #writing = 0;
  #isClosed = false;

  /** `heapMbMax`: of each thread, MiB. */
  constructor(telemetry: Telemetry, heapMbMax = HEAP_MB_MAX) {
    this.#telemetry = telemetry;
    this.#heapMbMax = heapMbMax;
  }

  /** Rejects with ApiError: `result_too_large`, `warehouse_busy` where too many wait, `stopping` when it is closed meanwhile; and with the reason of `signal` when that fires. */
  async write(answer: AnswerToWrite, signal?: AbortSignal): Promise<WrittenAnswer> {
    if (answer.text.length <= WRITTEN_AT_ONCE_CHARS_MAX) return writeAnswer(answer);
    await this.#turn(answer.text.length, signal);
    try {
      signal?.throwIfAborted();
      return await this.#onThread(answer, signal);
    } finally {
      this.#pass();
    }
  }

  /** Ends what is being written, and lets nothing begin. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  async #turn(chars: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#writing < WRITING_MAX) {
      this.#writing += 1;
      return;
    }
    if (this.#waitingChars + chars > WAITING_CHARS_MAX)
      throw new ApiError('warehouse_busy', 'Other large answers are being written. Ask again in a moment.');
    this.#waitingChars += chars;
    try {
      await this.#wait(signal);
    } finally {
      this.#waitingChars -= chars;
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(next);
        reject(signal?.reason as Error);
      };
      this.#waiting.add(next);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Gives the turn to who waits longest. */
  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#writing -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  #onThread(answer: AnswerToWrite, signal: AbortSignal | undefined): Promise<WrittenAnswer> {
    if (this.#isClosed) throw new ApiError('stopping');
    const thread = new Worker(new URL('./answer-worker.ts', import.meta.url), {
      workerData: answer,
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMbMax },
    });
    this.#threads.add(thread);
    return new Promise<WrittenAnswer>((resolve, reject) => {
      let isOver = false;
      const over = (told: () => void): void => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener('abort', leave);
        told();
      };
      const lose = (error: Error): void => over(() => reject(this.#lost(error)));
      const leave = (): void => {
        over(() => reject(signal?.reason as Error));
        // Whoever closes the writer waits for it.
        thread.terminate().catch(() => undefined);
      };
      signal?.addEventListener('abort', leave);
      thread.once('message', (message: AnswerOfWorker) =>
        over(() => ('written' in message ? resolve(message.written) : reject(this.#problemOf(message)))),
      );
      thread.once('error', lose);
      thread.once('messageerror', lose);
      thread.once('exit', () => {
        this.#threads.delete(thread);
        if (this.#isClosed) over(() => reject(new ApiError('stopping')));
        else lose(new Error('The thread that writes an answer ended without one.'));
      });
    });
  }

  #problemOf(message: Exclude<AnswerOfWorker, { readonly written: WrittenAnswer }>): Error {
    return 'refused' in message
      ? new ApiError(message.refused.code, message.refused.message)
      : this.#lost(new Error(message.failed));
  }

  #lost(error: Error): Error {
    this.#telemetry.emit(sqlAnswerLost, { error });
    return 'code' in error && error.code === OUT_OF_MEMORY
      ? new ApiError('result_too_large', TOO_LARGE, { cause: error })
      : error;
  }
}
