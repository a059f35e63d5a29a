/** Longer waits are taken for a mistake. */
const WAIT_MS_MAX = 3_600_000;

/** How long a header `Retry-After` asks to wait from `nowMs` on, milliseconds: it holds seconds or a date. 0: nothing to be understood. */
export const retryAfterMs = (header: string | null, nowMs: number): number =>
  Math.min(Math.max(+(header ?? 0) * 1000 || Date.parse(header ?? '') - nowMs || 0, 0), WAIT_MS_MAX);
