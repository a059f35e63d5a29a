import { crc32 } from '../../lib/crc32.ts';
import type { Position } from '../../log/log.ts';
import { ENTRY_WORDS } from './entry.ts';

/**
 * A run: sorted entries in a file that never changes, named for the governed positions that its entries come from.
 *
 *     pages    4,096 bytes each: 204 entries of 5 words; then count, page number, 0 and crc32 of the page before it (a word each)
 *     fences   one word a page: the first word of its first entry
 *     filter   the words of a BlockedFilter over all entries
 *     footer   64 bytes, the last four being the crc32 of the 60 before
 *
 * All words are little endian. Invariants: entries are strictly ascending through the whole file; every page but the last is full; a file that has its final name is
 * complete and was synced. The set of runs needs no list of its own: a file whose range lies within another file's is superseded (a merge was cut short after its
 * rename) and removed on opening.
 */

export const PAGE_BYTES = 4096;
export const PAGE_WORDS = PAGE_BYTES / 4;
export const PAGE_ENTRIES = 204;
const PAGE_COUNT_AT = PAGE_ENTRIES * ENTRY_WORDS;
const PAGE_NUMBER_AT = PAGE_COUNT_AT + 1;
const PAGE_CHECKSUM_AT = PAGE_WORDS - 1;
const PAGE_CHECKED_BYTES = PAGE_BYTES - 4;

/** Bytes of the footer, checksum included. */
export const FOOTER_BYTES = 64;
const FOOTER_CHECKED_BYTES = FOOTER_BYTES - 4;
/** "AEVU", little endian. */
const MAGIC = 0x55564541;
const FORMAT_VERSION = 1;

/** What a run says of itself. */
export interface RunSummary {
  /** Governed positions that the entries come from, `next` exclusive. */
  readonly from: Position;
  readonly next: Position;
  readonly entries: number;
  readonly pages: number;
  readonly filterWords: number;
  /** Earliest and latest receipt, seconds. */
  readonly secondsMin: number;
  readonly secondsMax: number;
}

interface Footer extends RunSummary {
  /** Of fences and filter. */
  readonly indexChecksum: number;
}

const POSITION_DIGITS = 16;
const digits = (position: Position): string => String(position).padStart(POSITION_DIGITS, '0');

/** Name of the file of a run. */
export const runName = ({ from, next }: { from: Position; next: Position }): string =>
  `run-${digits(from)}-${digits(next)}`;

/** The range that a file's name states, or undefined if it is not a run's name. */
export const rangeOfName = (name: string): { from: Position; next: Position } | undefined => {
  const match = /^run-(\d{16})-(\d{16})$/.exec(name);
  return match === null ? undefined : { from: Number(match[1]), next: Number(match[2]) };
};

/** Ends a page of `count` entries: what follows them, and the checksum. */
export const sealPage = (page: Uint32Array, bytes: Uint8Array, count: number, number: number): void => {
  page.fill(0, count * ENTRY_WORDS);
  page[PAGE_COUNT_AT] = count;
  page[PAGE_NUMBER_AT] = number;
  page[PAGE_CHECKSUM_AT] = crc32(bytes.subarray(0, PAGE_CHECKED_BYTES));
};

/** Number of entries of page `number`, or -1 when it is not what was written. */
export const checkPage = (page: Uint32Array, bytes: Uint8Array, number: number): number => {
  const count = page[PAGE_COUNT_AT] as number;
  if (page[PAGE_NUMBER_AT] !== number || count < 1 || count > PAGE_ENTRIES) return -1;
  return page[PAGE_CHECKSUM_AT] === crc32(bytes.subarray(0, PAGE_CHECKED_BYTES)) ? count : -1;
};

/** The bytes of a footer. */
export const encodeFooter = (footer: Footer): Uint8Array => {
  const bytes = Buffer.alloc(FOOTER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(FORMAT_VERSION, 4);
  bytes.writeBigUInt64LE(BigInt(footer.from), 8);
  bytes.writeBigUInt64LE(BigInt(footer.next), 16);
  bytes.writeBigUInt64LE(BigInt(footer.entries), 24);
  bytes.writeUInt32LE(footer.pages, 32);
  bytes.writeUInt32LE(footer.filterWords, 36);
  bytes.writeUInt32LE(footer.secondsMin, 40);
  bytes.writeUInt32LE(footer.secondsMax, 44);
  bytes.writeUInt32LE(footer.indexChecksum, 48);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, FOOTER_CHECKED_BYTES)), FOOTER_CHECKED_BYTES);
  return bytes;
};

/** A footer from its bytes, or why it is none. */
export const decodeFooter = (bytes: Buffer): Footer | string => {
  if (bytes.length !== FOOTER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return 'it does not end in a footer';
  if (bytes.readUInt32LE(FOOTER_CHECKED_BYTES) !== crc32(bytes.subarray(0, FOOTER_CHECKED_BYTES)))
    return 'the checksum of its footer is wrong';
  const version = bytes.readUInt32LE(4);
  if (version !== FORMAT_VERSION)
    return `it has format ${version}; this version of Aevum knows ${FORMAT_VERSION}`;
  return {
    from: Number(bytes.readBigUInt64LE(8)),
    next: Number(bytes.readBigUInt64LE(16)),
    entries: Number(bytes.readBigUInt64LE(24)),
    pages: bytes.readUInt32LE(32),
    filterWords: bytes.readUInt32LE(36),
    secondsMin: bytes.readUInt32LE(40),
    secondsMax: bytes.readUInt32LE(44),
    indexChecksum: bytes.readUInt32LE(48),
  };
};

/** Checksum of fences and filter, as the footer has it. */
export const indexChecksumOf = (fences: Uint32Array, filter: Uint32Array): number =>
  crc32(bytesOf(filter), crc32(bytesOf(fences)));

/** The bytes of an array of words. */
export const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
