import { crc32 } from '../../lib/crc32.ts';
import type { Position, RecordHeader } from '../log.ts';

/**
 * A frame: one record (or mark) in a segment. Layout in `docs/reference/log-format.md`; all numbers little-endian; frames start at multiples of 8 bytes, so the payload
 * does too and its columns can be viewed in place.
 *
 * Two checksums: the header's (seeded with the segment's salt, so that bytes inside a payload cannot pass for a frame), which makes the length trustworthy, and the
 * payload's (seeded with the header's, so that they belong together), which also covers the padding. Every flipped byte breaks one of them.
 */

export const FRAME_HEADER_BYTES = 72;
export const FRAME_ALIGN_BYTES = 8;
/** The longest payload that a frame can hold. */
export const PAYLOAD_BYTES_LIMIT = 0x7fff_ffff;

/** "AEVf" as bytes. */
export const FRAME_MAGIC = Uint8Array.of(0x41, 0x45, 0x56, 0x66);
const FRAME_MAGIC_LE = 0x66_56_45_41;
const FRAME_VERSION = 1;
const FLAG_COVERS = 1;
const HEADER_CRC_AT = 64;
const PAYLOAD_CRC_AT = 68;
const U32 = 0x1_0000_0000;

/** Kinds of frames. A mark has no payload and takes no position: see `FrameFields.covers`. */
export const KIND = { record: 1, mark: 2 } as const;
export type FrameKind = (typeof KIND)[keyof typeof KIND];

/** Everything in a frame's header but lengths and checksums. */
export interface FrameFields {
  readonly kind: FrameKind;
  readonly rows: number;
  /** Of this record; of a mark: of the record that comes next. */
  readonly position: Position;
  readonly appendedAtMs: number;
  /** Record: see RecordHeader. Mark: from = the position that the writer found to be next; if it is below `position`, those between were given up (torn tail). */
  readonly covers: RecordHeader['covers'];
  /** Of the writer. Never decreases within a topic. */
  readonly epoch: number;
  /** Distance from the start of the group commit that this frame was written in, bytes. */
  readonly groupDistance: number;
  /** Key that the payload is encrypted with; 0: not encrypted. */
  readonly keyId: number;
}

/** A frame as found. */
export interface Frame extends FrameFields {
  /** Where in the file it begins. */
  readonly offset: number;
  /** Bytes that it takes, header and padding included. */
  readonly bytes: number;
  readonly payload: Uint8Array;
}

/** Bytes that a frame with such a payload takes. */
export const frameBytes = (payloadBytes: number): number =>
  FRAME_HEADER_BYTES + Math.ceil(payloadBytes / FRAME_ALIGN_BYTES) * FRAME_ALIGN_BYTES;

const PADDING = new Uint8Array(FRAME_ALIGN_BYTES);

/** The zeros that follow a payload of this length. */
export const paddingOf = (payloadBytes: number): Uint8Array =>
  PADDING.subarray(0, frameBytes(payloadBytes) - FRAME_HEADER_BYTES - payloadBytes);

const setU53 = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, value % U32, true);
  view.setUint32(at + 4, Math.floor(value / U32), true);
};
const getU53 = (view: DataView, at: number): number =>
  view.getUint32(at, true) + view.getUint32(at + 4, true) * U32;

/** Writes the header of a frame into `target` at `at`: the payload's parts are needed for their checksum. */
export const encodeFrameHeader = (
  target: Uint8Array,
  at: number,
  fields: FrameFields,
  payload: readonly Uint8Array[],
  salt: number,
): void => {
  const view = new DataView(target.buffer, target.byteOffset + at, FRAME_HEADER_BYTES);
  let payloadBytes = 0;
  for (const part of payload) payloadBytes += part.length;
  view.setUint32(0, FRAME_MAGIC_LE, true);
  view.setUint8(4, FRAME_VERSION);
  view.setUint8(5, fields.kind);
  view.setUint16(6, fields.covers === undefined ? 0 : FLAG_COVERS, true);
  view.setUint32(8, payloadBytes, true);
  view.setUint32(12, fields.rows, true);
  setU53(view, 16, fields.position);
  setU53(view, 24, fields.appendedAtMs);
  setU53(view, 32, fields.covers?.from ?? 0);
  setU53(view, 40, fields.covers?.to ?? 0);
  view.setUint32(48, fields.epoch, true);
  view.setUint32(52, fields.groupDistance, true);
  view.setUint32(56, fields.keyId, true);
  view.setUint32(60, 0, true);
  const headerCrc = crc32(target.subarray(at, at + HEADER_CRC_AT), salt);
  view.setUint32(HEADER_CRC_AT, headerCrc, true);
  let payloadCrc = headerCrc;
  for (const part of payload) payloadCrc = crc32(part, payloadCrc);
  const padding = paddingOf(payloadBytes);
  view.setUint32(PAYLOAD_CRC_AT, padding.length === 0 ? payloadCrc : crc32(padding, payloadCrc), true);
};

/** What `decodeFrame` found. `short`: the frame needs `bytes` bytes. `end`: zeros. `bad`: damaged; `bytes` is its length if the header is intact, else 0. */
export type Decoded =
  | { readonly is: 'frame'; readonly frame: Frame }
  | { readonly is: 'short'; readonly bytes: number }
  | { readonly is: 'end' }
  | { readonly is: 'bad'; readonly reason: string; readonly bytes: number };

const END: Decoded = { is: 'end' };
const bad = (reason: string, bytes = 0): Decoded => ({ is: 'bad', reason, bytes });

const isZero = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
};

const headerFault = (view: DataView, header: Uint8Array, salt: number): string | undefined => {
  if (view.getUint32(0, true) !== FRAME_MAGIC_LE) return 'not the start of a frame';
  if (crc32(header.subarray(0, HEADER_CRC_AT), salt) !== view.getUint32(HEADER_CRC_AT, true)) {
    return 'the checksum of a frame header does not match';
  }
  return view.getUint8(4) === FRAME_VERSION ? undefined : `unknown frame version ${view.getUint8(4)}`;
};

/**
 * Decodes the frame at `at` of `bytes`, which was read from the file's offset `fileOffset` on. The payload is a view. With `headerOnly` the payload is neither needed nor
 * checked.
 */
export const decodeFrame = (
  bytes: Uint8Array,
  at: number,
  fileOffset: number,
  salt: number,
  headerOnly = false,
): Decoded => {
  const available = bytes.length - at;
  if (available < FRAME_HEADER_BYTES) return { is: 'short', bytes: FRAME_HEADER_BYTES };
  const header = bytes.subarray(at, at + FRAME_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, FRAME_HEADER_BYTES);
  if (view.getUint32(0, true) === 0 && isZero(header, 0, FRAME_HEADER_BYTES)) return END;
  const fault = headerFault(view, header, salt);
  if (fault !== undefined) return bad(fault);
  const payloadBytes = view.getUint32(8, true);
  const total = frameBytes(payloadBytes);
  if (!headerOnly) {
    if (available < total) return { is: 'short', bytes: total };
    const body = bytes.subarray(at + FRAME_HEADER_BYTES, at + total);
    if (crc32(body, view.getUint32(HEADER_CRC_AT, true)) !== view.getUint32(PAYLOAD_CRC_AT, true)) {
      return bad('the checksum of a payload does not match', total);
    }
  }
  const payload = bytes.subarray(
    at + FRAME_HEADER_BYTES,
    at + FRAME_HEADER_BYTES + (headerOnly ? 0 : payloadBytes),
  );
  return { is: 'frame', frame: { ...fieldsOf(view), offset: fileOffset + at, bytes: total, payload } };
};

const fieldsOf = (view: DataView): FrameFields => ({
  kind: view.getUint8(5) === KIND.mark ? KIND.mark : KIND.record,
  rows: view.getUint32(12, true),
  position: getU53(view, 16),
  appendedAtMs: getU53(view, 24),
  covers:
    (view.getUint16(6, true) & FLAG_COVERS) === 0
      ? undefined
      : { from: getU53(view, 32), to: getU53(view, 40) },
  epoch: view.getUint32(48, true),
  groupDistance: view.getUint32(52, true),
  keyId: view.getUint32(56, true),
});

/** The position after a frame: what the next frame is expected to have. */
export const positionAfter = (frame: FrameFields): Position =>
  frame.kind === KIND.record ? frame.position + 1 : frame.position;

/** The first position that a frame vouches for: a gap exists if it is beyond the one expected. */
export const continuesAt = (frame: FrameFields): Position =>
  frame.kind === KIND.record ? frame.position : (frame.covers?.from ?? frame.position);
