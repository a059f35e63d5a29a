/**
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; https://github.com/veorq/SipHash): a keyed hash that
 * nobody can find collisions of without the key. In 32-bit halves, because a BigInt for each 64-bit word would cost a hundred times as much.
 */

/** Bytes of a key. */
export const SIPHASH_KEY_BYTES = 16;

const BLOCK_BYTES = 8;
const COMPRESSION_ROUNDS = 2;
const FINALIZATION_ROUNDS = 4;
const SCRATCH_BYTES_MIN = 256;

/** "somepseudorandomlygeneratedbytes", the specification's constants, as low and high halves. */
const INITIAL = {
  v0: [0x70736575, 0x736f6d65],
  v1: [0x6e646f6d, 0x646f7261],
  v2: [0x6e657261, 0x6c796765],
  v3: [0x79746573, 0x74656462],
} as const;

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
  #words: Int32Array;
  readonly #key: Int32Array;

  /** `key` has 16 bytes; it is copied. Throws RangeError for any other length. */
  constructor(key: Uint8Array) {
    if (key.length !== SIPHASH_KEY_BYTES)
      throw new RangeError(`a SipHash key has ${SIPHASH_KEY_BYTES} bytes, not ${key.length}`);
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => view.getInt32(at, true));
    this.bytes = new Uint8Array(SCRATCH_BYTES_MIN);
    this.#words = new Int32Array(this.bytes.buffer);
  }

  /** Makes room for a message of `size` bytes, keeping what is written already. */
  reserve(size: number): void {
    if (size + BLOCK_BYTES <= this.bytes.length) return;
    const grown = new Uint8Array(Math.ceil((size * 2 + BLOCK_BYTES) / BLOCK_BYTES) * BLOCK_BYTES);
    grown.set(this.bytes);
    this.bytes = grown;
    this.#words = new Int32Array(grown.buffer);
  }

  /**
   * Writes the hash of the first `size` bytes of `bytes` to `out[at .. at+4)`: its 16 bytes as four little-endian words. The bytes stay as they are (those up to 8
   * after them do not).
   */
  digest(size: number, out: Uint32Array | Int32Array, at: number): void {
    const blocks = this.#pad(size);
    const words = this.#words;
    const key = this.#key;
    const k0l = key[0] as number;
    const k0h = key[1] as number;
    const k1l = key[2] as number;
    const k1h = key[3] as number;
    let v0l = INITIAL.v0[0] ^ k0l;
    let v0h = INITIAL.v0[1] ^ k0h;
    let v1l = INITIAL.v1[0] ^ k1l ^ 0xee;
    let v1h = INITIAL.v1[1] ^ k1h;
    let v2l = INITIAL.v2[0] ^ k0l;
    let v2h = INITIAL.v2[1] ^ k0h;
    let v3l = INITIAL.v3[0] ^ k1l;
    let v3h = INITIAL.v3[1] ^ k1h;
    // One loop over the message blocks and the two finalizations: the round is written down once and stays in registers.
    // A carry is the top bit of (a & b) | ((a | b) & ~sum): without a branch, twice as fast as comparing.
    for (let block = 0; block < blocks + 2; block++) {
      const isMessage = block < blocks;
      const ml = isMessage ? (words[block * 2] as number) : 0;
      const mh = isMessage ? (words[block * 2 + 1] as number) : 0;
      v3l ^= ml;
      v3h ^= mh;
      if (block === blocks) v2l ^= 0xee;
      else if (block > blocks) v1l ^= 0xdd;
      for (let round = isMessage ? COMPRESSION_ROUNDS : FINALIZATION_ROUNDS; round > 0; round--) {
        // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
        let low = (v0l + v1l) | 0;
        let high = (v0h + v1h + (((v0l & v1l) | ((v0l | v1l) & ~low)) >>> 31)) | 0;
        let turned = ((v1l << 13) | (v1h >>> 19)) ^ low;
        v1h = ((v1h << 13) | (v1l >>> 19)) ^ high;
        v1l = turned;
        v0l = high;
        v0h = low;
        // v2 += v3; v3 = rotl(v3, 16) ^ v2
        low = (v2l + v3l) | 0;
        v2h = (v2h + v3h + (((v2l & v3l) | ((v2l | v3l) & ~low)) >>> 31)) | 0;
        v2l = low;
        turned = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
        v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
        v3l = turned;
        // v0 += v3; v3 = rotl(v3, 21) ^ v0
        low = (v0l + v3l) | 0;
        v0h = (v0h + v3h + (((v0l & v3l) | ((v0l | v3l) & ~low)) >>> 31)) | 0;
        v0l = low;
        turned = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
        v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
        v3l = turned;
        // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
        low = (v2l + v1l) | 0;
        high = (v2h + v1h + (((v2l & v1l) | ((v2l | v1l) & ~low)) >>> 31)) | 0;
        turned = ((v1l << 17) | (v1h >>> 15)) ^ low;
        v1h = ((v1h << 17) | (v1l >>> 15)) ^ high;
        v1l = turned;
        v2l = high;
        v2h = low;
      }
      v0l ^= ml;
      v0h ^= mh;
      if (isMessage) continue;
      const place = at + (block - blocks) * 2;
      out[place] = v0l ^ v1l ^ v2l ^ v3l;
      out[place + 1] = v0h ^ v1h ^ v2h ^ v3h;
    }
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
