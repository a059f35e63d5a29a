import type { Position } from '../log.ts';
import {
  type Decoded,
  decodeFrame,
  FRAME_ALIGN_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  type Frame,
  KIND,
  positionAfter,
} from './frame.ts';

/** Reading frames one after another, and finding the next good one behind damage. Used by recovery and by every reader. */

/** Where a scan stands. */
export interface Cursor {
  /** Byte in the file at which the next frame begins. */
  readonly offset: number;
  /** Position that it is expected to have. */
  readonly expected: Position;
  /** Highest epoch seen: a frame of a lower one is left over from an earlier writer. */
  readonly epoch: number;
}

/** Reads up to `bytes` bytes at an offset; fewer at the end of the file. The answer starts at a multiple of 8 in memory and is never reused. */
export type ReadAt = (offset: number, bytes: number) => Promise<Uint8Array>;

/** Something that is not what was written. */
export interface Damage {
  readonly offset: number;
  readonly reason: string;
  /** Where reading goes on; undefined: nothing readable follows in this segment. */
  readonly resumesAt: number | undefined;
}

/** One step of a walk: the frames of one chunk, then perhaps damage. `stop` in the last one only: `end` of the data, or `until` reached. */
export interface WalkStep {
  readonly frames: readonly Frame[];
  readonly cursor: Cursor;
  readonly damage?: Damage;
  readonly stop?: 'end' | 'until';
}

/** How far and how to walk. */
export interface WalkOptions {
  /** Stop before a record of this position or later. */
  readonly until: Position;
  readonly chunkBytes: number;
  /** Do not take zeros for the end of the data: look for anything behind them. */
  readonly searchBehindEnd: boolean;
}

const SEARCH_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(SEARCH_BYTES);

type Stop = Decoded | { readonly is: 'until' };

/** Decodes frames from the beginning of `chunk` on, until something else than a good frame in order comes. */
const parseFrames = (chunk: Uint8Array, start: Cursor, salt: number, until: Position) => {
  const frames: Frame[] = [];
  let { expected, epoch } = start;
  let at = 0;
  let stop: Stop | undefined;
  while (stop === undefined) {
    if (expected >= until) {
      stop = { is: 'until' };
      break;
    }
    const decoded = decodeFrame(chunk, at, start.offset, salt);
    if (decoded.is !== 'frame') stop = decoded;
    else if (decoded.frame.position < expected)
      stop = { is: 'bad', reason: 'a record out of order', bytes: 0 };
    else if (decoded.frame.epoch < epoch)
      stop = { is: 'bad', reason: 'a left-over of an earlier writer', bytes: 0 };
    else if (decoded.frame.position >= until && decoded.frame.kind === KIND.record) stop = { is: 'until' };
    else {
      frames.push(decoded.frame);
      at += decoded.frame.bytes;
      expected = positionAfter(decoded.frame);
      epoch = decoded.frame.epoch;
    }
  }
  return { frames, cursor: { offset: start.offset + at, expected, epoch }, stop, unread: chunk.subarray(at) };
};

/** Finds the next intact frame header at or after an offset that can follow `cursor`. */
export const findFrame = async (
  read: ReadAt,
  from: number,
  cursor: Cursor,
  salt: number,
): Promise<number | undefined> => {
  let offset = Math.ceil(from / FRAME_ALIGN_BYTES) * FRAME_ALIGN_BYTES;
  for (;;) {
    const chunk = await read(offset, SEARCH_BYTES);
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = bytes.indexOf(FRAME_MAGIC); at >= 0; at = bytes.indexOf(FRAME_MAGIC, at + 1)) {
      if (at % FRAME_ALIGN_BYTES !== 0) continue;
      const found = decodeFrame(bytes, at, offset, salt, true);
      if (
        found.is === 'frame' &&
        found.frame.position >= cursor.expected &&
        found.frame.epoch >= cursor.epoch
      ) {
        return offset + at;
      }
    }
    if (chunk.length < SEARCH_BYTES) return undefined;
    offset += SEARCH_BYTES - FRAME_HEADER_BYTES;
  }
};

/** The offset behind the last byte at or after `from` that is not zero, or `from` if there is none. */
export const endOfNonZero = async (read: ReadAt, from: number): Promise<number> => {
  let end = from;
  for (let offset = from; ; offset += SEARCH_BYTES) {
    const chunk = await read(offset, SEARCH_BYTES);
    if (Buffer.compare(chunk, ZEROS.subarray(0, chunk.length)) !== 0) {
      let last = chunk.length - 1;
      while (chunk[last] === 0) last -= 1;
      end = offset + last + 1;
    }
    if (chunk.length < SEARCH_BYTES) return end;
  }
};

const damageAt = async (
  read: ReadAt,
  cursor: Cursor,
  salt: number,
  bad: { readonly reason: string; readonly bytes: number },
): Promise<Damage> => {
  const resumesAt =
    bad.bytes > 0
      ? cursor.offset + bad.bytes
      : await findFrame(read, cursor.offset + FRAME_ALIGN_BYTES, cursor, salt);
  return { offset: cursor.offset, reason: bad.reason, resumesAt };
};

/** What a stop at zeros or at the end of the file means: damage, or (undefined) the end of the data. */
const behindEnd = async (read: ReadAt, cursor: Cursor, unread: Uint8Array, search: boolean) => {
  const rest = unread.subarray(0, FRAME_HEADER_BYTES);
  if (Buffer.compare(rest, ZEROS.subarray(0, rest.length)) !== 0)
    return { reason: 'a frame cut short', bytes: 0 };
  if (!search || (await endOfNonZero(read, cursor.offset)) === cursor.offset) return undefined;
  return { reason: 'zeros where a frame should be', bytes: 0 };
};

/** Reads a segment from `start` on, in chunks; passes over damage. */
export async function* walkSegment(
  read: ReadAt,
  salt: number,
  start: Cursor,
  options: WalkOptions,
): AsyncGenerator<WalkStep> {
  let from = start;
  let chunkBytes = options.chunkBytes;
  for (;;) {
    const chunk = await read(from.offset, chunkBytes);
    const { frames, cursor, stop, unread } = parseFrames(chunk, from, salt, options.until);
    if (stop.is === 'until') {
      yield { frames, cursor, stop: 'until' };
      return;
    }
    if (stop.is === 'short' && chunk.length === chunkBytes) {
      if (frames.length > 0) yield { frames, cursor };
      from = cursor;
      chunkBytes = Math.max(stop.bytes, options.chunkBytes);
      continue;
    }
    const bad = stop.is === 'bad' ? stop : await behindEnd(read, cursor, unread, options.searchBehindEnd);
    if (bad === undefined) {
      yield { frames, cursor, stop: 'end' };
      return;
    }
    const damage = await damageAt(read, cursor, salt, bad);
    if (damage.resumesAt === undefined) {
      yield { frames, cursor, damage, stop: 'end' };
      return;
    }
    yield { frames, cursor, damage };
    from = { ...cursor, offset: damage.resumesAt };
  }
}
