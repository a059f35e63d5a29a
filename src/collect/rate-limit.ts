import type { Clock } from '../lib/clock.ts';

/** How many events a key may send. */
export interface RateLimit {
  /** Events a second over time. */
  readonly perSecond: number;
  /** Events that may come at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * Token buckets by key, on the monotonic clock. A request is let in while its key has a whole token, and is charged for all its events afterwards, for only
 * then their number is known. So a bucket can run into debt, no body is too large for a bucket, and over time the rate holds.
 *
 * Keys are those of the catalog, so there are no more buckets than keys.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Seconds until a request of the key would be let in; 0: now. */
  waitSeconds(key: string): number {
    const { tokens } = this.#filled(key);
    return tokens >= 1 ? 0 : (1 - tokens) / this.#limit.perSecond;
  }

  /** Charges events to a key. */
  charge(key: string, events: number): void {
    this.#filled(key).tokens -= events;
  }

  #filled(key: string): Bucket {
    const nowMs = this.#clock.monotonicMs();
    const burst = Math.max(1, this.#limit.burst);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokens: burst, atMs: nowMs };
      this.#buckets.set(key, bucket);
    }
    bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * this.#limit.perSecond);
    bucket.atMs = nowMs;
    return bucket;
  }
}
