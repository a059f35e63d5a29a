import type { SqlAnswer } from '../contract/sql.ts';

type Rows = Pick<SqlAnswer, 'columns' | 'rows'>;

const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows as CSV after RFC 4180, with a line of names. Null is an empty cell; lists and objects are JSON. */
export const toCsv = ({ columns, rows }: Rows): string =>
  [columns.map(({ name }) => name), ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');

/** Rows as one JSON object a line. Of columns with the same name the last one stays. */
export const toNdjson = ({ columns, rows }: Rows): string =>
  rows
    .map((cells) => {
      const object = Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]));
      return `${JSON.stringify(object)}\n`;
    })
    .join('');
