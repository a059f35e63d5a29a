import {
  countOf,
  cutRows,
  encodingProblem,
  isGarbled,
  problemRow,
  ROW_CHARS_MAX,
  type RowCutter,
} from './cutter.ts';
import { isObjectText, jsonElements, jsonMembers } from './json-text.ts';
import { type Columns, ImportError, type RowBatch, type RowReader, type SourceRow } from './row.ts';
import type { ByteSource } from './source.ts';
import type { TextChunk } from './text.ts';
import { type Value, valueOfJson } from './value.ts';

/** A row of a JSON file. Its members are only taken apart when asked for. */
class JsonRow implements SourceRow {
  readonly number: number;
  readonly line: number;
  readonly text: string;
  readonly problem: undefined = undefined;
  #members: ReadonlyMap<string, string> | undefined;

  constructor(number: number, line: number, text: string) {
    this.number = number;
    this.line = line;
    this.text = text;
  }

  get members(): ReadonlyMap<string, string> {
    this.#members ??= jsonMembers(this.text);
    return this.#members;
  }
}

const jsonRow = (
  number: number,
  line: number,
  text: string,
  garbled: boolean,
  encoding: string,
): SourceRow => {
  if (garbled) return problemRow(number, line, text, encodingProblem(encoding));
  try {
    JSON.parse(text);
  } catch (error) {
    return problemRow(number, line, text, `not valid JSON: ${(error as SyntaxError).message}`);
  }
  return isObjectText(text)
    ? new JsonRow(number, line, text)
    : problemRow(number, line, text, 'the row is not a JSON object');
};

/** One JSON object a line (https://github.com/ndjson/ndjson-spec); blank lines are passed over. */
class NdjsonCutter implements RowCutter {
  readonly #encoding: string;
  #rest = '';
  #dirty = false;
  #number = 0;
  #line = 0;
  #skipping = false;

  constructor(encoding: string) {
    this.#encoding = encoding;
  }

  push(chunk: TextChunk): SourceRow[] {
    this.#dirty = this.#rest.length > 0 ? this.#dirty || chunk.dirty : chunk.dirty;
    const lines = (this.#rest + chunk.text).split('\n');
    this.#rest = lines.pop() ?? '';
    const rows: SourceRow[] = [];
    for (const line of lines) this.#add(line, rows);
    if (this.#rest.length > ROW_CHARS_MAX) this.#skipLongLine(rows);
    return rows;
  }

  end(): SourceRow[] {
    const rows: SourceRow[] = [];
    this.#add(this.#rest, rows);
    this.#rest = '';
    return rows;
  }

  #add(line: string, rows: SourceRow[]): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    this.#line += 1;
    const text = line.trim();
    if (text === '') return;
    this.#number += 1;
    rows.push(jsonRow(this.#number, this.#line, text, isGarbled(text, this.#dirty), this.#encoding));
  }

  #skipLongLine(rows: SourceRow[]): void {
    if (!this.#skipping) {
      this.#number += 1;
      this.#line += 1;
      rows.push(
        problemRow(
          this.#number,
          this.#line,
          this.#rest,
          `the row is longer than ${ROW_CHARS_MAX} characters`,
        ),
      );
    }
    this.#rest = '';
    this.#skipping = true;
  }
}

/** Where the rows of a JSON file are. */
export type JsonShape = 'array' | 'events' | 'values';

const EVENTS_OBJECT = /^\s*\{\s*"events"\s*:\s*\[/u;

/** By the first characters: an array, an object that starts with `"events": [`, or one value after another. */
export const jsonShapeOf = (headText: string): JsonShape => {
  if (EVENTS_OBJECT.test(headText)) return 'events';
  return headText.trimStart().startsWith('[') ? 'array' : 'values';
};

/**
 * The elements of one large array (or of `{"events": [...]}`), or JSON values one after another, cut apart by following quotes and brackets, without holding the file in memory.
 * The other members of an `events` object are ignored; anything behind an array is refused, because then the file is not what it seems.
 */
class JsonCutter implements RowCutter {
  readonly #encoding: string;
  readonly #shape: JsonShape;
  #rest = '';
  #dirty = false;
  #number = 0;
  #line = 1;
  #state: 'before' | 'inside' | 'after';
  /** Scanning state at the end of `#rest`, so that no character is looked at twice. */
  #scanned = 0;
  #depth = 0;
  #inText = false;
  #escaped = false;

  constructor(shape: JsonShape, encoding: string) {
    this.#shape = shape;
    this.#encoding = encoding;
    this.#state = shape === 'values' ? 'inside' : 'before';
  }

  push(chunk: TextChunk): SourceRow[] {
    this.#dirty = this.#rest.length > 0 ? this.#dirty || chunk.dirty : chunk.dirty;
    this.#rest += chunk.text;
    const rows: SourceRow[] = [];
    if (this.#state === 'before') this.#open();
    if (this.#state === 'inside') this.#cut(rows);
    if (this.#state === 'after') this.#checkBehind();
    if (this.#rest.length > ROW_CHARS_MAX) this.#refuseLong();
    return rows;
  }

  end(): SourceRow[] {
    const rows: SourceRow[] = [];
    if (this.#state === 'after') return rows;
    if (this.#shape === 'values') this.#add(this.#rest, rows);
    else {
      const lead = this.#rest.length - this.#rest.trimStart().length;
      const where = `line ${this.#line + countOf('\n', this.#rest.slice(0, lead))}`;
      throw new ImportError(
        `The JSON array is not closed: the file ends inside row ${this.#number + 1} (${where}). Is the file complete?`,
      );
    }
    this.#rest = '';
    return rows;
  }

  /** Passes over what stands before the first element. */
  #open(): void {
    const start =
      this.#shape === 'events' ? EVENTS_OBJECT.exec(this.#rest)?.[0].length : this.#rest.indexOf('[') + 1;
    if (start === undefined || start === 0) return;
    this.#consume(start);
    this.#state = 'inside';
  }

  #cut(rows: SourceRow[]): void {
    let start = 0;
    let at = this.#scanned;
    const text = this.#rest;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inText) {
        this.#followText(code);
        continue;
      }
      if (code === 0x22) this.#inText = true;
      else if (code === 0x7b || code === 0x5b) this.#depth += 1;
      else if (code === 0x7d || code === 0x5d) {
        this.#depth -= 1;
        if (this.#depth < 0 && this.#shape === 'values') {
          this.#depth = 0; // a stray bracket: part of a malformed row
        } else if (this.#depth < 0) {
          this.#add(text.slice(start, at), rows);
          start = at + 1;
          this.#state = 'after';
          break;
        }
      }
      if (this.#depth === 0 && this.#endsValue(code)) {
        const end = code === 0x7d || code === 0x5d ? at + 1 : at;
        this.#add(text.slice(start, end), rows);
        start = at + 1;
      }
    }
    this.#rest = text.slice(start);
    this.#scanned = Math.max(0, at - start);
  }

  #followText(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === 0x5c) this.#escaped = true;
    else if (code === 0x22) this.#inText = false;
  }

  /** At depth 0: elements end with a comma, values that follow one another with the closing bracket or a line feed. */
  #endsValue(code: number): boolean {
    if (this.#shape !== 'values') return code === 0x2c;
    return code === 0x7d || code === 0x5d || code === 0x0a;
  }

  #add(piece: string, rows: SourceRow[]): void {
    const lead = piece.length - piece.trimStart().length;
    this.#line += countOf('\n', piece.slice(0, lead));
    const text = piece.trim();
    if (text !== '') {
      const unwrapped = this.#shape === 'values' ? eventsOf(text) : undefined;
      for (const row of unwrapped ?? [text]) {
        this.#number += 1;
        rows.push(jsonRow(this.#number, this.#line, row, isGarbled(row, this.#dirty), this.#encoding));
      }
    }
    this.#line += countOf('\n', piece.slice(lead));
  }

  #consume(length: number): void {
    this.#line += countOf('\n', this.#rest.slice(0, length));
    this.#rest = this.#rest.slice(length);
    this.#scanned = 0;
  }

  #checkBehind(): void {
    const text = this.#rest.trim();
    this.#consume(this.#rest.length);
    if (this.#shape === 'array' && text !== '') {
      throw new ImportError(
        `Line ${this.#line}: the JSON array ends here, and more follows. Is it one array a line? Then split the file.`,
      );
    }
  }

  #refuseLong(): void {
    throw new ImportError(
      `Row ${this.#number + 1} (line ${this.#line}) is longer than ${ROW_CHARS_MAX} characters or is never closed. ` +
        'If the file is one large JSON object, put its rows into a JSON array or one a line (NDJSON).',
    );
  }
}

/** The rows of an object with an array `events`; undefined for anything else. */
const eventsOf = (text: string): string[] | undefined => {
  if (!text.startsWith('{') || !text.includes('"events"')) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const events = jsonMembers(text).get('events');
  return events?.startsWith('[') === true ? jsonElements(events) : undefined;
};

/** Rows looked at to learn what members a JSON file has. */
const SAMPLE_ROWS = 1_000;
const PATH_DEPTH_MAX = 4;
const NAMES_MAX = 2_000;

/** Opens a JSON or NDJSON file. `sparse`: columns that the first rows do not have are accepted. */
export const openJson = async (
  source: ByteSource,
  headText: string,
  options: { readonly format: 'json' | 'ndjson'; readonly encoding: string; readonly sparse: boolean },
): Promise<RowReader> => {
  const cutter =
    options.format === 'ndjson'
      ? new NdjsonCutter(options.encoding)
      : new JsonCutter(jsonShapeOf(headText), options.encoding);
  const batches = cutRows(source, options.encoding, cutter)[Symbol.asyncIterator]();
  const first: RowBatch[] = [];
  for (let rows = 0; rows < SAMPLE_ROWS; ) {
    const next = await batches.next();
    if (next.done === true) break;
    first.push(next.value);
    rows += next.value.rows.length;
  }
  const sample = first.flatMap((batch) => batch.rows).slice(0, SAMPLE_ROWS);
  return {
    format: options.format,
    columns: objectColumns(sample, options.sparse),
    notes: [],
    sample,
    batches: () => chain(first, batches),
    close: () => Promise.resolve(source.close()),
  };
};

async function* chain(first: RowBatch[], rest: AsyncIterator<RowBatch>): AsyncGenerator<RowBatch> {
  for (let batch = first.shift(); batch !== undefined; batch = first.shift()) yield batch;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Access to the members of JSON rows: by name, or by a path of names with dots (`geoip.country_iso_code`); a member that has the whole name comes first. */
export const objectColumns = (sample: readonly SourceRow[], sparse: boolean): Columns => {
  const names = namesOf(sample);
  return {
    names: [...names],
    fixed: false,
    bind: (name) => {
      if (!sparse && names.size > 0 && names.size < NAMES_MAX && !names.has(name)) return undefined;
      const path = name.split('.');
      return (row) => memberAt(row.members, name, path);
    },
  };
};

const memberAt = (
  members: ReadonlyMap<string, string> | undefined,
  name: string,
  path: readonly string[],
): Value => {
  const whole = members?.get(name);
  if (whole !== undefined) return valueOfJson(whole);
  let within = members;
  let text: string | undefined;
  for (const step of path) {
    text = within?.get(step);
    if (text === undefined) return null;
    within = text.startsWith('{') ? jsonMembers(text) : undefined;
  }
  return text === undefined ? null : valueOfJson(text);
};

const namesOf = (sample: readonly SourceRow[]): Set<string> => {
  const names = new Set<string>();
  const collect = (members: ReadonlyMap<string, string>, prefix: string, depth: number): void => {
    for (const [key, text] of members) {
      if (names.size >= NAMES_MAX) return;
      names.add(prefix + key);
      if (depth < PATH_DEPTH_MAX && text.startsWith('{'))
        collect(jsonMembers(text), `${prefix}${key}.`, depth + 1);
    }
  };
  for (const row of sample) if (row.members !== undefined) collect(row.members, '', 1);
  return names;
};
