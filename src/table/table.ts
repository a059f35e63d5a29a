import { ApiError } from '../event/errors.ts';

/** What a column holds. `instant`: an ISO 8601 text with offset. `integer`: whole, exact to 2^53. */
export type ColumnType = 'text' | 'number' | 'integer' | 'boolean' | 'instant';

/** One value; null where there is none. */
export type Cell = string | number | boolean | null;

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A flat form of an answer: what all formats but JSON are made of. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Rows of one table. */
export const TABLE_ROWS_MAX = 200_000;
/** Characters of all texts of one table: a text that JSON names once stands in each of its rows here. */
export const TABLE_TEXT_MAX = 64 * 1024 * 1024;

/** One column of rows of another kind: its name, its type, and what it shows of a row. */
export interface ColumnOf<Row> extends TableColumn {
  readonly of: (row: Row) => Cell;
}

/** A table of rows. Columns of the same name are told apart by a number. */
export const tableOfRows = <Row>(columns: readonly ColumnOf<Row>[], rows: readonly Row[]): Table => {
  const names = new Set<string>();
  return {
    columns: columns.map(({ name, type }) => {
      let free = name;
      for (let number = 2; names.has(free); number++) free = `${name}_${number}`;
      names.add(free);
      return { name: free, type };
    }),
    rows: rows.map((row) => columns.map(({ of }) => of(row))),
  };
};

/** Throws ApiError `result_too_large` for a table that would take too much memory to write. */
export const checkTable = ({ rows }: Table): void => {
  const say = (count: number) => count.toLocaleString('en');
  if (rows.length > TABLE_ROWS_MAX)
    throw new ApiError(
      'result_too_large',
      `The table would have ${say(rows.length)} rows; at most ${say(TABLE_ROWS_MAX)} are written. Ask for fewer groups, a coarser interval or a shorter range.`,
    );
  let characters = 0;
  for (const row of rows)
    for (const cell of row) {
      if (typeof cell === 'string') characters += cell.length;
      if (characters > TABLE_TEXT_MAX)
        throw new ApiError(
          'result_too_large',
          `The texts of the table have more than ${say(TABLE_TEXT_MAX)} characters together. Ask for JSON, which names each group once, or for fewer groups.`,
        );
    }
};

/** Milliseconds since 1970 of the cells of a column of instants: tables repeat few of them in many rows. */
export const instantReader = (): ((cell: Cell) => number | null) => {
  const known = new Map<Cell, number | null>([[null, null]]);
  return (cell) => {
    const read = known.get(cell);
    if (read !== undefined) return read;
    const ms = Temporal.Instant.from(String(cell)).epochMilliseconds;
    known.set(cell, ms);
    return ms;
  };
};
