import type { Block } from './block.ts';
import type { Column, Table } from './columns.ts';
import { ByteCopier } from './byte-copier.ts';
import { DECIMAL_VALUE_BYTES, HALF, LEB_BYTES_MAX, stringEnd, viewOf, WIDTHS, writeLeb } from './layout.ts';

/** A column buffer that grew beyond this is given back after `build`, so that one large request does not hold memory for good. */
const BUFFER_KEPT_BYTES_MAX = 8 * 1024 * 1024;
const BUFFER_BYTES_MIN = 64;

/**
 * The growing bytes of one column. A column that a row does not set is left behind, and catches up with defaults (`fill`) when it is next set or read: a row costs
 * only the columns that it has. So `rows` is at most one more than the builder's; one more means that the row under construction set it, from `rowStart` on.
 */
class ColumnBuffer {
  readonly kind: Column['kind'];
  /** Bytes that a value takes here; null bytes of a decimal are kept apart. 0 for strings. */
  readonly width: number;
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  rows = 0;
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

  /** Begins the value of row number `row` and makes room for `size` bytes; returns where to write. */
  begin(row: number, size: number): number {
    if (this.rows !== row) this.#align(row);
    const start = this.length;
    if (start + size > this.bytes.length) this.#grow(start + size);
    this.rowStart = start;
    this.rows = row + 1;
    return start;
  }

  #align(row: number): void {
    if (this.rows > row) this.undo(row);
    else this.fill(row);
  }

  /** Forgets the value of row number `row`, if it has one. */
  undo(row: number): void {
    if (this.rows <= row) return;
    this.length = this.rowStart;
    this.rows = row;
  }

  /** Gives defaults to all rows before `rows` that have no value. */
  fill(rows: number): void {
    const missing = rows - this.rows;
    if (missing <= 0) return;
    const end = this.length + missing * (this.kind === 'string' ? 1 : this.width);
    if (end > this.bytes.length) this.#grow(end);
    this.bytes.fill(0, this.length, end);
    if (this.kind === 'decimal') this.nulls.fill(1, this.rows, rows);
    this.length = end;
    this.rows = rows;
  }

  /** Gives the same bytes to all rows before `rows` that have no value. */
  repeat(value: Uint8Array, rows: number): void {
    const size = (rows - this.rows) * value.length;
    if (size <= 0) return;
    const start = this.length;
    if (start + size > this.bytes.length) this.#grow(start + size);
    this.bytes.set(value, start);
    // Doubles what is there until it is all there.
    for (let done = value.length; done < size; done *= 2)
      this.bytes.copyWithin(start + done, start, start + Math.min(done, size - done));
    this.length = start + size;
    this.rows = rows;
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

  /** Bytes of the finished column. */
  get size(): number {
    return this.kind === 'decimal' ? this.length + this.rows : this.length;
  }

  copyTo(target: Uint8Array, offset: number): void {
    let at = offset;
    if (this.kind === 'decimal') {
      target.set(this.nulls.subarray(0, this.rows), at);
      at += this.rows;
    }
    target.set(this.bytes.subarray(0, this.length), at);
  }

  /** Keeps the first `rows` rows, which are `length` bytes. */
  cut(rows: number, length: number): void {
    this.length = length;
    this.rows = rows;
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
  readonly #copier = new ByteCopier();
  /** The text last repeated, and its value with length: mostly that of the body before. */
  #repeated: Uint8Array | undefined;
  #repeatedValue = new Uint8Array(0);
  readonly #timeValue = new Uint8Array(8);
  readonly #timeView = viewOf(this.#timeValue);
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
    this.#settle();
    let bytes = 0;
    for (const column of this.#columns) bytes += column.size;
    return bytes;
  }

  /** Sets a string column to `source[start..end)`, which must be UTF-8. */
  string(column: number, source: Uint8Array, start: number, end: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    const size = end - start;
    let at = buffer.begin(this.#rows, size + LEB_BYTES_MAX);
    if (size < 0x80) buffer.bytes[at++] = size;
    else at = writeLeb(buffer.bytes, at, size);
    this.#copier.copy(source, start, end, buffer.bytes, buffer.view, at);
    buffer.length = at + size;
  }

  /** Sets a string column to the UTF-8 of `text`; a lone surrogate becomes U+FFFD. */
  text(column: number, text: string): void {
    const { buffer, byteOffset, length } = Buffer.from(text, 'utf8');
    this.string(column, new Uint8Array(buffer, byteOffset, length), 0, length);
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
    const at = buffer.begin(this.#rows, 4);
    buffer.view.setUint32(at, value, true);
    buffer.length = at + 4;
  }

  uint8(column: number, value: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    const at = buffer.begin(this.#rows, 1);
    buffer.bytes[at] = value;
    buffer.length = at + 1;
  }

  /** Sets a `decimal` column to a number times 10^6, or to null. */
  decimal(column: number, scaled: bigint | null): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    const at = buffer.begin(this.#rows, DECIMAL_VALUE_BYTES);
    buffer.view.setBigInt64(at, scaled ?? 0n, true);
    buffer.nulls[this.#rows] = scaled === null ? 1 : 0;
    buffer.length = at + DECIMAL_VALUE_BYTES;
  }

  /** As `decimal`, for a scaled number that a double holds exactly: without making a bigint. */
  decimalNumber(column: number, scaled: number): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    this.#number64(buffer, scaled);
    buffer.nulls[this.#rows] = 0;
  }

  /** Sets a string column of all finished rows that it is not set in to the same UTF-8, which must not change afterwards. */
  repeatString(column: number, text: Uint8Array): void {
    const buffer = this.#columns[column] as ColumnBuffer;
    if (text !== this.#repeated) {
      const value = new Uint8Array(text.length + LEB_BYTES_MAX);
      const start = writeLeb(value, 0, text.length);
      value.set(text, start);
      this.#repeated = text;
      this.#repeatedValue = value.subarray(0, start + text.length);
    }
    buffer.repeat(this.#repeatedValue, this.#rows);
  }

  /** Sets a `time` column of all finished rows that it is not set in to the same milliseconds. */
  repeatInt64(column: number, ms: number): void {
    const high = Math.floor(ms / HALF);
    this.#timeView.setUint32(0, ms - high * HALF, true);
    this.#timeView.setInt32(4, high, true);
    (this.#columns[column] as ColumnBuffer).repeat(this.#timeValue, this.#rows);
  }

  /** Ends the row; columns that were not set get their defaults (empty, 0, null). */
  endRow(): void {
    this.#rows++;
  }

  /** Forgets the columns set since the last `endRow`. */
  abandonRow(): void {
    for (const buffer of this.#columns) buffer.undo(this.#rows);
  }

  /** Remembers the finished rows so far, for `restore`. Abandons a row under construction. */
  mark(): BuilderMark {
    this.#settle();
    return { rows: this.#rows, lengths: this.#columns.map((buffer) => buffer.length) };
  }

  /** Takes back everything since `mark`, which must be of this builder and not older than its last `build`. Costs nothing per row. */
  restore(mark: BuilderMark): void {
    this.#columns.forEach((buffer, index) => buffer.cut(mark.rows, mark.lengths[index] ?? 0));
    this.#rows = mark.rows;
  }

  /** Keeps the first `rows` rows. Walks the strings from the start; `restore` does not. */
  truncate(rows: number): void {
    if (!Number.isInteger(rows) || rows < 0 || rows > this.#rows)
      throw new RangeError(`cannot keep ${rows} of ${this.#rows} rows`);
    this.#settle();
    for (const buffer of this.#columns) {
      let length = rows * buffer.width;
      if (buffer.kind === 'string')
        for (let row = 0; row < rows; row++) length = stringEnd(buffer.bytes, length);
      buffer.cut(rows, length);
    }
    this.#rows = rows;
  }

  /** The finished rows as a block of its own memory. The builder is empty afterwards and can be used again. */
  build(): Block<T> {
    const all = new Uint8Array(Buffer.allocUnsafeSlow(this.bytes).buffer);
    const columns: Uint8Array[] = [];
    let at = 0;
    for (const buffer of this.#columns) {
      buffer.copyTo(all, at);
      columns.push(all.subarray(at, at + buffer.size));
      at += buffer.size;
    }
    const rows = this.#rows;
    this.#reset();
    return { table: this.table, rows, columns };
  }

  /** Brings every column to exactly the finished rows. */
  #settle(): void {
    for (const buffer of this.#columns) {
      buffer.undo(this.#rows);
      buffer.fill(this.#rows);
    }
  }

  #reset(): void {
    this.#columns.forEach((buffer, index) => {
      if (buffer.bytes.length > BUFFER_KEPT_BYTES_MAX)
        this.#columns[index] = new ColumnBuffer(buffer.kind, BUFFER_BYTES_MIN);
      else buffer.cut(0, 0);
    });
    this.#copier.forget();
    this.#rows = 0;
  }

  #number64(buffer: ColumnBuffer, value: number): void {
    const at = buffer.begin(this.#rows, 8);
    const high = Math.floor(value / HALF);
    buffer.view.setUint32(at, value - high * HALF, true);
    buffer.view.setInt32(at + 4, high, true);
    buffer.length = at + 8;
  }
}
