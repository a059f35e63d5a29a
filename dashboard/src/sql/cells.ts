/** A value of a row as one text. */
export const cellText = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** Characters that a cell shows; the row, opened, shows all. */
export const CELL_CHARS_MAX = 240;

const LINE_BREAK = /\s*[\r\n]+\s*/g;

/** The same on one line, and not longer than is seen anyway. */
export const shortCell = (value: unknown): string => {
  const text = cellText(value);
  const short = text.length > CELL_CHARS_MAX ? `${text.slice(0, CELL_CHARS_MAX)}…` : text;
  return short.replaceAll(LINE_BREAK, ' ⏎ ');
};

/** A type without what only tells how it is stored. */
export const shortType = (type: string): string => {
  const inner = /^LowCardinality\((.*)\)$/s.exec(type)?.[1];
  return inner ?? type;
};

const SAMPLE_ROWS = 60;
const WIDTH = { least: 7, most: 44, beside: 4 } as const;

/** Widths of columns in characters, by their heads and by the first rows. */
export const columnWidths = (
  columns: readonly { readonly name: string; readonly type: string }[],
  rows: readonly (readonly unknown[])[],
): readonly number[] =>
  columns.map(({ name, type }, at) => {
    const longest = rows
      .slice(0, SAMPLE_ROWS)
      .reduce(
        (most, row) => Math.max(most, shortCell(row[at]).length),
        Math.max(name.length, Math.min(shortType(type).length, name.length + 12)),
      );
    return Math.min(WIDTH.most, Math.max(WIDTH.least, longest + WIDTH.beside));
  });

/** A row as JSON, by the names of its columns; of columns with the same name the last one stays. */
export const rowJson = (columns: readonly { readonly name: string }[], row: readonly unknown[]): string =>
  JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])), null, 2);

/** A value to read: JSON is laid out. */
export const fullCell = (value: unknown): { readonly text: string; readonly isJson: boolean } => {
  const text = cellText(value);
  if (value !== null && typeof value === 'object')
    return { text: JSON.stringify(value, null, 2), isJson: true };
  if (typeof value !== 'string' || !/^\s*[[{]/.test(text)) return { text, isJson: false };
  try {
    return { text: JSON.stringify(JSON.parse(text), null, 2), isJson: true };
  } catch {
    return { text, isJson: false };
  }
};
