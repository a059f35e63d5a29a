import { FINGERPRINT_WORDS, WARM_ROWS } from './entry.ts';
import { mappedWords } from './mapped-words.ts';

/**
 * A blocked Bloom filter over fingerprints: says "certainly not here" or "look". Each entry sets one bit in each of the 8 words of one 32-byte block (the split block
 * filter of Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", as in Parquet), so a look is one cache line.
 *
 * The block is chosen by the fingerprint's first word, by which runs are sorted: a run builds its filter from front to back. The bits come from the other words.
 */

const BLOCK_WORDS = 8;
const BLOCK_BITS = BLOCK_WORDS * 32;
const WORD_RANGE = 0x1_0000_0000;

/** Bits an entry unless memory is short: 0.26 % of looks in vain (0.54 with 12 bits, and each costs 4 us). */
export const FILTER_BITS_PER_ENTRY = 14;

/** A filter; `words` is what is stored and loaded. */
export class BlockedFilter {
  readonly words: Uint32Array;
  /** Blocks a unit of the first word. */
  readonly #scale: number;
  /** Written so that `#warm` is not optimised away. */
  #warmed = 0;

  constructor(words: Uint32Array) {
    if (words.length === 0 || words.length % BLOCK_WORDS !== 0)
      throw new RangeError(`a filter cannot have ${words.length} words`);
    this.words = words;
    this.#scale = words.length / BLOCK_WORDS / WORD_RANGE;
  }

  /** An empty filter for `entries` entries with `bitsPerEntry` bits each. */
  static sized(entries: number, bitsPerEntry: number): BlockedFilter {
    const blocks = Math.max(1, Math.ceil((entries * bitsPerEntry) / BLOCK_BITS));
    return new BlockedFilter(mappedWords(blocks * BLOCK_WORDS));
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  /** Of no meaning: see `#warm`. */
  get warmed(): number {
    return this.#warmed;
  }

  /** Takes the fingerprint at `source[from]` in. */
  add(source: Uint32Array, from: number): void {
    const words = this.words;
    const w0 = source[from] as number;
    const w1 = source[from + 1] as number;
    const w2 = source[from + 2] as number;
    const w3 = source[from + 3] as number;
    const at = ((w0 * this.#scale) | 0) * BLOCK_WORDS;
    words[at] = (words[at] as number) | (1 << w1);
    words[at + 1] = (words[at + 1] as number) | (1 << (w1 >>> 5));
    words[at + 2] = (words[at + 2] as number) | (1 << (w1 >>> 10));
    words[at + 3] = (words[at + 3] as number) | (1 << w2);
    words[at + 4] = (words[at + 4] as number) | (1 << (w2 >>> 5));
    words[at + 5] = (words[at + 5] as number) | (1 << (w2 >>> 10));
    words[at + 6] = (words[at + 6] as number) | (1 << w3);
    words[at + 7] = (words[at + 7] as number) | (1 << (w3 >>> 5));
  }

  /** False: the fingerprint at `source[from]` was never added. True: it was, or (rarely) not. */
  mayHave(source: Uint32Array, from: number): boolean {
    const words = this.words;
    const w0 = source[from] as number;
    const w1 = source[from + 1] as number;
    const w2 = source[from + 2] as number;
    const w3 = source[from + 3] as number;
    const at = ((w0 * this.#scale) | 0) * BLOCK_WORDS;
    return (
      (((words[at] as number) >>> w1) &
        ((words[at + 1] as number) >>> (w1 >>> 5)) &
        ((words[at + 2] as number) >>> (w1 >>> 10)) &
        ((words[at + 3] as number) >>> w2) &
        1) ===
        1 &&
      (((words[at + 4] as number) >>> (w2 >>> 5)) &
        ((words[at + 5] as number) >>> (w2 >>> 10)) &
        ((words[at + 6] as number) >>> w3) &
        ((words[at + 7] as number) >>> (w3 >>> 5)) &
        1) ===
        1
    );
  }

  /** Writes to `found` which of the first `rows` fingerprints of `source` may be here, in order, and answers how many. */
  select(source: Uint32Array, rows: number, found: Uint32Array): number {
    let size = 0;
    for (let from = 0; from < rows; from += WARM_ROWS) {
      const to = Math.min(from + WARM_ROWS, rows);
      this.#warm(source, from, to);
      for (let row = from; row < to; row++)
        if (this.mayHave(source, row * FINGERPRINT_WORDS)) found[size++] = row;
    }
    return size;
  }

  /** Brings the blocks of rows `[from, to)` into the processor's cache: see `HotTable.warm`. */
  #warm(source: Uint32Array, from: number, to: number): void {
    const words = this.words;
    const scale = this.#scale;
    let sum = 0;
    for (let row = from; row < to; row++)
      sum ^= words[(((source[row * FINGERPRINT_WORDS] as number) * scale) | 0) * BLOCK_WORDS] as number;
    this.#warmed = sum;
  }
}

/** Bits an entry may have, so that the filters of `entries` entries in all stay within `bytesMax`. Fewer bits cost looks in vain, never a wrong answer. */
export const filterBitsFor = (entries: number, bytesMax: number): number =>
  entries === 0 ? FILTER_BITS_PER_ENTRY : Math.min(FILTER_BITS_PER_ENTRY, (bytesMax * 8) / entries);
