import type { Value } from './value.ts';

/** One row of a file as a reader found it. */
export interface SourceRow {
  /** 1-based position among the rows of the file: header and blank lines do not count. */
  readonly number: number;
  /** Line of the file on which it starts, 1-based; 0 in formats without lines. */
  readonly line: number;
  /** Its original text, for the quarantine. Parquet: a JSON rendering. */
  readonly text: string;
  /** Why it could not be read; then it has neither cells nor members. */
  readonly problem: string | undefined;
  /** Tables (CSV, Parquet): one value a column. */
  readonly cells?: readonly Value[];
  /** JSON: the members of the object, each as its original JSON text. */
  readonly members?: ReadonlyMap<string, string>;
}

/** Some rows in order, and how far into the file reading has come with them. */
export interface RowBatch {
  readonly rows: readonly SourceRow[];
  /** Bytes of the file as it lies on disk (compressed, if it is) that were read so far. */
  readonly bytesRead: number;
}

/** The columns that a file has, as far as is known. */
export interface Columns {
  /** In the order of the file. JSON: the members and nested paths that the first rows have. */
  readonly names: readonly string[];
  /** Whether other names than these are impossible. */
  readonly fixed: boolean;
  /** Access to a column by name; undefined when there is none. */
  bind(name: string): ((row: SourceRow) => Value) | undefined;
}

/** A file opened for reading its rows, from the start, once. */
export interface RowReader {
  readonly format: Format;
  readonly columns: Columns;
  /** What the reader found out or decided, in words for the user: the delimiter, renamed columns. */
  readonly notes: readonly string[];
  /** JSON: the first rows, looked at beforehand. They come again with `batches`. */
  readonly sample?: readonly SourceRow[];
  batches(): AsyncIterable<RowBatch>;
  close(): Promise<void>;
}

/** Kinds of files that are read. */
export const FORMATS = ['csv', 'ndjson', 'json', 'parquet'] as const;
/** One of `FORMATS`. */
export type Format = (typeof FORMATS)[number];

/** Something about the file or the options makes importing impossible. The message says what to do. */
export class ImportError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImportError';
  }
}
