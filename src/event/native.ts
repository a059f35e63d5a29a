import type { Block } from './block.ts';
import { columnBytes } from './blocks.ts';
import type { ColumnKind, Table } from './columns.ts';
import { LEB_BYTES_MAX, writeLeb } from './layout.ts';

/** The ClickHouse type that each layout is, byte for byte. */
export const NATIVE_TYPES: Readonly<Record<ColumnKind, string>> = {
  string: 'String',
  uint8: 'UInt8',
  uint32: 'UInt32',
  uint64: 'UInt64',
  time: "DateTime64(3, 'UTC')",
  decimal: 'Nullable(Decimal(18, 6))',
};

/** A column that a loader adds to a block: one value a row. */
export interface ExtraColumn {
  readonly name: string;
  readonly type: 'UInt64';
  readonly values: BigUint64Array;
}

const leb = (value: number): Uint8Array => {
  const bytes = new Uint8Array(LEB_BYTES_MAX);
  return bytes.subarray(0, writeLeb(bytes, 0, value));
};

const text = (value: string): Uint8Array[] => {
  const bytes = Buffer.from(value, 'utf8');
  return [leb(bytes.length), bytes];
};

/**
 * A block in ClickHouse's Native format, as sent over HTTP (no block info): number of columns and rows, then per column its name, type and data. Given as parts to
 * be written one after another; the data parts are the block's own bytes, not copies. Blocks may follow each other in one body.
 *
 * Throws RangeError when an extra column does not have as many values as the block has rows.
 */
export const encodeNative = (block: Block, extra: readonly ExtraColumn[] = []): Uint8Array[] =>
  encodeNativeOf(block.table, [block], extra);

/** The rows of several blocks of a table, in their order, as one block in Native format; see `encodeNative`. */
export const encodeNativeOf = (
  table: Table,
  blocks: readonly Block[],
  extra: readonly ExtraColumn[],
): Uint8Array[] => {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const parts: Uint8Array[] = [leb(table.columns.length + extra.length), leb(rows)];
  table.columns.forEach((column, index) => {
    parts.push(...text(column.name), ...text(NATIVE_TYPES[column.kind]));
    const data = blocks.map((block) => ({ bytes: columnBytes(block, index), rows: block.rows }));
    // All null bytes come before all values.
    if (column.kind === 'decimal')
      parts.push(
        ...data.map(({ bytes, rows: count }) => bytes.subarray(0, count)),
        ...data.map(({ bytes, rows: count }) => bytes.subarray(count)),
      );
    else parts.push(...data.map(({ bytes }) => bytes));
  });
  for (const { name, type, values } of extra) {
    if (values.length !== rows) throw new RangeError(`${values.length} values of ${name} for ${rows} rows`);
    parts.push(
      ...text(name),
      ...text(type),
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
  }
  return mergeSmall(parts);
};

/** Parts up to this size are merged with their neighbours: a header of a few bytes is not worth a write of its own. */
const SMALL_PART_BYTES = 256;

const mergeSmall = (parts: readonly Uint8Array[]): Uint8Array[] => {
  const merged: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  for (const part of parts) {
    if (part.length <= SMALL_PART_BYTES) {
      small.push(part);
      continue;
    }
    if (small.length > 0) merged.push(Buffer.concat(small));
    small = [];
    merged.push(part);
  }
  if (small.length > 0) merged.push(Buffer.concat(small));
  return merged;
};
