import type { Block } from './block.ts';
import { EVENTS, LEDGER, RECORDS, REFUSED, type Table } from './columns.ts';
import { defaultColumn, stringEnd, viewOf, WIDTHS } from './layout.ts';

/**
 * What the two topics carry, and its bytes. The layout is described in `docs/reference/record-format.md`.
 *
 * Invariants: the sizes in the head add up to exactly the payload; every column has what its row count demands; every string lies inside its
 * column. A decoder checks them all before it returns, so whoever reads a decoded block need not. Whether bytes are the ones that were written is the
 * log's business (crc32c in its frame).
 */

/** Payload of a raw record: what one commit group received. */
export interface RawRecord {
  readonly events: Block<typeof EVENTS>;
  /** Rows that were refused at receipt (`raw_position` is 0: it is only known once appended). */
  readonly refused: Block<typeof REFUSED>;
  /** Account `received` only: counted where events enter, accepted and refused alike. */
  readonly received: Block<typeof LEDGER>;
}

/** Payload of a governed record: what is decided of one or more raw records, for good. */
export interface GovernedRecord {
  readonly events: Block<typeof EVENTS>;
  readonly refused: Block<typeof REFUSED>;
  /** `received` entries copied from the raw records, and one entry an outcome, `stored` included. */
  readonly ledger: Block<typeof LEDGER>;
  /** One row a raw record covered, in order; the `stored` counts add up to `events.rows`, in row order. */
  readonly records: Block<typeof RECORDS>;
}

/** `corrupt`: not what an encoder wrote. `newer`: written by a later version of the program; nothing is wrong with it. */
export type RecordErrorCode = 'corrupt' | 'newer';

/** The only error that decoding throws, whatever the bytes. */
export class RecordError extends Error {
  readonly code: RecordErrorCode;
  constructor(code: RecordErrorCode, message: string) {
    super(message);
    this.name = 'RecordError';
    this.code = code;
  }
}

/** "AEVR", little endian. */
const MAGIC = 0x52564541;
/** Version of the layout of head and directory; the tables have versions of their own. */
const FORMAT_VERSION = 1;
const HEAD_BYTES = 8;
const ENTRY_BYTES = 8;
const SIZE_BYTES = 4;

const KINDS = { raw: 1, governed: 2 } as const;
/** Number of each table on disk. Never reused. */
const TABLE_NUMBERS: Readonly<Record<string, number>> = { events: 1, refused: 2, ledger: 3, records: 4 };

const headBytes = (blocks: readonly Block[]): number =>
  blocks.reduce((sum, block) => sum + ENTRY_BYTES + SIZE_BYTES * block.columns.length, HEAD_BYTES);

const encode = (kind: number, blocks: readonly Block[]): Uint8Array[] => {
  const head = new Uint8Array(headBytes(blocks));
  const view = viewOf(head);
  view.setUint32(0, MAGIC, true);
  head.set([FORMAT_VERSION, kind, blocks.length, 0], 4);
  let at = HEAD_BYTES;
  for (const block of blocks) {
    head.set([TABLE_NUMBERS[block.table.name] ?? 0, block.table.version], at);
    view.setUint16(at + 2, block.columns.length, true);
    view.setUint32(at + 4, block.rows, true);
    at += ENTRY_BYTES;
    for (const column of block.columns) {
      view.setUint32(at, column.length, true);
      at += SIZE_BYTES;
    }
  }
  return [head, ...blocks.flatMap((block) => block.columns.filter((column) => column.length > 0))];
};

/** A raw record as parts to be written one after another. The parts are the blocks' own bytes, not copies. */
export const encodeRawRecord = (record: RawRecord): Uint8Array[] =>
  encode(KINDS.raw, [record.events, record.refused, record.received]);

/** A governed record as parts to be written one after another. The parts are the blocks' own bytes, not copies. */
export const encodeGovernedRecord = (record: GovernedRecord): Uint8Array[] =>
  encode(KINDS.governed, [record.events, record.refused, record.ledger, record.records]);

/** A raw record from its bytes; the blocks are views on them. Throws RecordError. */
export const decodeRawRecord = (bytes: Uint8Array): RawRecord => {
  const reader = new RecordReader(bytes, KINDS.raw, [EVENTS, REFUSED, LEDGER]);
  return { events: reader.block(EVENTS), refused: reader.block(REFUSED), received: reader.block(LEDGER) };
};

/** A governed record from its bytes; the blocks are views on them. Throws RecordError. */
export const decodeGovernedRecord = (bytes: Uint8Array): GovernedRecord => {
  const reader = new RecordReader(bytes, KINDS.governed, [EVENTS, REFUSED, LEDGER, RECORDS]);
  return {
    events: reader.block(EVENTS),
    refused: reader.block(REFUSED),
    ledger: reader.block(LEDGER),
    records: reader.block(RECORDS),
  };
};

const corrupt = (what: string): RecordError => new RecordError('corrupt', `The record is damaged: ${what}.`);

/** What the directory says of one block. */
interface Entry {
  readonly rows: number;
  readonly sizes: readonly number[];
}

/** Reads head and directory at once, then the blocks in their order. */
class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #entries: Entry[] = [];
  #directoryAt = HEAD_BYTES;
  #dataAt: number;
  #next = 0;

  constructor(bytes: Uint8Array, kind: number, tables: readonly Table[]) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#readHead(kind, tables.length);
    for (const table of tables) this.#entries.push(this.#readEntry(table));
    this.#dataAt = this.#directoryAt;
    let total = this.#dataAt;
    for (const { sizes } of this.#entries) for (const size of sizes) total += size;
    if (total !== bytes.length) throw corrupt(`its sizes add up to ${total} bytes, it has ${bytes.length}`);
  }

  #readHead(kind: number, blocks: number): void {
    const bytes = this.#bytes;
    if (bytes.length < HEAD_BYTES) throw corrupt(`${bytes.length} bytes are too few`);
    if (this.#view.getUint32(0, true) !== MAGIC) throw corrupt('it does not begin with "AEVR"');
    const [version = 0, actualKind, actualBlocks, reserved] = bytes.subarray(4, HEAD_BYTES);
    if (version > FORMAT_VERSION) throw newer(`record format ${version}`, `format ${FORMAT_VERSION}`);
    if (version < 1) throw corrupt('it has no format version');
    if (actualKind !== kind) throw corrupt(`it is of kind ${actualKind}, not ${kind}`);
    if (actualBlocks !== blocks || reserved !== 0)
      throw corrupt(`it has ${actualBlocks} blocks, not ${blocks}`);
  }

  #readEntry(table: Table): Entry {
    const at = this.#directoryAt;
    this.#need(at + ENTRY_BYTES);
    const number = this.#view.getUint8(at);
    const version = this.#view.getUint8(at + 1);
    const columns = this.#view.getUint16(at + 2, true);
    const rows = this.#view.getUint32(at + 4, true);
    if (number !== TABLE_NUMBERS[table.name])
      throw corrupt(`table ${number} stands where ${table.name} belongs`);
    if (version > table.version)
      throw newer(`version ${version} of table ${table.name}`, `version ${table.version}`);
    const whole = version === table.version;
    if (
      version < 1 ||
      columns < 1 ||
      (whole ? columns !== table.columns.length : columns > table.columns.length)
    )
      throw corrupt(`version ${version} of table ${table.name} cannot have ${columns} columns`);
    this.#directoryAt = at + ENTRY_BYTES + SIZE_BYTES * columns;
    this.#need(this.#directoryAt);
    // Every row takes at least a byte in every column: bounds what a damaged count can make us allocate.
    if (rows > this.#bytes.length) throw corrupt(`${rows} rows do not fit into ${this.#bytes.length} bytes`);
    const sizes = Array.from({ length: columns }, (_, index) =>
      this.#view.getUint32(at + ENTRY_BYTES + SIZE_BYTES * index, true),
    );
    return { rows, sizes };
  }

  #need(end: number): void {
    if (end > this.#bytes.length) throw corrupt('its directory is cut off');
  }

  /** The next block, which is of this table. */
  block<T extends Table>(table: T): Block<T> {
    const entry = this.#entries[this.#next++];
    if (entry === undefined) throw corrupt('a block is missing');
    const columns = table.columns.map((column, index) => {
      const size = entry.sizes[index];
      if (size === undefined) return defaultColumn(column, entry.rows);
      const bytes = this.#bytes.subarray(this.#dataAt, this.#dataAt + size);
      this.#dataAt += size;
      checkColumn(`${table.name}.${column.name}`, column.kind, bytes, entry.rows);
      return bytes;
    });
    return { table, rows: entry.rows, columns };
  }
}

const newer = (found: string, known: string): RecordError =>
  new RecordError(
    'newer',
    `The record was written by a newer version of Aevum (${found}; this one knows ${known}). Upgrade to read it.`,
  );

const checkColumn = (name: string, kind: keyof typeof WIDTHS, bytes: Uint8Array, rows: number): void => {
  if (kind === 'string') return checkStrings(name, bytes, rows);
  if (bytes.length !== rows * WIDTHS[kind])
    throw corrupt(`column ${name} has ${bytes.length} bytes for ${rows} rows`);
  if (kind !== 'decimal') return;
  for (let row = 0; row < rows; row++)
    if ((bytes[row] as number) > 1) throw corrupt(`column ${name} has a null byte of ${bytes[row]}`);
};

const checkStrings = (name: string, bytes: Uint8Array, rows: number): void => {
  let at = 0;
  for (let row = 0; row < rows; row++) {
    at = stringEnd(bytes, at);
    if (at < 0) throw corrupt(`column ${name} ends inside row ${row}`);
  }
  if (at !== bytes.length) throw corrupt(`column ${name} has ${bytes.length - at} bytes after its last row`);
};
