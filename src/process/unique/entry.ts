/**
 * What de-duplication remembers of a stored event: its keyed fingerprint (four 32-bit words) and when it was received (seconds since the epoch). Entries are ordered by
 * their words as unsigned numbers, the first being the most significant: the order of a run file, and nearly that of the hot table.
 */

/** 32-bit words of a fingerprint. */
export const FINGERPRINT_WORDS = 4;
/** 32-bit words of an entry: the fingerprint, then the seconds. */
export const ENTRY_WORDS = 5;
export const ENTRY_BYTES = ENTRY_WORDS * 4;
/** Seconds of an entry that does not count: its event was refused after all. */
export const NOT_STORED = 0;

/** Rows whose places in a filter or table are fetched ahead: their cache lines fit into the first-level cache. */
export const WARM_ROWS = 256;

/** Fingerprints and times of the rows of a batch. Only the first `rows` are meaningful. */
export class FingerprintBatch {
  rows = 0;
  /** `FINGERPRINT_WORDS` a row. */
  words = new Uint32Array(0);
  seconds = new Uint32Array(0);

  /** Makes room for `rows` rows, without keeping any. */
  reset(rows: number): void {
    this.rows = rows;
    if (rows <= this.seconds.length) return;
    const capacity = Math.ceil(rows * 1.25);
    this.words = new Uint32Array(capacity * FINGERPRINT_WORDS);
    this.seconds = new Uint32Array(capacity);
  }
}

/** Whether an entry of `storedSeconds` makes an event received at `seconds` a duplicate. */
export const isWithin = (storedSeconds: number, seconds: number, windowSeconds: number): boolean =>
  storedSeconds !== NOT_STORED && seconds - storedSeconds <= windowSeconds;

/** The window in whole seconds, rounded up: an id is remembered for at least the window and at most a second longer. */
export const windowSecondsOf = (windowMs: number): number => Math.ceil(windowMs / 1000);

/** Order of the fingerprints that begin at two places: negative, 0 or positive. */
export const compareAt = (left: Uint32Array, leftAt: number, right: Uint32Array, rightAt: number): number => {
  for (let index = 0; index < FINGERPRINT_WORDS; index++) {
    const difference = (left[leftAt + index] as number) - (right[rightAt + index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
};
