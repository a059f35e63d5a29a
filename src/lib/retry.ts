/** Patience with a server that is busy, restarting or away: how long to pause before a request is repeated, and what to say meanwhile. */

/** First pause; doubled up to the maximum. A Retry-After is honoured up to the maximum, too. */
const PAUSE_MIN_MS = 100;
const PAUSE_MAX_MS = 5_000;
const DOUBLINGS_MAX = 20;

/** Whether an answer of this status says that the same request may do later. */
export const isPassingStatus = (status: number): boolean => status === 429 || status === 408 || status >= 500;

/** The pause after the attempt (from 0). */
export const retryPauseMs = (attempt: number, retryAfterMs: number | undefined): number => {
  const growing = Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** Math.min(attempt, DOUBLINGS_MAX));
  return Math.min(PAUSE_MAX_MS, Math.max(growing, retryAfterMs ?? 0));
};

/** Milliseconds of a Retry-After header in seconds; undefined for anything else. */
export const retryAfterMsOf = (header: string | null | undefined): number | undefined => {
  const seconds = Number(header ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
};

/** Why a connection failed, in words. `fetch failed` says nothing; its cause does. */
export const connectionProblem = (error: Error): string => {
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' ? 'nothing listens there' : message === '' ? String(code) : message;
};
