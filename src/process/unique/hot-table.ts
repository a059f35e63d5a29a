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
/** A table grows by this many bits at a time: what it leaves behind is collected late, and must be little. */
const GROWTH_BITS = 3;
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
  /** Written so that `warm` is not optimised away. */
  #warmed = 0;
  readonly #bitsMax: number;

  /** Has room up to 2^bitsMax slots, but grows further if it is made to. Begins with 2^bits. */
  constructor(bitsMax: number, bits = HOT_BITS_MIN) {
    this.#bitsMax = bitsMax;
    this.#memory = allocate(Math.min(bits, bitsMax));
  }

  /** Entries, those that do not count included. */
  get entries(): number {
    return this.#entries;
  }

  /** Of no meaning: see `warm`. */
  get warmed(): number {
    return this.#warmed;
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

  /**
   * Brings the homes of the fingerprints of rows `[from, to)` into the processor's cache. Loads without branches between them overlap, which those of a look-up do not: in a
   * table far larger than the cache this halves the time of looking up many.
   */
  warm(source: Uint32Array, from: number, to: number): void {
    const { bits, words } = this.#memory;
    const shift = 32 - bits;
    let sum = 0;
    for (let at = from * FINGERPRINT_WORDS; at < to * FINGERPRINT_WORDS; at += FINGERPRINT_WORDS)
      sum ^= words[((source[at] as number) >>> shift) * FINGERPRINT_WORDS] as number;
    this.#warmed = sum;
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
    const { bits } = old;
    this.#memory = allocate(bits < this.#bitsMax ? Math.min(bits + GROWTH_BITS, this.#bitsMax) : bits + 1);
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

/** Entries of a table that count. */
export const countEntries = ({ seconds }: HotMemory): number => {
  let count = 0;
  for (let slot = 0; slot < seconds.length; slot++) if (seconds[slot] !== NOT_STORED) count++;
  return count;
};

/**
 * Yields the entries of a table that count, in order, a few at a time: words of which the first `length` are entries of `ENTRY_WORDS`, valid until the next. Needs no memory but for
 * a cluster, as only within one entries are out of order.
 */
export const sortedEntries = function* (memory: HotMemory): Generator<EntryList, void> {
  const { bits, words, seconds } = memory;
  const cluster = new EntryList();
  // Entries that probing carried over the end of the table lie at its beginning, far before their homes.
  const wrapped: number[] = [];
  for (let slot = 0; slot < seconds.length; slot++) {
    const first = words[slot * FINGERPRINT_WORDS] as number;
    if (first === 0) {
      if (cluster.length > 0) yield cluster;
      cluster.length = 0;
    } else if (first >>> (32 - bits) > slot) wrapped.push(slot);
    else cluster.insert(memory, slot);
  }
  for (const slot of wrapped) cluster.insert(memory, slot);
  if (cluster.length > 0) yield cluster;
};

/** A short list of entries that is kept in order. */
export class EntryList {
  words = new Uint32Array(64 * ENTRY_WORDS);
  /** Words in use. */
  length = 0;

  /** Takes the entry of a slot in, if it counts. */
  insert({ words, seconds }: HotMemory, slot: number): void {
    if (seconds[slot] === NOT_STORED) return;
    if (this.length + ENTRY_WORDS > this.words.length) this.#grow();
    const from = slot * FINGERPRINT_WORDS;
    let to = this.length;
    while (to > 0 && compareAt(this.words, to - ENTRY_WORDS, words, from) > 0) to -= ENTRY_WORDS;
    if (to < this.length) this.words.copyWithin(to + ENTRY_WORDS, to, this.length);
    for (let index = 0; index < FINGERPRINT_WORDS; index++)
      this.words[to + index] = words[from + index] as number;
    this.words[to + FINGERPRINT_WORDS] = seconds[slot] as number;
    this.length += ENTRY_WORDS;
  }

  #grow(): void {
    const grown = new Uint32Array(this.words.length * 2);
    grown.set(this.words);
    this.words = grown;
  }
}
