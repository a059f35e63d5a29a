import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type Decimal, parseDecimal } from '../lib/decimal.ts';
import { tableColumns } from './read-csv.ts';
import { ImportError, type RowBatch, type RowReader } from './row.ts';
import { type ByteSource, spool } from './source.ts';
import { jsonOf, RawJson, type Value, wholeNumber } from './value.ts';

/**
 * Parquet, by hyparquet: one row group in memory at a time. Decimals are read as the integers they are stored as, so they are exact; times keep their
 * digits as ISO 8601 text, without a zone when the file says that they are local times.
 */

/** Largest row group that is read, bytes uncompressed: a bound on memory. */
const ROW_GROUP_BYTES_MAX = 1024 * 1024 * 1024;

/** Rows handed on at a time. */
const BATCH_ROWS = 2_000;

/** How a top-level column's cells become values. */
type Convert = (cell: unknown) => Value;

/** Opens a Parquet file; a compressed one or standard input is first written to a temporary file, because its directory is at the end. */
export const openParquet = async (source: ByteSource): Promise<RowReader> => {
  const direct = source.path !== undefined && source.compression === 'none';
  const spooled = direct ? undefined : await spool(source);
  source.close();
  const path = spooled?.path ?? source.path ?? '';
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await metadataOf(file, source.name);
    const converts = prepareColumns(metadata);
    const names = [...converts.keys()];
    return {
      format: 'parquet',
      columns: tableColumns(names, false),
      notes: [`${metadata.num_rows} rows in ${metadata.row_groups.length} row groups`],
      batches: () => readGroups(file, metadata, [...converts.values()], source.size ?? file.byteLength),
      close: async () => spooled?.remove(),
    };
  } catch (error) {
    await spooled?.remove();
    throw error;
  }
};

const metadataOf = async (file: AsyncBuffer, name: string): Promise<FileMetaData> => {
  try {
    return await parquetMetadataAsync(file);
  } catch (error) {
    throw new ImportError(`${name} cannot be read as Parquet: ${(error as Error).message}`, { cause: error });
  }
};

async function* readGroups(
  file: AsyncBuffer,
  metadata: FileMetaData,
  converts: readonly Convert[],
  size: number,
): AsyncGenerator<RowBatch> {
  let rowStart = 0;
  for (const [index, group] of metadata.row_groups.entries()) {
    if (group.total_byte_size > ROW_GROUP_BYTES_MAX) {
      throw new ImportError(
        `Row group ${index + 1} of the Parquet file has ${group.total_byte_size} bytes; at most ${ROW_GROUP_BYTES_MAX} are read at once. Write the file with smaller row groups.`,
      );
    }
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await readRows(file, metadata, rowStart, rowEnd);
    const done = (index + 1) / metadata.row_groups.length;
    for (let at = 0; at < rows.length; at += BATCH_ROWS) {
      const batch = rows.slice(at, at + BATCH_ROWS).map((cells, offset) => {
        const values = converts.map((convert, column) => convert(cells[column]));
        return new ParquetRow(rowStart + at + offset + 1, values);
      });
      yield { rows: batch, bytesRead: Math.round(size * done) };
    }
    rowStart = rowEnd;
  }
}

class ParquetRow {
  readonly number: number;
  readonly line = 0;
  readonly problem: undefined = undefined;
  readonly cells: readonly Value[];

  constructor(number: number, cells: readonly Value[]) {
    this.number = number;
    this.cells = cells;
  }

  get text(): string {
    return `[${this.cells.map(jsonOf).join(',')}]`;
  }
}

const readRows = async (
  file: AsyncBuffer,
  metadata: FileMetaData,
  rowStart: number,
  rowEnd: number,
): Promise<unknown[][]> => {
  let rows: unknown[][] = [];
  try {
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors,
      utf8: false,
      parsers: PARSERS,
      onComplete: (read) => {
        rows = read;
      },
    });
  } catch (error) {
    const where = `rows ${rowStart + 1} to ${rowEnd}`;
    throw new ImportError(`The Parquet file cannot be read (${where}): ${(error as Error).message}`, {
      cause: error,
    });
  }
  return rows;
};

/** ISO 8601 text of a time, with as many digits of the second as the unit has. */
const isoOf = (value: bigint, perSecond: bigint, digits: number): string => {
  const seconds = value / perSecond - (value % perSecond < 0n ? 1n : 0n);
  const fraction = value - seconds * perSecond;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return String(value);
  return `${date.toISOString().slice(0, -5)}.${fraction.toString().padStart(digits, '0')}Z`;
};

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const optional =
  <In, Out>(parse: (value: In) => Out) =>
  (value: In): Out | null =>
    isAbsent(value) ? null : parse(value);

const PARSERS = {
  timestampFromMilliseconds: optional((value: bigint) => isoOf(value, 1_000n, 3)),
  timestampFromMicroseconds: optional((value: bigint) => isoOf(value, 1_000_000n, 6)),
  timestampFromNanoseconds: optional((value: bigint) => isoOf(value, 1_000_000_000n, 9)),
  dateFromDays: optional((days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10)),
  jsonFromBytes: optional((bytes: Uint8Array) => new RawJson(textOfBytes(bytes))),
  stringFromBytes: optional(textOfBytes),
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text when they are UTF-8, else as base64. */
function textOfBytes(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('base64');
  }
}

/**
 * Prepares the top-level columns. The annotation of decimals is taken out of the schema, so that the library gives the integers and not floating point.
 */
const prepareColumns = (metadata: FileMetaData): Map<string, Convert> => {
  const converts = new Map<string, Convert>();
  for (const { element, children } of parquetSchema(metadata).children) {
    converts.set(element.name, children.length > 0 ? valueOfCell : convertOf(element));
  }
  return converts;
};

const convertOf = (element: SchemaElement): Convert => {
  const logical = element.logical_type;
  if (element.converted_type === 'DECIMAL' || logical?.type === 'DECIMAL') {
    delete element.converted_type;
    delete element.logical_type;
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
    return (cell) => (isAbsent(cell) ? null : decimalOfCell(cell, scale));
  }
  const isLocal = logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC;
  if (isLocal) return (cell) => (typeof cell === 'string' ? cell.slice(0, -1) : valueOfCell(cell));
  return valueOfCell;
};

const decimalOfCell = (cell: unknown, scale: number): Decimal => {
  const units = cell instanceof Uint8Array ? signedOf(cell) : BigInt(cell as number | bigint);
  return { units, scale };
};

/** A big-endian two's complement integer. */
const signedOf = (bytes: Uint8Array): bigint => {
  if (bytes.length === 0) return 0n;
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return BigInt.asIntN(bytes.length * 8, unsigned);
};

const valueOfCell = (cell: unknown): Value => {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === 'string' || typeof cell === 'boolean') return cell;
  if (typeof cell === 'bigint') return wholeNumber(cell);
  if (typeof cell === 'number')
    return parseDecimal(String(cell)) ?? (Number.isNaN(cell) ? null : String(cell));
  if (cell instanceof RawJson) return cell;
  if (cell instanceof Uint8Array) return textOfBytes(cell);
  return new RawJson(jsonText(cell));
};

/** JSON text of a nested cell: big integers with all their digits, bytes as text. */
const jsonText = (cell: unknown): string => {
  if (typeof cell !== 'object' || cell === null || cell instanceof Uint8Array || cell instanceof RawJson) {
    return jsonOf(valueOfCell(cell));
  }
  if (cell instanceof Date) return JSON.stringify(cell);
  if (Array.isArray(cell)) return `[${cell.map(jsonText).join(',')}]`;
  if (ArrayBuffer.isView(cell))
    return `[${Array.from(cell as unknown as ArrayLike<unknown>, jsonText).join(',')}]`;
  const members = Object.entries(cell).map(([key, value]) => `${JSON.stringify(key)}:${jsonText(value)}`);
  return `{${members.join(',')}}`;
};
