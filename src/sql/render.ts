import type { SqlAnswer } from '../contract/sql.ts';

type Rows = Pick<SqlAnswer, 'columns' | 'rows'>;

/** What makes spreadsheets take a text for a formula. */
const FORMULA_START = /^[=+\-@\t\r\n]/u;
/** Decimals and long integers are texts, and no formulas. */
const NUMBER = /^-?\d+(?:\.\d+)?$/u;

const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = FORMULA_START.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Rows as CSV after RFC 4180, with a line of names. Null is an empty cell, an empty text is quoted; lists and objects are JSON; a text that spreadsheets would run as a formula gets an apostrophe before it. */
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
