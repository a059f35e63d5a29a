import type { Column, ColumnKind } from './columns.ts';

/**
 * The arithmetic of column layouts (`columns.ts`): widths, LEB128 lengths, 64-bit numbers in halves. Shared by builder, codecs and readers, so that the
 * layout is written down once.
 */

/** Bytes a row of a fixed-width kind; 0 for strings. A decimal is its null byte and its value. */
export const WIDTHS: Readonly<Record<ColumnKind, number>> = {
  string: 0,
  uint8: 1,
  uint32: 4,
  uint64: 8,
  time: 8,
  decimal: 9,
};

/** Bytes of the value part of a decimal. */
export const DECIMAL_VALUE_BYTES = 8;
/** Digits after the decimal point of a decimal. */
export const DECIMAL_SCALE = 6;
/** The decimal 1 as it is stored: 10^DECIMAL_SCALE. */
export const DECIMAL_ONE = 1_000_000;
/** A LEB128 length of a string below 2^31 bytes takes at most this. */
export const LEB_BYTES_MAX = 5;
/** 2^32: what the upper half of a 64-bit number counts. */
export const HALF = 0x1_0000_0000;

const LEB_CONTINUES = 0x80;
const LEB_BITS = 0x7f;

/** The byte at `index`, which the caller knows to be inside. */
export const byteAt = (bytes: Uint8Array, index: number): number => bytes[index] as number;

/** Writes `value` (0 .. 2^31-1) as LEB128 and returns the offset after it. */
export const writeLeb = (bytes: Uint8Array, offset: number, value: number): number => {
  let at = offset;
  let rest = value;
  while (rest >= LEB_CONTINUES) {
    bytes[at++] = (rest & LEB_BITS) | LEB_CONTINUES;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
};

/** Number of bytes that `writeLeb` needs for `value`. */
export const lebSize = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : LEB_BYTES_MAX;

/**
 * Offset after the string whose length prefix is at `offset`, or -1 when there is no whole string there (truncated, or a length that cannot be).
 */
export const stringEnd = (bytes: Uint8Array, offset: number): number => {
  if (offset >= bytes.length) return -1;
  const first = byteAt(bytes, offset);
  if (first < LEB_CONTINUES) {
    const end = offset + 1 + first;
    return end <= bytes.length ? end : -1;
  }
  let size = 0;
  for (let at = offset, factor = 1; at < bytes.length && at < offset + LEB_BYTES_MAX; at++, factor *= 128) {
    const byte = byteAt(bytes, at);
    size += (byte & LEB_BITS) * factor;
    if (byte < LEB_CONTINUES) return at + 1 + size <= bytes.length ? at + 1 + size : -1;
  }
  return -1;
};

/** Offset of the first byte of the text of the string whose length prefix is at `offset` (a valid one). */
export const textStart = (bytes: Uint8Array, offset: number): number => {
  let at = offset;
  while (byteAt(bytes, at) >= LEB_CONTINUES) at++;
  return at + 1;
};

/** Bytes that `rows` rows of default values of a column take: empty strings, zeros, null decimals. */
export const defaultColumn = (column: Column, rows: number): Uint8Array => {
  const bytes = new Uint8Array(rows * (column.kind === 'string' ? 1 : WIDTHS[column.kind]));
  if (column.kind === 'decimal') bytes.fill(1, 0, rows);
  return bytes;
};

/** A view on bytes as a DataView, whatever their offset. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A scaled decimal as its shortest exact text: 12500000n is "12.5". */
export const decimalText = (scaled: bigint): string => {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(DECIMAL_SCALE + 1, '0');
  const fraction = digits.slice(-DECIMAL_SCALE).replace(/0+$/, '');
  const whole = digits.slice(0, -DECIMAL_SCALE);
  return `${scaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};
