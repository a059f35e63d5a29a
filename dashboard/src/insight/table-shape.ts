import type { Unit } from '../chart/units.ts';
import type { Drill } from './group.ts';

/** A column of a table of an answer. */
export interface TableColumn {
  readonly head: string;
  /** Its numbers; texts have none. */
  readonly unit?: Unit;
}

/** A text, a number, or nothing. */
export type TableCell = string | number | null;

/** A row, with a cell for each column. */
export interface TableRow {
  readonly cells: readonly TableCell[];
  /** Units of cells that have another than their column. */
  readonly units?: Readonly<Record<number, Unit>>;
  readonly drill?: Drill;
}

/** An answer, or a part of one, as a table. */
export interface TableShape {
  /** What it holds, where an answer has several. */
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

const COUNT: Unit = { kind: 'count' };
const SHARE: Unit = { kind: 'share' };
const TIME: Unit = { kind: 'time' };
const NUMBER: Unit = { kind: 'number' };

/** Columns of the common units. */
export const texts = (head: string): TableColumn => ({ head });
export const counts = (head: string): TableColumn => ({ head, unit: COUNT });
export const shares = (head: string): TableColumn => ({ head, unit: SHARE });
export const times = (head: string): TableColumn => ({ head, unit: TIME });
export const numbers = (head: string): TableColumn => ({ head, unit: NUMBER });

/** A currency as a unit. */
export const moneyUnit = (currency: string | null | undefined): Unit =>
  typeof currency === 'string' ? { kind: 'money', currency } : NUMBER;

const compareCells = (a: TableCell, b: TableCell): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
};

/** The rows by a column, those without a value last. Rows with equal cells stay in their order. */
export const sortedRows = (rows: readonly TableRow[], column: number, isDown: boolean): TableRow[] => {
  const sign = isDown ? -1 : 1;
  return [...rows].sort((one, other) => {
    const a = one.cells[column] ?? null;
    const b = other.cells[column] ?? null;
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * compareCells(a, b);
  });
};

const QUOTED = /[",\r\n]/;
/** What a spreadsheet would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

const csvCell = (cell: TableCell): string => {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** A table as CSV: numbers with all their digits. */
export const csvOf = ({ columns, rows }: TableShape): string =>
  [columns.map(({ head }) => head), ...rows.map(({ cells }) => cells)]
    .map((cells) => cells.map(csvCell).join(','))
    .join('\r\n');
