import { type Format, type TableFormat, TABLE_MEDIA } from '../contract/formats.ts';
import { arrowOf, parquetOf } from './binary-formats.ts';
import { checkTable, type Table } from './table.ts';
import { csvOf, ndjsonOf } from './text-formats.ts';

interface Written {
  /** Behind the media type in the Content-Type. */
  readonly parameters: string;
  /** Behind the point of file names. */
  readonly extension: string;
  readonly write: (table: Table) => string | Uint8Array;
}

const WRITERS: Readonly<Record<TableFormat, Written>> = {
  csv: { parameters: '; charset=utf-8; header=present', extension: 'csv', write: csvOf },
  ndjson: { parameters: '; charset=utf-8', extension: 'ndjson', write: ndjsonOf },
  parquet: { parameters: '', extension: 'parquet', write: parquetOf },
  arrow: {
    parameters: '',
    extension: 'arrow',
    write: (table) => arrowOf(table, 'file'),
  },
  arrow_stream: {
    parameters: '',
    extension: 'arrows',
    write: (table) => arrowOf(table, 'stream'),
  },
};

/** Formats by what `Accept` may call them. */
const ACCEPTED: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
  'application/vnd.apache.arrow.file': 'arrow',
  'application/vnd.apache.arrow.stream': 'arrow_stream',
};

interface Range {
  readonly name: string;
  readonly quality: number;
}

const rangeOf = (text: string): Range => {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((part) => part.startsWith('q='));
  return { name, quality: quality === undefined ? 1 : Number(quality.slice('q='.length)) };
};

/** The format that an `Accept` header likes best; of equals the one that it names first. JSON where it names none that there is. */
export const acceptedFormat = (accept: string | undefined): Format => {
  const ranges = (accept ?? '').split(',').map(rangeOf);
  const known = ranges.flatMap(({ name, quality }) =>
    Object.hasOwn(ACCEPTED, name) && quality > 0 ? [{ format: ACCEPTED[name] ?? 'json', quality }] : [],
  );
  return known.reduce<{ format: Format; quality: number }>(
    (best, each) => (each.quality > best.quality ? each : best),
    { format: 'json', quality: 0 },
  ).format;
};

/** The `Content-Type` of a file. */
export const contentTypeOf = (format: TableFormat): string =>
  `${TABLE_MEDIA[format]}${WRITERS[format].parameters}`;

/** A file made of a table. */
export interface TableFile {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const UNSAFE = /[^\w.-]+/gu;

/** Writes a table; `name` names the file, without ending. Throws ApiError `result_too_large`. */
export const writeTable = (table: Table, format: TableFormat, name: string): TableFile => {
  checkTable(table);
  const { extension, write } = WRITERS[format];
  return {
    body: write(table),
    headers: {
      'content-type': contentTypeOf(format),
      'content-disposition': `attachment; filename="${name.replace(UNSAFE, '_')}.${extension}"`,
    },
  };
};
