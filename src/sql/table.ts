import type { SqlAnswer } from '../contract/sql.ts';
import type { Cell, ColumnType, Table } from '../table/table.ts';

/** What a column holds, by the engine's name of its type. What is not here is text: dates, decimals (exact), lists as JSON. */
const TYPES: readonly (readonly [type: RegExp, column: ColumnType])[] = [
  [/^U?Int(?:8|16|32|64)$/u, 'integer'],
  [/^(?:B?Float)\d+$/u, 'number'],
  [/^Bool$/u, 'boolean'],
  [/^DateTime(?:64)?(?:\(|$)/u, 'instant'],
];

const WRAPPED = /^(?:Nullable|LowCardinality)\((.*)\)$/su;

const plainType = (type: string): string => {
  const inner = WRAPPED.exec(type)?.[1];
  return inner === undefined ? type : plainType(inner);
};

const columnType = (type: string, cells: readonly unknown[]): ColumnType => {
  const plain = plainType(type);
  const known = TYPES.find(([pattern]) => pattern.test(plain))?.[1] ?? 'text';
  // Integers that a double does not hold come as text, and stay exact as text.
  return known === 'integer' && cells.some((cell) => typeof cell === 'string') ? 'text' : known;
};

const cellOf = (value: unknown, type: ColumnType): Cell => {
  if (value === null || value === undefined) return null;
  if (type === 'number' || type === 'integer') return Number(value);
  if (type === 'boolean') return Boolean(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** An answer in SQL as a table, for formats that know types. Columns of the same name are told apart by a number. */
export const sqlTable = ({ columns, rows }: Pick<SqlAnswer, 'columns' | 'rows'>): Table => {
  const names = new Set<string>();
  const made = columns.map(({ name, type }, index) => {
    let free = name;
    for (let number = 2; names.has(free); number++) free = `${name}_${number}`;
    names.add(free);
    return {
      name: free,
      type: columnType(
        type,
        rows.map((row) => row[index]),
      ),
    };
  });
  return {
    columns: made,
    rows: rows.map((row) => made.map(({ type }, index) => cellOf(row[index], type))),
  };
};
