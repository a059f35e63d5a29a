import {
  bool,
  type DataType,
  float64,
  int64,
  tableFromArrays,
  tableToIPC,
  timestamp,
  TimeUnit,
  utf8,
} from '@uwdata/flechette';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import { type Cell, type ColumnType, instantReader, type Table } from './table.ts';

const cellsOf = ({ rows }: Table, index: number): Cell[] => rows.map((row) => row[index] ?? null);

const PARQUET_TYPES: Readonly<Record<ColumnType, BasicType>> = {
  text: 'STRING',
  number: 'DOUBLE',
  integer: 'INT64',
  boolean: 'BOOLEAN',
  instant: 'TIMESTAMP',
};

/** How the cells of a column are given to the Parquet writer. */
const parquetCells = (type: ColumnType): ((cell: Cell) => unknown) => {
  if (type === 'integer') return (cell) => (cell === null ? null : BigInt(cell));
  if (type !== 'instant') return (cell) => cell;
  const read = instantReader();
  return (cell) => {
    const ms = read(cell);
    return ms === null ? null : new Date(ms);
  };
};

/** A Parquet file, compressed with Snappy. Instants are UTC, in milliseconds; every column may hold nulls. */
export const parquetOf = (table: Table): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: table.columns.map(({ name, type }, index) => ({
        name,
        data: cellsOf(table, index).map(parquetCells(type)),
        type: PARQUET_TYPES[type],
        nullable: true,
      })),
      createdBy: 'aevum',
    }),
  );

const arrowType = (type: ColumnType): DataType => {
  switch (type) {
    case 'text':
      return utf8();
    case 'number':
      return float64();
    case 'integer':
      return int64();
    case 'boolean':
      return bool();
    case 'instant':
      return timestamp(TimeUnit.MILLISECOND, 'UTC');
  }
};

/** How the cells of a column are given to the Arrow writer. */
const arrowCells = (type: ColumnType): ((cell: Cell) => unknown) => {
  if (type === 'instant') return instantReader();
  return (cell) => (type === 'integer' && cell !== null ? BigInt(cell) : cell);
};

/** Arrow, as a file (`.arrow`, Feather version 2) or as a stream of messages. Instants are UTC, in milliseconds. */
export const arrowOf = (table: Table, format: 'file' | 'stream'): Uint8Array => {
  const names = table.columns.map(({ name }) => name);
  const arrays = table.columns.map(({ name, type }, index): [string, unknown[]] => [
    name,
    cellsOf(table, index).map(arrowCells(type)),
  ]);
  const types = Object.fromEntries(
    names.map((name, index) => [name, arrowType(table.columns[index]?.type ?? 'text')]),
  );
  const bytes = tableToIPC(tableFromArrays(arrays, { types, useBigInt: true }), { format });
  if (bytes === null) throw new Error('the Arrow writer made no bytes');
  return bytes;
};
