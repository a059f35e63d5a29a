import { crc32 } from '../../lib/crc32.ts';
import type { Position } from '../log.ts';

/** The first 4 KiB of a segment file: the same 2 KiB twice, each with its own checksum, because without the salt in it no frame of the segment can be read. */

export const SEGMENT_HEADER_BYTES = 4096;
const COPY_BYTES = SEGMENT_HEADER_BYTES / 2;
const CRC_AT = COPY_BYTES - 4;
const MAGIC = 'AEVUMLOG';
const VERSION = 1;

/** What a segment says of itself. */
export interface SegmentHeader {
  /** Position of its first record. */
  readonly base: Position;
  /** Where the writer found the topic to end when it began this segment. Below `base` only if positions between were given up. */
  readonly continues: Position;
  /** Seed of its frame headers' checksums: random, 32 bits. */
  readonly salt: number;
  /** Epoch of the writer that began it. */
  readonly epoch: number;
  readonly createdAtMs: number;
}

/** The bytes of a header. */
export const encodeSegmentHeader = (header: SegmentHeader): Uint8Array => {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt16LE(VERSION, 8);
  bytes.writeUInt32LE(header.epoch, 12);
  bytes.writeBigUInt64LE(BigInt(header.base), 16);
  bytes.writeBigUInt64LE(BigInt(header.continues), 24);
  bytes.writeBigUInt64LE(BigInt(header.createdAtMs), 32);
  bytes.writeUInt32LE(header.salt, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  bytes.copy(bytes, COPY_BYTES, 0, COPY_BYTES);
  return bytes;
};

const decodeCopy = (copy: Buffer): SegmentHeader | undefined => {
  if (copy.length < COPY_BYTES || copy.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  if (crc32(copy.subarray(0, CRC_AT)) !== copy.readUInt32LE(CRC_AT) || copy.readUInt16LE(8) !== VERSION)
    return undefined;
  return {
    epoch: copy.readUInt32LE(12),
    base: Number(copy.readBigUInt64LE(16)),
    continues: Number(copy.readBigUInt64LE(24)),
    createdAtMs: Number(copy.readBigUInt64LE(32)),
    salt: copy.readUInt32LE(40),
  };
};

/** The header in the first bytes of a file, and which of its copies is damaged (byte offset). Undefined: both are. */
export const decodeSegmentHeader = (
  bytes: Uint8Array,
): { readonly header: SegmentHeader; readonly damagedAt: number | undefined } | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = decodeCopy(buffer.subarray(0, COPY_BYTES));
  const second = decodeCopy(buffer.subarray(COPY_BYTES, SEGMENT_HEADER_BYTES));
  const header = first ?? second;
  if (header === undefined) return undefined;
  const damagedAt = first === undefined ? 0 : second === undefined ? COPY_BYTES : undefined;
  return { header, damagedAt };
};
