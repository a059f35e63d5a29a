/**
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; https://github.com/veorq/SipHash): a keyed hash that
 * nobody can find collisions of without the key. In 32-bit halves, because a BigInt for each 64-bit word would cost a hundred times as much.
 */

/** Bytes of a key. */
export const SIPHASH_KEY_BYTES = 16;

const BLOCK_BYTES = 8;
const COMPRESSION_ROUNDS = 2;
/** Blocks with the rounds of a finalization. */
const FINALIZATION_BLOCKS = 2;
const EMPTY_BLOCKS = new Int32Array(FINALIZATION_BLOCKS * 2);
const SCRATCH_BYTES_MIN = 256;

/** "somepseudorandomlygeneratedbytes", the specification's constants, as low and high halves. */
const INITIAL = {
  v0: [0x70736575, 0x736f6d65],
  v1: [0x6e646f6d, 0x646f7261],
  v2: [0x6e657261, 0x6c796765],
  v3: [0x79746573, 0x74656462],
} as const;

/** Words of the state: v0 to v3, each as low and high half. */
const STATE_WORDS = 8;

/**
 * Hashes one message after the other under one key: reserve, write the message to `bytes`, then `digest`. Keeps its scratch memory; not for
 * use by two callers at once.
 *
 * @example
 * const hash = new SipHash128(key);
 * hash.reserve(message.length);
 * hash.bytes.set(message);
 * hash.digest(message.length, words, 0);
 */
export class SipHash128 {
  /** Where the next message goes, from its beginning on. Replaced by `reserve`. */
  bytes: Uint8Array;
  /** The same memory. */
  view: DataView;
  #words: Int32Array;
  readonly #initial: Int32Array;
  /** The state after the blocks that all messages begin with. */
  readonly #start: Int32Array;
  #startBlock = 0;
  readonly #state = new Int32Array(STATE_WORDS);

  /** `key` has 16 bytes; it is copied. Throws RangeError for any other length. */
  constructor(key: Uint8Array) {
    if (key.length !== SIPHASH_KEY_BYTES)
      throw new RangeError(`a SipHash key has ${SIPHASH_KEY_BYTES} bytes, not ${key.length}`);
    this.#initial = initialState(key);
    this.#start = this.#initial.slice();
    this.bytes = new Uint8Array(SCRATCH_BYTES_MIN);
    this.view = new DataView(this.bytes.buffer);
    this.#words = new Int32Array(this.bytes.buffer);
  }

  /** Makes room for a message of `size` bytes, keeping what is written already. */
  reserve(size: number): void {
    if (size + BLOCK_BYTES <= this.bytes.length) return;
    const grown = new Uint8Array(Math.ceil((size * 2 + BLOCK_BYTES) / BLOCK_BYTES) * BLOCK_BYTES);
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
    this.#words = new Int32Array(grown.buffer);
  }

  /** From now on all messages begin with the first `size` bytes of `bytes`, whose whole blocks are hashed once. */
  keepPrefix(size: number): void {
    this.#startBlock = Math.floor(size / BLOCK_BYTES);
    compress(this.#initial, this.#start, this.#words, 0, this.#startBlock);
  }

  /**
   * Writes the hash of the first `size` bytes of `bytes` to `out[at .. at+4)`: its 16 bytes as four little-endian words. The bytes stay as they are (those up to 8
   * after them do not).
   */
  digest(size: number, out: Uint32Array | Int32Array, at: number): void {
    const blocks = this.#pad(size);
    const state = this.#state;
    compress(this.#start, state, this.#words, this.#startBlock, blocks);
    state[4] = (state[4] as number) ^ 0xee;
    finish(state, out, at);
    state[2] = (state[2] as number) ^ 0xdd;
    finish(state, out, at + 2);
  }

  /** Ends the message as specified: zeros up to the last byte of its last block, which is its length modulo 256. Answers the number of blocks. */
  #pad(size: number): number {
    const blocks = Math.floor(size / BLOCK_BYTES) + 1;
    const bytes = this.bytes;
    const last = blocks * BLOCK_BYTES - 1;
    if (last >= bytes.length) throw new RangeError(`${size} bytes were not reserved`);
    for (let index = size; index < last; index++) bytes[index] = 0;
    bytes[last] = size & 0xff;
    return blocks;
  }
}

/** The state under a key before the first block. */
const initialState = (key: Uint8Array): Int32Array => {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const [k0l, k0h, k1l, k1h] = [0, 4, 8, 12].map((at) => view.getInt32(at, true)) as [
    number,
    number,
    number,
    number,
  ];
  return Int32Array.of(
    ...[INITIAL.v0[0] ^ k0l, INITIAL.v0[1] ^ k0h, INITIAL.v1[0] ^ k1l ^ 0xee, INITIAL.v1[1] ^ k1h],
    ...[INITIAL.v2[0] ^ k0l, INITIAL.v2[1] ^ k0h, INITIAL.v3[0] ^ k1l, INITIAL.v3[1] ^ k1h],
  );
};

/**
 * Takes blocks `[from, to)` into a state: two rounds each. A carry is the comparison as a number, never `? 1 : 0`: that is compiled to a branch, of which the processor mistakes half, and takes
 * twice as long.
 */
const compress = (
  before: Int32Array,
  after: Int32Array,
  words: Int32Array,
  from: number,
  to: number,
): void => {
  let v0l = before[0] as number;
  let v0h = before[1] as number;
  let v1l = before[2] as number;
  let v1h = before[3] as number;
  let v2l = before[4] as number;
  let v2h = before[5] as number;
  let v3l = before[6] as number;
  let v3h = before[7] as number;
  for (let block = from; block < to; block++) {
    const ml = words[block * 2] as number;
    const mh = words[block * 2 + 1] as number;
    v3l ^= ml;
    v3h ^= mh;
    for (let round = 0; round < COMPRESSION_ROUNDS; round++) {
      // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
      let low = (v0l + v1l) | 0;
      let high = (v0h + v1h + Number(low >>> 0 < v1l >>> 0)) | 0;
      let turned = ((v1l << 13) | (v1h >>> 19)) ^ low;
      v1h = ((v1h << 13) | (v1l >>> 19)) ^ high;
      v1l = turned;
      v0l = high;
      v0h = low;
      // v2 += v3; v3 = rotl(v3, 16) ^ v2
      low = (v2l + v3l) | 0;
      v2h = (v2h + v3h + Number(low >>> 0 < v3l >>> 0)) | 0;
      v2l = low;
      turned = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
      v3l = turned;
      // v0 += v3; v3 = rotl(v3, 21) ^ v0
      low = (v0l + v3l) | 0;
      v0h = (v0h + v3h + Number(low >>> 0 < v3l >>> 0)) | 0;
      v0l = low;
      turned = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
      v3l = turned;
      // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
      low = (v2l + v1l) | 0;
      high = (v2h + v1h + Number(low >>> 0 < v1l >>> 0)) | 0;
      turned = ((v1l << 17) | (v1h >>> 15)) ^ low;
      v1h = ((v1h << 17) | (v1l >>> 15)) ^ high;
      v1l = turned;
      v2l = high;
      v2h = low;
    }
    v0l ^= ml;
    v0h ^= mh;
  }
  after[0] = v0l;
  after[1] = v0h;
  after[2] = v1l;
  after[3] = v1h;
  after[4] = v2l;
  after[5] = v2h;
  after[6] = v3l;
  after[7] = v3h;
};

/** The four rounds of a finalization, which are those of two empty blocks, and half of the hash. */
const finish = (state: Int32Array, out: Uint32Array | Int32Array, at: number): void => {
  compress(state, state, EMPTY_BLOCKS, 0, FINALIZATION_BLOCKS);
  out[at] = (state[0] as number) ^ (state[2] as number) ^ (state[4] as number) ^ (state[6] as number);
  out[at + 1] = (state[1] as number) ^ (state[3] as number) ^ (state[5] as number) ^ (state[7] as number);
};
