import type { Environment } from './environment.ts';
import type { Entry, Queue } from './queue.ts';
import type { Outcome, Transport } from './transport.ts';
import type { ClientOptions } from './types.ts';

/** Tells `onError`. */
export type Report = (
  code: string,
  message: string,
  ids: readonly string[],
  lost: boolean,
  status?: number,
) => void;

type Reason = Pick<Outcome, 'code' | 'message' | 'status'>;

const BACKOFF_MS_MAX = 30_000;
/** Between series of attempts. */
const PAUSE_MS = 60_000;
const BATCH_BYTES_MAX = 1024 * 1024;
/** Browsers let requests that outlive their page hold 64 KiB together. */
const LEAVE_BYTES_MAX = 60_000;
/** A clock that is wrong by less is left alone: an answer's date says no more. */
export const SKEW_MS_MIN = 30_000;

/**
 * Empties the queue, one request at a time, so that order is kept. An event leaves the queue when the platform has answered for it, never before.
 *
 * Modes: `resting`, until `flushIntervalMs` after an event was added; `sending`, a series of requests with pauses between attempts, until the queue is empty or the
 * attempts are used up; then `paused`, for a minute or until somebody wakes it.
 */
export interface Sender {
  /** Events that the platform took, and refused; attempts that were repeated. */
  readonly counts: { accepted: number; refused: number; retries: number };
  /** An event was added. */
  readonly notify: () => void;
  /** Sends what waits now; resolves when the queue is empty or the attempts are used up. */
  readonly send: () => Promise<void>;
  /** Sends now, or tries again now, unless the platform asked to wait. */
  readonly wake: () => void;
  /** The page may be gone after this call: hands what waits to the browser. It stays in the queue until it is known to have arrived. */
  readonly leave: () => void;
  /** Breaks off what is being sent, as it may not be sent any more. */
  readonly cancel: () => void;
}

/** Makes a sender at rest. `maySend`: whether anything may be sent at present; `skewMs`: how far the platform's clock is ahead, as far as known. */
export const createSender = (
  { now, random, setTimeout, clearTimeout }: Environment,
  queue: Queue,
  transport: Transport,
  { batchSize = 100, flushInterval = 1000, retry: { maxAttempts = 6, backoffMs = 500 } = {} }: ClientOptions,
  report: Report,
  maySend: () => boolean,
  skewMs: () => number,
): Sender => {
  const counts = { accepted: 0, refused: 0, retries: 0 };
  let series: Promise<void> | undefined;
  let leaving: Promise<void> | undefined;
  let timer: unknown;
  let isPaused = false;
  /** Less than `batchSize` once it was said that there were too many. */
  let batchMax = batchSize;
  /** The platform asked not to be called before. */
  let notBeforeMs = 0;
  /** Ends the pause between two attempts. */
  let endWait = (): void => {};

  const hasWork = (): boolean => queue.length() > 0 && maySend();
  const tell = (batch: readonly Entry[], { code, message, status }: Reason, lost = true): void =>
    report(
      code,
      message,
      batch.map(({ id }) => id),
      lost,
      status,
    );

  /** An event was refused for its time. If this machine's clock is to blame, it is corrected, once. */
  const retime = (entry: Entry): boolean => {
    const byMs = skewMs() - entry.skewMs;
    if (Math.abs(byMs) < SKEW_MS_MIN || entry.isRetimed) return false;
    const event = JSON.parse(entry.text) as { timestamp: number | string };
    event.timestamp = +new Date(event.timestamp) + byMs;
    queue.retime(entry, JSON.stringify(event), skewMs());
    return true;
  };
  /** Takes out of the queue what the platform has answered for. False: it has not, and is to be asked again. */
  const settle = (batch: readonly Entry[], outcome: Outcome): boolean => {
    const { status, rejected, retryMs, code } = outcome;
    if (retryMs !== undefined) {
      counts.retries++;
      notBeforeMs = now() + retryMs;
      return false;
    }
    if (!rejected && (status === 413 || code === 'too_many_events') && batch.length > 1) {
      batchMax = batch.length >> 1;
      return true;
    }
    const settled = new Set(batch);
    let refused = 0;
    for (const { index, ...reason } of rejected ?? []) {
      const entry = batch[index];
      if (entry && reason.code.startsWith('too_') && retime(entry)) settled.delete(entry);
      else if (entry) {
        refused++;
        tell([entry], { ...reason, status });
      }
    }
    const removed = queue.remove(settled);
    if (!rejected) {
      refused = removed;
      tell(batch, outcome);
    }
    counts.refused += refused;
    counts.accepted += removed - refused;
    return true;
  };

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const waiting = setTimeout(resolve, ms);
      endWait = () => {
        clearTimeout(waiting);
        resolve();
      };
    });
  const sendAll = async (): Promise<void> => {
    for (let attempts = 1; ; ) {
      await leaving;
      if (notBeforeMs > now()) await wait(notBeforeMs - now());
      queue.prune();
      if (!hasWork()) return;
      const batch = queue.head(batchMax, BATCH_BYTES_MAX);
      const outcome = await transport.send(bodyOf(batch));
      if (!hasWork()) return;
      if (settle(batch, outcome)) attempts = 1;
      else if (attempts === maxAttempts) return tell(batch, { ...outcome, code: 'unreachable' }, false);
      else await wait(Math.min(backoffMs * 2 ** (attempts++ - 1), BACKOFF_MS_MAX) * (1 - random() / 2));
    }
  };
  const schedule = (ms: number, mayEnd?: boolean): void => {
    timer ??= setTimeout(() => void send(), ms, mayEnd);
  };
  const send = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    series ??= sendAll().then(() => {
      series = undefined;
      isPaused = hasWork();
      if (isPaused) schedule(PAUSE_MS, true);
    });
    return series;
  };
  const notify = (): void => {
    if (series || isPaused || !hasWork()) return;
    if (queue.length() < batchSize) schedule(flushInterval);
    else void send();
  };

  return {
    counts,
    notify,
    send,
    wake() {
      if (notBeforeMs <= now()) endWait();
      void send();
    },
    leave() {
      if (!hasWork() || leaving || notBeforeMs > now()) return;
      const batch = queue.head(Infinity, LEAVE_BYTES_MAX);
      leaving = transport.leave(bodyOf(batch)).then((outcome) => {
        leaving = undefined;
        settle(batch, outcome);
        notify();
      });
    },
    cancel() {
      transport.abort();
      endWait();
    },
  };
};

const bodyOf = (batch: readonly Entry[]): string => `[${batch.map(({ text }) => text).join()}]`;
