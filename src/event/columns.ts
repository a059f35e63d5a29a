/**
 * The tables of columns that a block of rows may have: events, refused rows, ledger entries, records.
 *
 * Order matters: it is the order inside a block, on disk and on the wire to the warehouse. To change a table, add columns
 * at the end and raise its `version`; a reader accepts every version up to its own and fills missing columns with defaults.
 */

/** How one column is laid out inside a block. All layouts are those of ClickHouse's Native format, so that loading is a copy. */
export type ColumnKind =
  /** Per row: LEB128 byte length, then UTF-8 bytes. Native `String`. Default: empty. */
  | 'string'
  /** 1 byte a row. Native `UInt8`. */
  | 'uint8'
  /** 4 bytes a row, little endian. Native `UInt32`. */
  | 'uint32'
  /** 8 bytes a row, little endian. Native `UInt64`. */
  | 'uint64'
  /** 8 bytes a row, signed milliseconds since the epoch. Native `DateTime64(3, 'UTC')`. */
  | 'time'
  /** 1 null byte a row and, apart from those, 8 bytes a row: a decimal times 10^6. Native `Nullable(Decimal(18, 6))`. */
  | 'decimal';

/** One column of a table: its name in storage and its layout. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A named, versioned, ordered list of columns. */
export interface Table<Name extends string = string> {
  readonly name: Name;
  readonly version: number;
  readonly columns: readonly Column[];
}

const columnsOf = (kind: ColumnKind, ...names: string[]): Column[] => names.map((name) => ({ name, kind }));

/** Columns of `events` that an event carries within `context`, by the same names. */
export const CONTEXT_COLUMNS = [
  'device_type',
  'os',
  'os_version',
  'browser',
  'app_version',
  'country',
  'region',
  'page',
  'referrer',
] as const;

/** One row an accepted event. `properties` is the JSON object's text, `{}` when there are none. */
export const EVENTS = {
  name: 'events',
  version: 1,
  columns: [
    ...columnsOf('string', 'project', 'id'),
    ...columnsOf('time', 'time', 'received_at'),
    ...columnsOf('string', 'type', 'source', 'version', 'user_id', 'session_id'),
    ...columnsOf('string', ...CONTEXT_COLUMNS, 'currency'),
    ...columnsOf('decimal', 'value'),
    ...columnsOf('string', 'properties'),
  ],
} as const satisfies Table<'events'>;

/**
 * One row an event that was not stored. `outcome` is one of the refused outcomes (`outcome.ts`), `reason` its code,
 * `detail` the sentence that was or would be told to the client, `body` the bytes as received (kept for quarantined rows, and for a sample of the
 * others). `raw_position` is the raw log record that carried it.
 */
export const REFUSED = {
  name: 'refused',
  version: 1,
  columns: [
    ...columnsOf('string', 'project', 'id'),
    ...columnsOf('time', 'time', 'received_at'),
    ...columnsOf('string', 'type', 'outcome', 'reason', 'detail', 'body'),
    ...columnsOf('uint64', 'raw_position'),
  ],
} as const satisfies Table<'refused'>;

/**
 * One row a sum: in `minute` (of receipt, milliseconds, a multiple of 60,000) `events` events of `project` were booked on `account` for `reason`.
 * Accounts: `received` (booked where events enter) and the outcomes (booked where they are decided).
 */
export const LEDGER = {
  name: 'ledger',
  version: 1,
  columns: [
    ...columnsOf('string', 'project'),
    ...columnsOf('time', 'minute'),
    ...columnsOf('string', 'account', 'reason'),
    ...columnsOf('uint64', 'events'),
  ],
} as const satisfies Table<'ledger'>;

/**
 * One row a raw record that a governed record covers: when it was logged and when, and by which configuration version, it was decided.
 * Together with `raw_position` of an event it answers a trace.
 */
export const RECORDS = {
  name: 'records',
  version: 1,
  columns: [
    ...columnsOf('uint64', 'raw_position'),
    ...columnsOf('time', 'logged_at', 'decided_at'),
    ...columnsOf('uint64', 'configuration'),
    ...columnsOf('uint32', 'rows', 'stored'),
  ],
} as const satisfies Table<'records'>;

/** Index of a column of a table by name. Throws RangeError for a name the table does not have: a programming mistake. */
export const columnIndex = (table: Table, name: string): number => {
  const index = table.columns.findIndex((column) => column.name === name);
  if (index < 0) throw new RangeError(`table ${table.name} has no column ${name}`);
  return index;
};

/** Where the columns of refused rows are. */
export const REFUSED_COLUMN = {
  project: columnIndex(REFUSED, 'project'),
  id: columnIndex(REFUSED, 'id'),
  time: columnIndex(REFUSED, 'time'),
  receivedAt: columnIndex(REFUSED, 'received_at'),
  type: columnIndex(REFUSED, 'type'),
  outcome: columnIndex(REFUSED, 'outcome'),
  reason: columnIndex(REFUSED, 'reason'),
  detail: columnIndex(REFUSED, 'detail'),
  body: columnIndex(REFUSED, 'body'),
  rawPosition: columnIndex(REFUSED, 'raw_position'),
} as const;
