import type { Block } from '../event/block.ts';
import { numbersOf } from '../event/blocks.ts';
import { columnIndex, EVENTS, LEDGER, RECORDS, REFUSED, type Table } from '../event/columns.ts';
import { encodeNativeOf, type ExtraColumn } from '../event/native.ts';
import type { GovernedRecord } from '../event/record.ts';
import type { Position } from '../log/log.ts';

/** A governed record as it was read. */
export interface GovernedInput {
  readonly position: Position;
  readonly record: GovernedRecord;
}

/** The tables of a load, in the order in which they are loaded: `records` is the last, so that a row of it says that the load was complete. */
export const LOAD_TABLES = ['events', 'refused', 'ledger', 'records'] as const;
export type LoadTable = (typeof LOAD_TABLES)[number];

/** The rows of one table in one load. */
export interface LoadBody {
  readonly table: LoadTable;
  readonly rows: number;
  /** One Native block, in parts. */
  readonly parts: readonly Uint8Array[];
}

/** For each table the governed position from which on it lacks rows: below, they are there already. */
export type LoadFloors = Readonly<Record<LoadTable, Position>>;

/**
 * Merges governed records into one Native block a table, with the governed position of each row and, for events, the position of the raw record it came in. Tables
 * without rows are left out.
 */
export const loadBodies = (inputs: readonly GovernedInput[], floors: LoadFloors): LoadBody[] => {
  const bodies = [
    bodyOf('events', EVENTS, inputs, floors, ({ events }) => events, rawPositions),
    bodyOf('refused', REFUSED, inputs, floors, ({ refused }) => refused),
    bodyOf('ledger', LEDGER, inputs, floors, ({ ledger }) => ledger),
    bodyOf('records', RECORDS, inputs, floors, ({ records }) => records),
  ];
  return bodies.filter(({ rows }) => rows > 0);
};

const bodyOf = <T extends Table<LoadTable>>(
  name: LoadTable,
  table: T,
  inputs: readonly GovernedInput[],
  floors: LoadFloors,
  blockOf: (record: GovernedRecord) => Block<T>,
  more: (inputs: readonly GovernedInput[], rows: number) => ExtraColumn[] = () => [],
): LoadBody => {
  const lacking = inputs.filter(({ position }) => position >= floors[name]);
  const blocks = lacking.map(({ record }) => blockOf(record));
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const positions = new BigUint64Array(rows);
  let row = 0;
  lacking.forEach(({ position }, index) => {
    const end = row + (blocks[index]?.rows ?? 0);
    positions.fill(BigInt(position), row, end);
    row = end;
  });
  const extra: ExtraColumn[] = [{ name: 'position', type: 'UInt64', values: positions }];
  return {
    table: name,
    rows,
    parts: encodeNativeOf(table, blocks, [...extra, ...more(lacking, rows)]),
  };
};

const RAW_POSITION = columnIndex(RECORDS, 'raw_position');
const STORED = columnIndex(RECORDS, 'stored');

/** The raw record of each event: the `stored` counts of the records block, in row order. */
const rawPositions = (inputs: readonly GovernedInput[], rows: number): ExtraColumn[] => {
  const values = new BigUint64Array(rows);
  let row = 0;
  for (const { record } of inputs) {
    const position = numbersOf(record.records, RAW_POSITION);
    const stored = numbersOf(record.records, STORED);
    for (let index = 0; index < position.length; index++) {
      const end = row + (stored[index] as number);
      values.fill(BigInt(position[index] as number), row, end);
      row = end;
    }
  }
  return [{ name: 'raw_position', type: 'UInt64', values }];
};
