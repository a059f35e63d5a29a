/**
 * FNV-1a with 32 bits (Fowler, Noll, Vo; RFC 9923): a hash that costs about a nanosecond a byte. Anybody can make texts that collide: only for what a collision makes slower, never wrong.
 */

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The hash of the bytes from `from` up to `to`, 0 to 2^32 - 1. */
export const fnv1a32 = (bytes: Uint8Array, from = 0, to = bytes.length): number => {
  let hash = OFFSET_BASIS;
  for (let index = from; index < to; index++) hash = Math.imul(hash ^ (bytes[index] as number), PRIME);
  return hash >>> 0;
};
