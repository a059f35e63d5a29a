import type { RefusedOutcome } from '../event/outcome.ts';
import { minuteOf } from './ledger.ts';

/** Of refused rows that are only counted, this many are kept for each project, minute of receipt and outcome. */
export const SAMPLES_PER_MINUTE = 100;
/** Counters held; when there are more, counting begins anew, which keeps a few samples too many. */
const COUNTERS_MAX = 10_000;

/** Outcomes whose rows are counted, and kept only as samples. All rows of the others are kept: somebody may want to repair and replay them. */
const SAMPLED: ReadonlySet<string> = new Set<RefusedOutcome>(['duplicate', 'stale']);

/** Decides which refused rows are kept. The decision is made once, in the governed record. */
export class RefusedSamples {
  readonly #kept = new Map<string, number>();

  /** Whether to keep a row. */
  keeps(project: string, receivedAtMs: number, outcome: string): boolean {
    if (!SAMPLED.has(outcome)) return true;
    const key = `${minuteOf(receivedAtMs)}\0${outcome}\0${project}`;
    const kept = this.#kept.get(key) ?? 0;
    if (kept >= SAMPLES_PER_MINUTE) return false;
    if (this.#kept.size >= COUNTERS_MAX) this.#kept.clear();
    this.#kept.set(key, kept + 1);
    return true;
  }
}
