import { type Columns, ImportError, type RowReader, type SourceRow } from './row.ts';
import {
  countOf,
  cutRows,
  encodingProblem,
  isGarbled,
  problemRow,
  ROW_CHARS_MAX,
  type RowCutter,
} from './cutter.ts';
import type { ByteSource } from './source.ts';
import type { TextChunk } from './text.ts';

/**
 * CSV as in RFC 4180, and as it is found: any one-character delimiter, quoted fields with line breaks, doubled quotes, CRLF, LF and CR, byte order mark, a quote inside an
 * unquoted field taken as it stands. Cutting is by lines, so one malformed row spoils only itself: a quote that is never closed makes its own
 * line a problem row, and reading goes on with the next line. (The `csv-parse` package ends there, gives no original text of a later row, and joins lines
 * with other line endings than the first; it serves as an oracle in the tests.)
 */

/** How to read a CSV file. */
export interface CsvOptions {
  readonly encoding: string;
  /** One character; undefined: detected. */
  readonly delimiter: string | undefined;
  /** Whether the first row has the column names; otherwise they are column_1, column_2, … */
  readonly header: boolean;
}

/** A quoted field that is not closed within this many characters is taken for a stray quote. */
const QUOTED_ROW_CHARS_MAX = 1024 * 1024;

/** Delimiters that are tried, in order of preference. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Rows of the head that the delimiter is detected from. */
const SAMPLE_ROWS = 20;

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'vertical bar',
};

/** Opens a CSV file. Throws ImportError when it has no header. */
export const openCsv = (source: ByteSource, headText: string, options: CsvOptions): RowReader => {
  const newline = newlineOf(headText);
  const delimiter = options.delimiter ?? detectDelimiter(headText, newline);
  const notes =
    options.delimiter === undefined ? [`delimiter: ${DELIMITER_NAMES[delimiter] ?? delimiter}`] : [];
  const first = firstRow(headText, delimiter, newline);
  const names = options.header ? uniqueNames(first, notes) : first.map((_, index) => `column_${index + 1}`);
  const cutter = new CsvCutter({
    delimiter,
    newline,
    encoding: options.encoding,
    header: options.header,
    width: names.length,
  });
  return {
    format: 'csv',
    columns: tableColumns(names, true),
    notes,
    batches: () => cutRows(source, options.encoding, cutter),
    close: () => Promise.resolve(source.close()),
  };
};

const firstRow = (headText: string, delimiter: string, newline: string): string[] => {
  const cutter = new CsvCutter({ delimiter, newline, encoding: 'utf-8', header: false, width: undefined });
  const rows = cutter.push({ text: headText, dirty: false });
  const first = rows[0] ?? cutter.end()[0];
  if (first === undefined) throw new ImportError('The file is empty: it has not even a header row.');
  if (first.cells === undefined)
    throw new ImportError(`The header row cannot be read: ${first.problem ?? 'it is malformed'}.`);
  return first.cells as string[];
};

/** CR alone ends lines only in files that have no LF at all (in their head). */
const newlineOf = (headText: string): string =>
  headText.includes('\r') && !headText.includes('\n') ? '\r' : '\n';

/** The delimiter that splits the first rows into the same number of columns, more than one; the most columns win. */
export const detectDelimiter = (headText: string, newline = newlineOf(headText)): string => {
  let best: string = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const cutter = new CsvCutter({ delimiter, newline, encoding: 'utf-8', header: false, width: undefined });
    const rows = [...cutter.push({ text: headText, dirty: false }), ...cutter.end()].slice(0, SAMPLE_ROWS);
    const width = rows[0]?.cells?.length ?? 0;
    const alike = rows.filter((row) => row.cells?.length === width).length;
    const score = width < 2 ? 0 : (alike / rows.length) * 1000 + Math.min(width, 500);
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
};

/** Column names, trimmed, with stand-ins for empty and repeated ones. */
const uniqueNames = (header: readonly string[], notes: string[]): string[] => {
  const taken = new Set<string>();
  return header.map((cell, index) => {
    const wanted = cell.trim() === '' ? `column_${index + 1}` : cell.trim();
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    taken.add(name);
    if (name !== cell.trim()) notes.push(`column ${index + 1} (${JSON.stringify(cell)}) is called ${name}`);
    return name;
  });
};

/** Access to the cells of a table by name. `emptyIsNull`: an empty cell is no value (CSV cannot tell the difference). */
export const tableColumns = (names: readonly string[], emptyIsNull: boolean): Columns => ({
  names,
  fixed: true,
  bind: (name) => {
    const index = names.indexOf(name);
    if (index < 0) return undefined;
    return (row) => {
      const cell = row.cells?.[index] ?? null;
      return cell === '' && emptyIsNull ? null : cell;
    };
  },
});

interface CutterOptions {
  readonly delimiter: string;
  readonly newline: string;
  readonly encoding: string;
  readonly header: boolean;
  /** Cells that a row must have; undefined: any number. */
  readonly width: number | undefined;
}

/** A row whose quotes were followed: its cells, where the next row starts, or why not. */
type Quoted =
  | { readonly kind: 'cells'; readonly cells: string[]; readonly end: number }
  | { readonly kind: 'malformed'; readonly problem: string; readonly end: number }
  /** The text ends inside a quoted field. */
  | { readonly kind: 'open' };

class CsvCutter implements RowCutter {
  readonly #options: CutterOptions;
  #rest = '';
  #dirty = false;
  #number = 0;
  #line = 1;
  #headerDue: boolean;
  /** Inside a line that is longer than is kept: drop everything up to its end. */
  #skipping = false;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#headerDue = options.header;
  }

  push(chunk: TextChunk): SourceRow[] {
    this.#dirty = this.#rest.length > 0 ? this.#dirty || chunk.dirty : chunk.dirty;
    const text = this.#rest + chunk.text;
    const rows: SourceRow[] = [];
    const consumed = this.#cut(text, rows, false);
    this.#rest = text.slice(consumed);
    if (this.#rest.length > ROW_CHARS_MAX) this.#skipLongLine(rows);
    return rows;
  }

  end(): SourceRow[] {
    const rows: SourceRow[] = [];
    this.#cut(this.#rest, rows, true);
    this.#rest = '';
    return rows;
  }

  /** Cuts all rows that are complete; returns the offset behind them. */
  #cut(text: string, rows: SourceRow[], atEnd: boolean): number {
    const { newline } = this.#options;
    let at = this.#skipping ? this.#endOfSkipped(text) : 0;
    let quoteAt = text.indexOf('"', at);
    while (at < text.length) {
      const found = text.indexOf(newline, at);
      if (found < 0 && !atEnd) return at;
      const lineEnd = found < 0 ? text.length : found;
      if (quoteAt >= 0 && quoteAt < at) quoteAt = text.indexOf('"', at);
      if (quoteAt < 0 || quoteAt > lineEnd) {
        this.#plainLine(text, at, lineEnd, rows);
        at = lineEnd + 1;
        continue;
      }
      const quoted = this.#quotedRow(text, at, atEnd);
      if (quoted.kind === 'open' && !atEnd && text.length - at <= QUOTED_ROW_CHARS_MAX) return at;
      at = this.#addQuoted(quoted, text, at, lineEnd, rows);
    }
    return text.length;
  }

  #addQuoted(quoted: Quoted, text: string, at: number, lineEnd: number, rows: SourceRow[]): number {
    if (quoted.kind === 'open') {
      this.#problem(text.slice(at, lineEnd), 'a quote is opened and never closed', rows);
      return lineEnd + 1;
    }
    const original = text.slice(at, Math.max(at, quoted.end - 1));
    if (quoted.kind === 'malformed') this.#problem(original, quoted.problem, rows);
    else this.#add(withoutReturn(original), quoted.cells, rows);
    return quoted.end;
  }

  #plainLine(text: string, start: number, end: number, rows: SourceRow[]): void {
    const line = withoutReturn(text.slice(start, end));
    if (line.length === 0) this.#line += 1;
    else this.#add(line, line.split(this.#options.delimiter), rows);
  }

  #add(original: string, cells: string[], rows: SourceRow[]): void {
    const { width, encoding } = this.#options;
    if (this.#headerDue) {
      this.#headerDue = false;
      this.#line += this.#linesIn(original);
    } else if (width !== undefined && cells.length !== width) {
      this.#problem(original, `the row has ${cells.length} columns, the header has ${width}`, rows);
    } else if (isGarbled(original, this.#dirty)) {
      this.#problem(original, encodingProblem(encoding), rows);
    } else {
      rows.push({ number: ++this.#number, line: this.#line, text: original, problem: undefined, cells });
      this.#line += this.#linesIn(original);
    }
  }

  #problem(original: string, problem: string, rows: SourceRow[]): void {
    const text = withoutReturn(original);
    rows.push(problemRow(++this.#number, this.#line, text, problem));
    this.#line += this.#linesIn(text);
  }

  /** Follows the quotes of the row that starts at `start`. */
  #quotedRow(text: string, start: number, atEnd: boolean): Quoted {
    const { delimiter, newline } = this.#options;
    const cells: string[] = [];
    let at = start;
    for (;;) {
      let end: number;
      if (text.charCodeAt(at) === 0x22) {
        const closed = closingQuote(text, at);
        // The last character may be the first half of a doubled quote.
        if (closed < 0 || (closed + 1 >= text.length && !atEnd)) return { kind: 'open' };
        cells.push(text.slice(at + 1, closed).replaceAll('""', '"'));
        end = closed + 1;
      } else {
        end = endOfPlainCell(text, at, delimiter, newline);
        cells.push(text.slice(at, end));
      }
      const after = text.charAt(end);
      if (after === delimiter) {
        at = end + 1;
        continue;
      }
      if (after === '' && !atEnd) return { kind: 'open' };
      return this.#endOfRow(text, cells, end);
    }
  }

  /** The row ends here, or something stands behind a closing quote that cannot. */
  #endOfRow(text: string, cells: string[], end: number): Quoted {
    const { newline } = this.#options;
    const lineEnd = text.indexOf(newline, end);
    const behind = text.slice(end, lineEnd < 0 ? text.length : lineEnd);
    const next = (lineEnd < 0 ? text.length : lineEnd) + 1;
    if (behind !== '' && behind !== '\r') {
      return {
        kind: 'malformed',
        problem: `column ${cells.length} has text behind its closing quote`,
        end: next,
      };
    }
    const last = cells.length - 1;
    const lastCell = cells[last] ?? '';
    if (text.charCodeAt(end - 1) !== 0x22) cells[last] = withoutReturn(lastCell);
    return { kind: 'cells', cells, end: next };
  }

  #linesIn(original: string): number {
    return 1 + countOf(this.#options.newline, original);
  }

  #skipLongLine(rows: SourceRow[]): void {
    this.#problem(this.#rest, `the row is longer than ${ROW_CHARS_MAX} characters`, rows);
    this.#rest = '';
    this.#skipping = true;
  }

  #endOfSkipped(text: string): number {
    const found = text.indexOf(this.#options.newline);
    if (found < 0) return text.length;
    this.#skipping = false;
    return found + 1;
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** Offset of the quote that closes the field opened at `at`, or -1. */
const closingQuote = (text: string, at: number): number => {
  let from = at + 1;
  for (;;) {
    const found = text.indexOf('"', from);
    if (found < 0 || text.charCodeAt(found + 1) !== 0x22) return found;
    from = found + 2;
  }
};

const endOfPlainCell = (text: string, at: number, delimiter: string, newline: string): number => {
  const line = text.indexOf(newline, at);
  const end = line < 0 ? text.length : line;
  const cell = text.indexOf(delimiter, at);
  return cell < 0 || cell > end ? end : cell;
};
