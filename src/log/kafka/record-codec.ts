import { crc32 } from '../../lib/crc32.ts';
import type { RecordHeader } from '../log.ts';

/** What a Kafka message carries beside its value: one header, `aevum`, of 40 bytes, little-endian. Its checksum covers the value too, as the client does not check Kafka's. */

export const META_KEY = Buffer.from('aevum');
const META_BYTES = 40;
const CRC_AT = 36;
const VERSION = 1;
const FLAG_COVERS = 1;

/** The header and the time of a record. */
export interface RecordMeta {
  readonly header: RecordHeader;
  readonly appendedAtMs: number;
}

/** The message header of a record. */
export const encodeMeta = ({ header, appendedAtMs }: RecordMeta, value: Uint8Array): Buffer => {
  const meta = Buffer.alloc(META_BYTES);
  meta.writeUInt16LE(VERSION, 0);
  meta.writeUInt16LE(header.covers === undefined ? 0 : FLAG_COVERS, 2);
  meta.writeUInt32LE(header.rows, 4);
  meta.writeDoubleLE(appendedAtMs, 8);
  meta.writeBigUInt64LE(BigInt(header.covers?.from ?? 0), 16);
  meta.writeBigUInt64LE(BigInt(header.covers?.to ?? 0), 24);
  meta.writeUInt32LE(crc32(value, crc32(meta.subarray(0, CRC_AT))), CRC_AT);
  return meta;
};

/** Reads it back. A string says what is wrong with it. */
export const decodeMeta = (meta: Buffer | undefined, value: Uint8Array): RecordMeta | string => {
  if (meta === undefined || meta.length !== META_BYTES) return 'not a record of this program';
  if (crc32(value, crc32(meta.subarray(0, CRC_AT))) !== meta.readUInt32LE(CRC_AT))
    return 'the checksum does not match';
  if (meta.readUInt16LE(0) !== VERSION) return `unknown record version ${meta.readUInt16LE(0)}`;
  const rows = meta.readUInt32LE(4);
  const appendedAtMs = meta.readDoubleLE(8);
  if ((meta.readUInt16LE(2) & FLAG_COVERS) === 0) return { header: { rows }, appendedAtMs };
  const covers = { from: Number(meta.readBigUInt64LE(16)), to: Number(meta.readBigUInt64LE(24)) };
  return { header: { rows, covers }, appendedAtMs };
};
