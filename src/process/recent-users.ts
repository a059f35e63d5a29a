import { lastAtMost } from '../lib/ascending.ts';
import type { Position } from '../log/log.ts';
import { type LoadedUsers, userHash } from './loaded-users.ts';

/**
 * Which users the events that were loaded last name. Only a short cut: whoever does not know for certain that a user is not among them looks.
 */

/** Hashes that are kept at most, 4 MiB. */
const HASHES_MAX_DEFAULT = 1_048_576;
/** Stretches that are kept at most: minutes, at five loads a second. */
const STRETCHES_MAX_DEFAULT = 1_024;

/** A stretch of governed records without a gap; the oldest go first when it gets too long. */
export class RecentUsers {
  readonly #hashesMax: number;
  readonly #stretchesMax: number;
  /** In their order. Those that follow each other may overlap, as loads that are made again do. */
  #stretches: LoadedUsers[] = [];
  #hashes = 0;

  constructor({ hashesMax = HASHES_MAX_DEFAULT, stretchesMax = STRETCHES_MAX_DEFAULT } = {}) {
    this.#hashesMax = hashesMax;
    this.#stretchesMax = stretchesMax;
  }

  /** Hashes that are kept. */
  get size(): number {
    return this.#hashes;
  }

  /** Takes in what was loaded last. */
  take(users: LoadedUsers): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && (users.from > last.to || users.to < last.to))
      this.#drop(this.#stretches.length);
    this.#stretches.push(users);
    this.#hashes += users.hashes.length;
    while (this.#hashes > this.#hashesMax || this.#stretches.length > this.#stretchesMax) this.#drop(1);
  }

  /** Forgets what was loaded before a position. */
  forget(before: Position): void {
    const kept = this.#stretches.findIndex(({ to }) => to > before);
    this.#drop(kept < 0 ? this.#stretches.length : kept);
  }

  /** Whether an event of the governed records from `from` up to `to` may name a user; false only where none does. */
  mayName(user: string, from: Position, to: Position): boolean {
    if (from >= to) return false;
    const first = this.#stretches[0]?.from ?? Number.POSITIVE_INFINITY;
    const end = this.#stretches.at(-1)?.to ?? 0;
    if (from < first || to > end) return true;
    const hash = userHash(user);
    const isAmong = (hashes: Uint32Array): boolean => hashes[lastAtMost(hashes, hash)] === hash;
    return this.#stretches.some((stretch) => stretch.to > from && isAmong(stretch.hashes));
  }

  #drop(count: number): void {
    for (const { hashes } of this.#stretches.splice(0, count)) this.#hashes -= hashes.length;
  }
}
