import type { SeededRandom } from '../../lib/testing/random.ts';

/** Events of sessions as they come: most about now, some late, of sessions that are short, long, or share a name with one of days before. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Sessions that have begun, and what comes next. */
export class SessionTimes {
  readonly #random: SeededRandom;
  readonly #starts = new Map<string, number>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Names of the sessions there are. */
  get names(): readonly string[] {
    return [...this.#starts.keys()];
  }

  /** Of which session the next event is, and when it happened. */
  next(nowMs: number): { readonly session: string; readonly timeMs: number } {
    const random = this.#random;
    const { names } = this;
    const isNew = names.length < 5 || random.chance(0.4);
    const known = names.slice(random.chance(0.7) ? -40 : 0);
    const session = isNew ? `s${names.length}` : (known[random.below(known.length)] ?? 's0');
    // Most come about now, some are imported.
    const aboutMs = nowMs - random.below(random.chance(0.8) ? 3 * HOUR_MS : 2 * DAY_MS);
    const startMs = this.#starts.get(session) ?? aboutMs;
    this.#starts.set(session, startMs);
    const offset = random.chance(0.03)
      ? random.below(4 * DAY_MS) - 2 * DAY_MS
      : random.below(random.chance(0.9) ? 30 * MINUTE_MS : 23 * HOUR_MS);
    return { session, timeMs: Math.min(nowMs, startMs + offset) };
  }
}
