import { isUtf8 } from 'node:buffer';
import { byteAt } from './layout.ts';

const CHUNK_BYTES = 64 * 1024;
const CHARACTER_BYTES_MAX = 4;

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Bytes of the character that a lead byte announces. */
const characterSize = (lead: number): number =>
  lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : CHARACTER_BYTES_MAX;

/** Offset of the first character that is not valid UTF-8; the length when all is. For error messages: `isUtf8` answers the yes or no much faster. */
export const firstInvalidUtf8 = (bytes: Uint8Array): number => {
  let at = 0;
  while (at < bytes.length) {
    const end = chunkEnd(bytes, at);
    if (!isUtf8(bytes.subarray(at, end))) return invalidIn(bytes, at, end);
    at = end;
  }
  return bytes.length;
};

/** The end of a chunk that does not cut a character in two, unless the bytes are no UTF-8 anyhow. */
const chunkEnd = (bytes: Uint8Array, start: number): number => {
  const most = start + CHUNK_BYTES;
  if (most >= bytes.length) return bytes.length;
  let end = most;
  while (end > most - CHARACTER_BYTES_MAX && isContinuation(byteAt(bytes, end))) end--;
  return end;
};

const invalidIn = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start;
  while (at < end) {
    const next = at + characterSize(byteAt(bytes, at));
    if (next > end || !isUtf8(bytes.subarray(at, next))) return at;
    at = next;
  }
  return at;
};
