import { isObjectText } from './json-text.ts';
import { openCsv } from './read-csv.ts';
import { openJson } from './read-json.ts';
import { openParquet } from './read-parquet.ts';
import { type Format, ImportError, type RowReader } from './row.ts';
import type { ByteSource } from './source.ts';
import { checkEncoding, encodingOf } from './text.ts';

/** How the user says that a file is to be read; everything absent is detected. */
export interface ReadOptions {
  readonly format?: Format;
  /** A label of the Encoding Standard; default: by byte order mark, else UTF-8. */
  readonly encoding?: string;
  /** CSV only: one character, or `tab`. */
  readonly delimiter?: string;
  /** CSV only, default true. */
  readonly header?: boolean;
  /** JSON only: accept names of columns that the first rows do not have. */
  readonly sparse?: boolean;
}

/** Opens the rows of a source. Throws ImportError. */
export const openRows = async (source: ByteSource, options: ReadOptions): Promise<RowReader> => {
  if (source.head.length === 0) throw new ImportError(`${source.name} is empty.`);
  const encoding = options.encoding === undefined ? encodingOf(source.head) : checkEncoding(options.encoding);
  const format = options.format ?? detectFormat(source, encoding);
  if (format === 'parquet') return openParquet(source);
  const headText = textOfHead(source.head, encoding);
  if (format === 'csv') {
    const delimiter = options.delimiter === undefined ? undefined : checkDelimiter(options.delimiter);
    return openCsv(source, headText, { encoding, delimiter, header: options.header ?? true });
  }
  return openJson(source, headText, { format, encoding, sparse: options.sparse ?? false });
};

const textOfHead = (head: Uint8Array, encoding: string): string => new TextDecoder(encoding).decode(head);

const checkDelimiter = (text: string): string => {
  const delimiter = { tab: '\t', '\\t': '\t', comma: ',', semicolon: ';', space: ' ' }[text] ?? text;
  if (delimiter.length !== 1 || delimiter === '"' || delimiter === '\n' || delimiter === '\r') {
    throw new ImportError(`The delimiter must be one character (or "tab"), not ${JSON.stringify(text)}.`);
  }
  return delimiter;
};

const PARQUET_MAGIC = 'PAR1';

/** What a file is, by its content; its name decides only where the content says nothing. */
export const detectFormat = (source: Pick<ByteSource, 'head' | 'name'>, encoding: string): Format => {
  if (source.head.subarray(0, PARQUET_MAGIC.length).toString('latin1') === PARQUET_MAGIC) return 'parquet';
  const text = textOfHead(source.head, encoding).trimStart();
  if (text.startsWith('[')) return 'json';
  if (!text.startsWith('{')) return /\.(?:ndjson|jsonl)\b/iu.test(source.name) ? 'ndjson' : 'csv';
  const lineEnd = text.indexOf('\n');
  const firstLine = (lineEnd < 0 ? text : text.slice(0, lineEnd)).trim();
  const hasMore = lineEnd >= 0 && text.slice(lineEnd).trim() !== '';
  if (/\.(?:ndjson|jsonl)\b/iu.test(source.name)) return 'ndjson';
  return hasMore && isCompleteObject(firstLine) ? 'ndjson' : 'json';
};

const isCompleteObject = (text: string): boolean => {
  try {
    JSON.parse(text);
    return isObjectText(text);
  } catch {
    return false;
  }
};
