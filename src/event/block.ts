import type { Table } from './columns.ts';

/**
 * Rows as columns, each column's bytes laid out as in ClickHouse's Native format: appending two blocks is a concatenation per column and loading one is
 * a copy. Immutable once built; may be a view into a log record's bytes.
 */
export interface Block<T extends Table = Table> {
  readonly table: T;
  readonly rows: number;
  /** One entry a column of the table, in its order. A `decimal` column is the null bytes followed by the values. */
  readonly columns: readonly Uint8Array[];
}
