const WORD_BYTES = 4;
/** Smaller arrays leave holes that others fill. */
const MAPPED_FROM_BYTES = 1024 * 1024;
/** glibc never takes a block larger than 32 MiB from a heap, whatever was freed before. */
const MAPPED_BYTES_MIN = 33 * 1024 * 1024;

/**
 * An array of zeros; a large one has memory of its own, which goes back to the system once it is freed. Taken from a heap of the C library instead, filters of all sizes that come and
 * go leave holes behind: 60 MB of them with 60 million ids.
 *
 * For that the buffer has more bytes than asked for. Those behind the array are never touched and so take no memory, but V8 counts them.
 */
export const mappedWords = (count: number): Uint32Array<ArrayBuffer> => {
  const bytes = count * WORD_BYTES;
  if (bytes < MAPPED_FROM_BYTES) return new Uint32Array(count);
  return new Uint32Array(new ArrayBuffer(Math.max(bytes, MAPPED_BYTES_MIN)), 0, count);
};
