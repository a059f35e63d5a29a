import { fc } from '../../../test/support/fast-check.ts';
import type { Block } from '../block.ts';
import { BlockBuilder } from '../block-builder.ts';
import type { Column, Table } from '../columns.ts';

/** For tests: arbitrary rows and blocks of a table. */

/** A row as the tests state it: decimals scaled. */
export type TestRow = readonly (string | number | bigint | null)[];

const MS_MAX = 8.64e15;

const cellOf = (column: Column): fc.Arbitrary<string | number | bigint | null> => {
  switch (column.kind) {
    case 'string':
      return fc.oneof(
        { weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
        fc.string({ maxLength: 300, minLength: 100 }),
      );
    case 'uint8':
      return fc.nat(255);
    case 'uint32':
      return fc.nat(0xffff_ffff);
    case 'uint64':
      return fc.maxSafeNat();
    case 'time':
      return fc.integer({ min: -MS_MAX, max: MS_MAX });
    case 'decimal':
      return fc.option(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }));
  }
};

/** Arbitrary row of a table. */
export const rowOf = (table: Table): fc.Arbitrary<TestRow> => fc.tuple(...table.columns.map(cellOf));

/** Sets the columns of one row and ends it. */
export const addRow = (builder: BlockBuilder, row: TestRow): void => {
  builder.table.columns.forEach((column, index) => {
    const cell = row[index];
    if (cell === null || typeof cell === 'bigint') builder.decimal(index, cell);
    else if (typeof cell === 'string') builder.text(index, cell);
    else if (typeof cell === 'number') addNumber(builder, column, index, cell);
  });
  builder.endRow();
};

const addNumber = (builder: BlockBuilder, column: Column, index: number, value: number): void => {
  if (column.kind === 'uint8') builder.uint8(index, value);
  else if (column.kind === 'uint32') builder.uint32(index, value);
  else if (column.kind === 'uint64') builder.uint64(index, value);
  else builder.int64(index, value);
};

/** A block of the given rows. */
export const blockOf = <T extends Table>(table: T, rows: readonly TestRow[]): Block<T> => {
  const builder = new BlockBuilder(table, 16);
  for (const row of rows) addRow(builder, row);
  return builder.build();
};

/** Arbitrary block of a table with up to `rowsMax` rows. */
export const blockArbitrary = <T extends Table>(table: T, rowsMax = 8): fc.Arbitrary<Block<T>> =>
  fc.array(rowOf(table), { maxLength: rowsMax }).map((rows) => blockOf(table, rows));
