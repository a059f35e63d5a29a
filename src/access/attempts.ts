import type { Clock } from '../lib/clock.ts';

/**
 * Attempts to sign in, bounded. Each name (an account, an address) has so many; one comes back every so often. What succeeds is given back.
 */

/** How many attempts a name has. */
export interface AttemptLimit {
  readonly attempts: number;
  /** In so long all of them come back. */
  readonly withinMs: number;
}

/** Names that are remembered. Beyond, the one that tried longest ago is forgotten. */
const NAMES_MAX = 20_000;

interface Bucket {
  left: number;
  atMs: number;
}

/** Counts attempts by name, in memory. */
export class Attempts {
  readonly #limit: AttemptLimit;
  readonly #clock: Clock;
  /** In the order of their last attempts. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: AttemptLimit, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Seconds until the name may try; 0: now. */
  waitSeconds(name: string): number {
    const { attempts, withinMs } = this.#limit;
    const left = this.#left(name);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * withinMs) / attempts / 1000);
  }

  /** Takes an attempt away. */
  take(name: string): void {
    const left = this.#left(name) - 1;
    this.#buckets.delete(name);
    this.#buckets.set(name, { left, atMs: this.#clock.monotonicMs() });
    if (this.#buckets.size > NAMES_MAX) this.#forgetOldest();
  }

  /** Gives one back. */
  giveBack(name: string): void {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) bucket.left = Math.min(this.#limit.attempts, bucket.left + 1);
  }

  #left(name: string): number {
    const { attempts, withinMs } = this.#limit;
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return attempts;
    const back = ((this.#clock.monotonicMs() - bucket.atMs) / withinMs) * attempts;
    return Math.min(attempts, bucket.left + back);
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** What attempts of one network address count as: of an IPv6 address its /64, which is what one household or machine has. */
export const networkOf = (address: string | undefined): string => {
  if (address === undefined) return 'unknown';
  if (!address.includes(':')) return address;
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')];
  return `${all.slice(0, 4).join(':')}::/64`;
};
