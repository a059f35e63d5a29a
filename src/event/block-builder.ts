import type { Block } from './block.ts';
import type { Column, Table } from './columns.ts';
import { DECIMAL_VALUE_BYTES, HALF, LEB_BYTES_MAX, stringEnd, viewOf, WIDTHS, writeLeb } from './layout.ts';

/** Up to this many bytes a loop copies faster than a native call does. */
const COPY_LOOP_BYTES_MAX = 32;
/** A column buffer that grew beyond this is given back after `build`, so that one large request does not hold memory for good. */
const BUFFER_KEPT_BYTES_MAX = 8 * 1024 * 1024;
const BUFFER_BYTES_MIN = 64;

/** The growing bytes of one column. `length` is the end, `rowStart` the end before the row under construction. */
class ColumnBuffer {
  readonly kind: Column['kind'];
  /** Bytes that a value takes here; null bytes of a decimal are kept apart. 0 for strings. */
  readonly width: number;
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  rowStart = 0;
  /** Decimals only: the null byte of each row. */
  nulls: Uint8Array;

  constructor(kind: Column['kind'], capacityBytes: number) {
    this.kind = kind;
    this.width = kind === 'decimal' ? DECIMAL_VALUE_BYTES : WIDTHS[kind];
    this.bytes = new Uint8Array(Math.max(capacityBytes, BUFFER_BYTES_MIN));
    this.view = viewOf(this.bytes);
    this.nulls = new Uint8Array(kind === 'decimal' ? this.bytes.length / DECIMAL_VALUE_BYTES + 1 : 0);
  }

  /** Makes room for `size` bytes from the beginning of the current row on. */
  reserve(size: number): void {
    const needed = this.rowStart + size;
    if (needed > this.bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = viewOf(grown);
    if (this.kind !== 'decimal') return;
    const nulls = new Uint8Array(grown.length / DECIMAL_VALUE_BYTES + 1);
    nulls.set(this.nulls);
    this.nulls = nulls;
  }

  setDefault(row: number): void {
    if (this.kind === 'string') {
      this.reserve(1);
      this.bytes[this.rowStart] = 0;
      this.length = this.rowStart + 1;
      return;
    }
    this.reserve(this.width);
    this.bytes.fill(0, this.rowStart, this.rowStart + this.width);
    this.length = this.rowStart + this.width;
    if (this.kind === 'decimal') this.nulls[row] = 1;
  }

  /** Bytes of the finished column of `rows` rows. */
  size(rows: number): number {
    return this.kind === 'decimal' ? this.rowStart + rows : this.rowStart;
  }

  copyTo(target: Uint8Array, offset: number, rows: number): void {
    let at = offset;
    if (this.kind === 'decimal') {
      target.set(this.nulls.subarray(0, rows), at);
      at += rows;
    }
    target.set(this.bytes.subarray(0, this.rowStart), at);
  }

  /** Forgets everything after `length` bytes. */
  cut(length: number): void {
    this.length = length;
    this.rowStart = length;
  }
}

/** A place to go back to: see `BlockBuilder.mark`. */
export interface BuilderMark {
  readonly rows: number;
  readonly lengths: readonly number[];
}

/**
 * Builds a block row by row: set columns in any order (setting one again replaces it), then `endRow`. Buffers grow by doubling and are reused after `build`.
 * Not safe for use while `build` is copying, which is synchronous.
 *
 * @example
 * const builder = new BlockBuilder(LEDGER);
 * builder.text(0, 'default');
 * builder.endRow();
 * const block = builder.build();
 */
export class BlockBuilder<T extends Table = Table> {
  readonly table: T;
  readonly #columns: ColumnBuffer[];
  #rows = 0;

  /** `capacityBytes` is the first size of each column's buffer. */
  constructor(table: T, capacityBytes = 1024) {
    this.table = table;
    this.#columns = table.columns.map((column) => new ColumnBuffer(column.kind, capacityBytes));
  }

  /** Finished rows. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes that `build` would copy. */
  get bytes(): number {
    let bytes = 0;
    for (const column of this.#columns) bytes += column.size(this.#rows);
    return bytes;
  }

  /** Sets a string column to `source[start..end)`, which must be UTF-8. */
  string(column: number, source: Uint8Array, start: number, end: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    const size = end - start;
    buffer.reserve(size + LEB_BYTES_MAX);
    const bytes = buffer.bytes;
    let at = buffer.rowStart;
    if (size < 0x80) bytes[at++] = size;
    else at = writeLeb(bytes, at, size);
    if (size <= COPY_LOOP_BYTES_MAX) {
      for (let from = start; from < end; from++) bytes[at++] = source[from] as number;
    } else {
      bytes.set(source.subarray(start, end), at);
      at += size;
    }
    buffer.length = at;
  }

  /** Sets a string column to the UTF-8 of `text`; a lone surrogate becomes U+FFFD. */
  text(column: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.string(column, bytes, 0, bytes.length);
  }

  /** Sets a `time` column to a whole number of milliseconds, which must be a safe integer. */
  int64(column: number, ms: number): void {
    this.#number64(this.#columns[column] as ColumnBuffer, ms);
  }

  /** Sets a `uint64` column to a non-negative safe integer. */
  uint64(column: number, value: number): void {
    this.#number64(this.#columns[column] as ColumnBuffer, value);
  }

  uint32(column: number, value: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    buffer.reserve(4);
    buffer.view.setUint32(buffer.rowStart, value, true);
    buffer.length = buffer.rowStart + 4;
  }

  uint8(column: number, value: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    buffer.reserve(1);
    buffer.bytes[buffer.rowStart] = value;
    buffer.length = buffer.rowStart + 1;
  }

  /** Sets a `decimal` column to a number times 10^6, or to null. */
  decimal(column: number, scaled: bigint | null): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    buffer.setDefault(this.#rows);
    if (scaled === null) return;
    buffer.view.setBigInt64(buffer.rowStart, scaled, true);
    buffer.nulls[this.#rows] = 0;
  }

  /** As `decimal`, for a scaled number that is a safe integer: without making a bigint. */
  decimalNumber(column: number, scaled: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    this.#number64(buffer, scaled);
    buffer.nulls[this.#rows] = 0;
  }

  /** Ends the row; columns that were not set get their defaults (empty, 0, null). */
  endRow(): void {
    const columns = this.#columns;
    for (let index = 0; index < columns.length; index++) {
      const buffer = columns[index] as ColumnBuffer;
      if (buffer.length === buffer.rowStart) buffer.setDefault(this.#rows);
      buffer.rowStart = buffer.length;
    }
    this.#rows++;
  }

  /** Forgets the columns set since the last `endRow`. */
  abandonRow(): void {
    for (const buffer of this.#columns) buffer.length = buffer.rowStart;
  }

  /** Remembers the finished rows so far, for `restore`. */
  mark(): BuilderMark {
    return { rows: this.#rows, lengths: this.#columns.map((buffer) => buffer.rowStart) };
  }

  /** Takes back everything since `mark`, which must be of this builder and not older than its last `build`. Costs nothing per row. */
  restore(mark: BuilderMark): void {
    this.#columns.forEach((buffer, index) => buffer.cut(mark.lengths[index] ?? 0));
    this.#rows = mark.rows;
  }

  /** Keeps the first `rows` rows. Walks the strings from the start; `restore` does not. */
  truncate(rows: number): void {
    if (!Number.isInteger(rows) || rows < 0 || rows > this.#rows)
      throw new RangeError(`cannot keep ${rows} of ${this.#rows} rows`);
    for (const buffer of this.#columns) {
      let length = rows * buffer.width;
      if (buffer.kind === 'string')
        for (let row = 0; row < rows; row++) length = stringEnd(buffer.bytes, length);
      buffer.cut(length);
    }
    this.#rows = rows;
  }

  /** The finished rows as a block of its own memory. The builder is empty afterwards and can be used again. */
  build(): Block<T> {
    const rows = this.#rows;
    const all = new Uint8Array(Buffer.allocUnsafeSlow(this.bytes).buffer);
    const columns: Uint8Array[] = [];
    let at = 0;
    for (const buffer of this.#columns) {
      const size = buffer.size(rows);
      buffer.copyTo(all, at, rows);
      columns.push(all.subarray(at, at + size));
      at += size;
    }
    this.#reset();
    return { table: this.table, rows, columns };
  }

  #reset(): void {
    this.#columns.forEach((buffer, index) => {
      if (buffer.bytes.length > BUFFER_KEPT_BYTES_MAX)
        this.#columns[index] = new ColumnBuffer(buffer.kind, BUFFER_BYTES_MIN);
      else buffer.cut(0);
    });
    this.#rows = 0;
  }

  #number64(buffer: ColumnBuffer, value: number): void {
    buffer.reserve(8);
    const at = buffer.rowStart;
    const high = Math.floor(value / HALF);
    buffer.view.setUint32(at, value - high * HALF, true);
    buffer.view.setInt32(at + 4, high, true);
    buffer.length = at + 8;
  }
}
