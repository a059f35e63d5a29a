import type { Cell, Table } from './table.ts';

/** What makes spreadsheets take a text for a formula. */
const FORMULA_START = /^[=+\-@\t\r\n]/u;
const NEEDS_QUOTES = /[",\r\n]/u;

/**
 * One field of CSV. A text that spreadsheets would run as a formula gets an apostrophe before it; numbers never do. An empty text is quoted, so that it differs from none.
 */
const csvField = (cell: Cell): string => {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA_START.test(cell) ? `'${cell}` : cell;
  return safe === '' || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** CSV by RFC 4180: a line of names, then one a row, each ended by CR LF. UTF-8. */
export const csvOf = ({ columns, rows }: Table): string => {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(csvField).join(','));
  return `${lines.join('\r\n')}\r\n`;
};

/** One JSON object a row, a line each. */
export const ndjsonOf = ({ columns, rows }: Table): string =>
  rows
    .map(
      (row) =>
        `{${columns.map(({ name }, index) => `${JSON.stringify(name)}:${JSON.stringify(row[index] ?? null)}`).join(',')}}\n`,
    )
    .join('');
