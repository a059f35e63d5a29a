import type { Block } from './block.ts';
import type { Column, Table } from './columns.ts';
import { DECIMAL_VALUE_BYTES, decimalText, HALF, stringEnd, textStart, viewOf, WIDTHS } from './layout.ts';

/** A block without rows. */
export const emptyBlock = <T extends Table>(table: T): Block<T> => ({
  table,
  rows: 0,
  columns: table.columns.map(() => new Uint8Array(0)),
});

/** Bytes of all columns of a block. */
export const blockBytes = (block: Block): number =>
  block.columns.reduce((sum, column) => sum + column.length, 0);

/** The bytes of a column. Throws RangeError for an index that the table does not have. */
export const columnBytes = (block: Block, column: number): Uint8Array => {
  const bytes = block.columns[column];
  if (bytes === undefined) throw new RangeError(`table ${block.table.name} has no column ${column}`);
  return bytes;
};

const kindOf = (block: Block, column: number): Column['kind'] => {
  const found = block.table.columns[column];
  if (found === undefined) throw new RangeError(`table ${block.table.name} has no column ${column}`);
  return found.kind;
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** All rows of the blocks, in order, as one block. The only block given is returned as it is; otherwise memory is new. */
export const concatBlocks = <T extends Table>(table: T, blocks: readonly Block<T>[]): Block<T> => {
  const filled = blocks.filter((block) => block.rows > 0);
  const [only] = filled;
  if (only === undefined) return emptyBlock(table);
  if (filled.length === 1) return only;
  const columns = table.columns.map((column, index) => {
    const parts = filled.map((block) => columnBytes(block, index));
    if (column.kind !== 'decimal') return joined(parts);
    const nulls = filled.map((block) => columnBytes(block, index).subarray(0, block.rows));
    const values = filled.map((block) => columnBytes(block, index).subarray(block.rows));
    return joined([...nulls, ...values]);
  });
  return { table, rows: filled.reduce((sum, block) => sum + block.rows, 0), columns };
};

/**
 * Where each row of a string column begins: `rows + 1` offsets of length prefixes, the last being the column's end. Row `r` is the prefix at
 * `offsets[r]` and the text up to `offsets[r + 1]`.
 */
export const stringOffsets = (block: Block, column: number): Uint32Array => {
  const bytes = columnBytes(block, column);
  const offsets = new Uint32Array(block.rows + 1);
  let at = 0;
  for (let row = 0; row < block.rows; row++) {
    at = stringEnd(bytes, at);
    if (at < 0) throw new RangeError(`column ${column} of table ${block.table.name} ends inside row ${row}`);
    offsets[row + 1] = at;
  }
  return offsets;
};

/** A reader of one string column: row -> text. Finds its offsets once. */
export const stringsAt = (block: Block, column: number): ((row: number) => string) => {
  const bytes = columnBytes(block, column);
  const offsets = stringOffsets(block, column);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return function textOfRow(row) {
    const from = offsets[row];
    const to = offsets[row + 1];
    if (from === undefined || to === undefined) throw new RangeError(`no row ${row} of ${block.rows}`);
    return buffer.toString('utf8', textStart(bytes, from), to);
  };
};

/** The milliseconds of each row of a `time` column. */
export const timesOf = (block: Block, column: number): Float64Array => numbersOf(block, column);

/** The numbers of each row of a `time`, `uint64`, `uint32` or `uint8` column. Those beyond 2^53 lose their last bits. */
export const numbersOf = (block: Block, column: number): Float64Array => {
  const kind = kindOf(block, column);
  const view = viewOf(columnBytes(block, column));
  const numbers = new Float64Array(block.rows);
  for (let row = 0; row < block.rows; row++) numbers[row] = numberAt(view, kind, row);
  return numbers;
};

const numberAt = (view: DataView, kind: Column['kind'], row: number): number => {
  switch (kind) {
    case 'uint8':
      return view.getUint8(row);
    case 'uint32':
      return view.getUint32(row * 4, true);
    case 'uint64':
      return view.getUint32(row * 8 + 4, true) * HALF + view.getUint32(row * 8, true);
    case 'time':
      return view.getInt32(row * 8 + 4, true) * HALF + view.getUint32(row * 8, true);
    default:
      throw new RangeError(`a ${kind} column holds no plain numbers`);
  }
};

/** The scaled decimal (times 10^6) of a row, or null. */
export const decimalAt = (block: Block, column: number, row: number): bigint | null => {
  const bytes = columnBytes(block, column);
  if (row < 0 || row >= block.rows) throw new RangeError(`no row ${row} of ${block.rows}`);
  if (bytes[row] !== 0) return null;
  return viewOf(bytes).getBigInt64(block.rows + row * DECIMAL_VALUE_BYTES, true);
};

/** Stretches of rows `[from, to)` that are kept. */
const keptRuns = (keep: Uint8Array, rows: number): [number, number][] => {
  const runs: [number, number][] = [];
  let row = 0;
  while (row < rows) {
    while (row < rows && keep[row] !== 1) row++;
    const from = row;
    while (row < rows && keep[row] === 1) row++;
    if (row > from) runs.push([from, row]);
  }
  return runs;
};

const fixedRuns = (bytes: Uint8Array, width: number, runs: readonly [number, number][]): Uint8Array[] =>
  runs.map(([from, to]) => bytes.subarray(from * width, to * width));

/** The rows whose `keep` byte is 1, in order, as a block of new memory; the block itself when all are kept. */
export const filterBlock = <T extends Table>(block: Block<T>, keep: Uint8Array): Block<T> => {
  if (keep.length !== block.rows) throw new RangeError(`${keep.length} keep flags for ${block.rows} rows`);
  const runs = keptRuns(keep, block.rows);
  const rows = runs.reduce((sum, [from, to]) => sum + to - from, 0);
  if (rows === block.rows) return block;
  const columns = block.table.columns.map((column, index) => {
    const bytes = columnBytes(block, index);
    if (column.kind === 'string') {
      const offsets = stringOffsets(block, index);
      return joined(runs.map(([from, to]) => bytes.subarray(offsets[from], offsets[to])));
    }
    if (column.kind !== 'decimal') return joined(fixedRuns(bytes, WIDTHS[column.kind], runs));
    const values = bytes.subarray(block.rows);
    return joined([...fixedRuns(bytes, 1, runs), ...fixedRuns(values, DECIMAL_VALUE_BYTES, runs)]);
  });
  return { table: block.table, rows, columns };
};

/** A row as an object: strings, numbers (milliseconds for times), a decimal as its exact text or null. For tests, tools and plug-ins, not for hot paths. */
export type RowView = Record<string, string | number | null>;

/** One row of a block by name. Walks the string columns: O(row). */
export const rowView = (block: Block, row: number): RowView => {
  if (!Number.isInteger(row) || row < 0 || row >= block.rows)
    throw new RangeError(`no row ${row} of ${block.rows}`);
  const view: RowView = {};
  block.table.columns.forEach((column, index) => {
    view[column.name] = readerOf(block, column, index)(row);
  });
  return view;
};

/** All rows of a block as objects, in one pass over its columns. */
export const rowViews = (block: Block): RowView[] => {
  const views: RowView[] = Array.from({ length: block.rows }, () => ({}));
  block.table.columns.forEach((column, index) => {
    const read = readerOf(block, column, index);
    views.forEach((view, row) => {
      view[column.name] = read(row);
    });
  });
  return views;
};

const readerOf = (block: Block, column: Column, index: number): ((row: number) => string | number | null) => {
  if (column.kind === 'string') return stringsAt(block, index);
  if (column.kind === 'decimal')
    return function decimalOfRow(row) {
      const scaled = decimalAt(block, index, row);
      return scaled === null ? null : decimalText(scaled);
    };
  const view = viewOf(columnBytes(block, index));
  return function numberOfRow(row) {
    return numberAt(view, column.kind, row);
  };
};
