import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { backoffMs } from '../lib/backoff.ts';
import { saysSame } from '../lib/same.ts';
import { type ApiError, asApiError } from './api.ts';

/** What is known of something that is asked again and again. An error leaves the last data in place. */
export interface Polled<T> {
  readonly data: T | undefined;
  /** When the data was answered, by `performance.now()`. */
  readonly atMs: number | undefined;
  readonly error: ApiError | undefined;
}

interface PolledState<T> extends Polled<T> {
  readonly key: string | null;
}

interface Schedule {
  readonly everyMs: number;
  /** So many times as long as the answer took is waited at least, so that slow questions are asked less often. */
  readonly ease?: number;
  /** Nothing is drawn anew where the same is answered again; `atMs` then tells since when it is so. For what stands above much of the page. */
  readonly onlyChanges?: boolean;
}

/** Not sooner than this is a failed question asked again. */
const RETRY_LEAST_MS = 500;

const NOTHING = { data: undefined, atMs: undefined, error: undefined } as const;

const pauseMs = ({ everyMs, ease = 10 }: Schedule, tookMs: number): number =>
  Math.max(everyMs, Math.min(60_000, tookMs * ease));

/** What is known after an answer: nothing else, where nothing but changes count and there is none. */
export const answered = <T>(
  now: PolledState<T>,
  next: PolledState<T>,
  { onlyChanges = false }: Pick<Schedule, 'onlyChanges'>,
): PolledState<T> =>
  onlyChanges && now.key === next.key && now.error === undefined && saysSame(now.data, next.data)
    ? now
    : next;

/** Resolves after a while, or when the page comes into view again after that while has passed unseen. */
const visibleAfter = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(onTime, ms);
    function done(): void {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onTime);
      // The signal lives as long as the page asks: it would keep one of these a pause.
      signal.removeEventListener('abort', done);
      resolve();
    }
    function onTime(): void {
      if (document.hidden) document.addEventListener('visibilitychange', onTime);
      else done();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });

/**
 * Asks now and then again, while the page is in view. `key` says what is asked: when it changes, the data of the old question is dropped; null asks nothing.
 * The schedule may depend on what was answered. Also answers a function that asks at once.
 */
export const usePolled = <T>(
  key: string | null,
  request: (signal: AbortSignal) => Promise<T>,
  schedule: Schedule | ((data: T | undefined) => Schedule),
): Polled<T> & { readonly again: () => void } => {
  const [state, setState] = useState<PolledState<T>>({ key, ...NOTHING });
  const latest = useRef(state);
  const [round, setRound] = useState(0);
  const askOnce = useEffectEvent(request);
  const scheduleAfter = useEffectEvent((data: T) =>
    typeof schedule === 'function' ? schedule(data) : schedule,
  );
  useEffect(() => {
    if (key === null) return;
    const end = new AbortController();
    const { signal } = end;
    // React is told of changes only: it keeps what it is told, with all that belongs to it, until the component is drawn the next time, which may be never.
    const show = (next: PolledState<T>): void => {
      if (next === latest.current) return;
      latest.current = next;
      setState(next);
    };
    const loop = async (): Promise<void> => {
      for (let failures = 0; !signal.aborted; ) {
        const startedMs = performance.now();
        let waitMs: number;
        try {
          const data = await askOnce(signal);
          if (signal.aborted) return;
          failures = 0;
          const after = scheduleAfter(data);
          const next = { key, data, atMs: performance.now(), error: undefined };
          show(answered(latest.current, next, after));
          waitMs = pauseMs(after, performance.now() - startedMs);
        } catch (reason) {
          if (signal.aborted) return;
          const error = asApiError(reason);
          show(latest.current.key === key ? { ...latest.current, error } : { key, ...NOTHING, error });
          waitMs = Math.max(error.retryAfterMs ?? 0, RETRY_LEAST_MS + backoffMs(failures));
          failures += 1;
        }
        await visibleAfter(waitMs, signal);
      }
    };
    void loop();
    return () => end.abort();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- a new round asks anew
  }, [key, round]);
  const again = useCallback(() => setRound((now) => now + 1), []);
  return { ...(state.key === key ? state : NOTHING), again };
};
