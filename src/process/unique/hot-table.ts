import { compareAt, ENTRY_WORDS, FINGERPRINT_WORDS, isWithin, NOT_STORED } from './entry.ts';

/**
 * The newest entries: open addressing with linear probing in typed arrays.
 *
 * The home of an entry is given by the top bits of its first word, so that the table in the order of its slots is sorted but for the inside of each cluster: sealing and
 * growing are sequential passes instead of sorts. The words come of a keyed hash, so nobody can aim at one place. A first word of 0 marks an empty slot.
 *
 * Memory is shared, so that a worker thread can seal a table that has become immutable.
 */

/** Slots of a new table: 2^this. */
export const HOT_BITS_MIN = 14;
/** Above this share of its slots a table grows or is sealed: clusters stay short. */
const LOAD_MAX = 0.75;

/** The arrays of a table, as a worker gets them. */
export interface HotMemory {
  readonly bits: number;
  readonly words: Uint32Array<SharedArrayBuffer>;
  readonly seconds: Uint32Array<SharedArrayBuffer>;
}

const allocate = (bits: number): HotMemory => ({
  bits,
  words: new Uint32Array(new SharedArrayBuffer(2 ** bits * FINGERPRINT_WORDS * 4)),
  seconds: new Uint32Array(new SharedArrayBuffer(2 ** bits * 4)),
});

/** A set of entries that can be claimed. */
export class HotTable {
  #memory: HotMemory;
  #entries = 0;
  readonly #bitsMax: number;

  /** Has room up to 2^bitsMax slots, but grows further if it is made to. */
  constructor(bitsMax: number) {
    this.#bitsMax = bitsMax;
    this.#memory = allocate(Math.min(HOT_BITS_MIN, bitsMax));
  }

  /** Entries, those that do not count included. */
  get entries(): number {
    return this.#entries;
  }

  get memory(): HotMemory {
    return this.#memory;
  }

  get bytes(): number {
    return this.#memory.words.byteLength + this.#memory.seconds.byteLength;
  }

  /** Whether `rows` more entries fit into what it should take. */
  hasRoom(rows: number): boolean {
    return this.#entries + rows <= 2 ** this.#bitsMax * LOAD_MAX;
  }

  /** Grows so that `rows` more entries fit. */
  reserve(rows: number): void {
    while (this.#entries + rows > 2 ** this.#memory.bits * LOAD_MAX) this.#grow();
  }

  /**
   * Takes the entry whose fingerprint is at `source[at]` in, unless one within the window is there. True: it was taken (an expired one is renewed). Room must have been
   * reserved.
   */
  claim(source: Uint32Array, at: number, seconds: number, windowSeconds: number): boolean {
    const slot = this.#find(source, at);
    const { words, seconds: times } = this.#memory;
    if (words[slot * FINGERPRINT_WORDS] === 0) {
      this.#set(slot, source, at, seconds);
      return true;
    }
    if (isWithin(times[slot] as number, seconds, windowSeconds)) return false;
    times[slot] = seconds;
    return true;
  }

  /** Takes an entry in that is known to be stored; of two times the later counts. Room must have been reserved. */
  insert(source: Uint32Array, at: number, seconds: number): void {
    const slot = this.#find(source, at);
    const { words, seconds: times } = this.#memory;
    if (words[slot * FINGERPRINT_WORDS] === 0) this.#set(slot, source, at, seconds);
    else if (seconds > (times[slot] as number)) times[slot] = seconds;
  }

  /** Seconds of an entry, or NOT_STORED. */
  secondsOf(source: Uint32Array, at: number): number {
    const slot = this.#find(source, at);
    return this.#memory.words[slot * FINGERPRINT_WORDS] === 0
      ? NOT_STORED
      : (this.#memory.seconds[slot] as number);
  }

  /** Takes a claim back. */
  revoke(source: Uint32Array, at: number): void {
    const slot = this.#find(source, at);
    if (this.#memory.words[slot * FINGERPRINT_WORDS] !== 0) this.#memory.seconds[slot] = NOT_STORED;
  }

  /** Empties the table; its memory stays. */
  clear(): void {
    this.#memory.words.fill(0);
    this.#memory.seconds.fill(0);
    this.#entries = 0;
  }

  /** The slot of the entry, or the empty one where it would go. */
  #find(source: Uint32Array, at: number): number {
    const { bits, words } = this.#memory;
    const mask = 2 ** bits - 1;
    const w0 = source[at] as number;
    let slot = w0 >>> (32 - bits);
    for (;;) {
      const place = slot * FINGERPRINT_WORDS;
      const first = words[place];
      if (first === 0 || (first === w0 && hasSameRest(words, place, source, at))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #set(slot: number, source: Uint32Array, at: number, seconds: number): void {
    const place = slot * FINGERPRINT_WORDS;
    const { words } = this.#memory;
    for (let index = 0; index < FINGERPRINT_WORDS; index++)
      words[place + index] = source[at + index] as number;
    this.#memory.seconds[slot] = seconds;
    this.#entries++;
  }

  #grow(): void {
    const old = this.#memory;
    this.#memory = allocate(old.bits + 1);
    this.#entries = 0;
    for (let slot = 0; slot < old.seconds.length; slot++) {
      if (old.seconds[slot] === NOT_STORED) continue;
      this.insert(old.words, slot * FINGERPRINT_WORDS, old.seconds[slot] as number);
    }
  }
}

const hasSameRest = (left: Uint32Array, leftAt: number, right: Uint32Array, rightAt: number): boolean =>
  left[leftAt + 1] === right[rightAt + 1] &&
  left[leftAt + 2] === right[rightAt + 2] &&
  left[leftAt + 3] === right[rightAt + 3];

/** The entries of a table that count, sorted: `ENTRY_WORDS` each. */
export const sortedEntries = ({ bits, words, seconds }: HotMemory): Uint32Array => {
  const slots = seconds.length;
  let count = 0;
  for (let slot = 0; slot < slots; slot++) if (seconds[slot] !== NOT_STORED) count++;
  const sorted = new Uint32Array(count * ENTRY_WORDS);
  let end = 0;
  const take = (slot: number): void => {
    sorted.set(words.subarray(slot * FINGERPRINT_WORDS, (slot + 1) * FINGERPRINT_WORDS), end);
    sorted[end + FINGERPRINT_WORDS] = seconds[slot] as number;
    sink(sorted, end);
    end += ENTRY_WORDS;
  };
  // Entries that probing carried over the end of the table lie at its beginning, far before their homes.
  const wrapped: number[] = [];
  for (let slot = 0; slot < slots; slot++) {
    if (seconds[slot] === NOT_STORED) continue;
    const home = (words[slot * FINGERPRINT_WORDS] as number) >>> (32 - bits);
    if (home > slot) wrapped.push(slot);
    else take(slot);
  }
  for (const slot of wrapped) take(slot);
  return sorted;
};

/** Moves the entry at `at` down to its place among the sorted ones before it: a few steps, as only clusters are out of order. */
const sink = (entries: Uint32Array, at: number): void => {
  let to = at;
  while (to > 0 && compareAt(entries, to - ENTRY_WORDS, entries, at) > 0) to -= ENTRY_WORDS;
  if (to === at) return;
  const entry = entries.slice(at, at + ENTRY_WORDS);
  entries.copyWithin(to + ENTRY_WORDS, to, at);
  entries.set(entry, to);
};
