import { crc32 } from '../../lib/crc32.ts';
import type { Position } from '../log.ts';

/**
 * Where some of a segment's frames are: about one entry every 256 KiB. Kept in memory while a segment is written or scanned, and in a file beside a sealed one. Only
 * ever a hint: a damaged or missing file costs a scan.
 */

/** Bytes of segment between two entries, at least. */
export const INDEX_STEP_BYTES = 256 * 1024;
const ENTRY_BYTES = 16;
const CRC_BYTES = 4;

/** A frame's position and where in the file it begins. */
export interface IndexEntry {
  readonly position: Position;
  readonly offset: number;
}

/** The entries of one segment, in order. */
export class SparseIndex {
  #entries: IndexEntry[] = [];

  get entries(): readonly IndexEntry[] {
    return this.#entries;
  }

  /** Notes a frame, if it is far enough behind the one noted last. Frames must be offered in order. */
  offer(position: Position, offset: number): void {
    const last = this.#entries.at(-1);
    if (last === undefined || offset >= last.offset + INDEX_STEP_BYTES)
      this.#entries.push({ position, offset });
  }

  /** The last entry at or before a position. */
  find(position: Position): IndexEntry | undefined {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#entries[low - 1];
  }

  /** Takes over the entries of another index, if it has more. */
  adopt(other: SparseIndex): void {
    if (other.entries.length > this.#entries.length) this.#entries = [...other.entries];
  }

  encode(): Uint8Array {
    const bytes = Buffer.alloc(this.#entries.length * ENTRY_BYTES + CRC_BYTES);
    this.#entries.forEach((entry, at) => {
      bytes.writeBigUInt64LE(BigInt(entry.position), at * ENTRY_BYTES);
      bytes.writeBigUInt64LE(BigInt(entry.offset), at * ENTRY_BYTES + 8);
    });
    bytes.writeUInt32LE(crc32(bytes.subarray(0, -CRC_BYTES), ENTRY_BYTES), bytes.length - CRC_BYTES);
    return bytes;
  }

  /** The index in a file's bytes, or undefined if they are damaged. */
  static decode(bytes: Uint8Array): SparseIndex | undefined {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const entriesBytes = buffer.length - CRC_BYTES;
    if (entriesBytes < 0 || entriesBytes % ENTRY_BYTES !== 0) return undefined;
    if (crc32(buffer.subarray(0, entriesBytes), ENTRY_BYTES) !== buffer.readUInt32LE(entriesBytes))
      return undefined;
    const index = new SparseIndex();
    for (let at = 0; at < entriesBytes; at += ENTRY_BYTES) {
      const position = Number(buffer.readBigUInt64LE(at));
      index.#entries.push({ position, offset: Number(buffer.readBigUInt64LE(at + 8)) });
    }
    return index;
  }
}
