/** The pause before the first repetition, on average half of this. */
const BASE_MS = 600;
/** No pause is longer. */
export const BACKOFF_MAX_MS = 15_000;
/** No pause is shorter, so that a server which refuses at once is not stormed. */
const FLOOR_MS = 150;

/**
 * How long to wait before repetition `attempt` (0 is the first): doubling, with full jitter, so that many pages do not come back in step after a restart.
 * `random` gives numbers from 0 to below 1.
 */
export const backoffMs = (attempt: number, random: () => number = Math.random): number => {
  const ceiling = Math.min(BACKOFF_MAX_MS, BASE_MS * 2 ** Math.min(attempt, 10));
  return Math.round(FLOOR_MS + random() * (ceiling - FLOOR_MS));
};
