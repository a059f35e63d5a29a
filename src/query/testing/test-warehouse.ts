import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockBuilder } from '../../event/block-builder.ts';
import { type Column, EVENTS, LEDGER, RECORDS, REFUSED, type Table } from '../../event/columns.ts';
import { encodeNative } from '../../event/native.ts';
import { parseDecimal } from '../../lib/decimal.ts';
import { quietTelemetry } from '../../lib/telemetry.ts';
import type { Progress } from '../../process/messages.ts';
import { createWarehouse, type Warehouse } from '../../warehouse/client.ts';
import { startEngine } from '../../warehouse/engine/supervise.ts';
import { migrate } from '../../warehouse/migrations.ts';
import { noPropertyColumns, type PendingMinute } from '../ports.ts';
import { createQueryService, type QueryService, type QueryServiceOptions } from '../service.ts';

/** For tests: a warehouse in the real engine, and rows written as objects. */

const MEMORY_BYTES = 1024 ** 3;
const READY_MS = 180_000;
/** Which questions are slow is no matter here. */
const QUERY_TIMEOUT_MS = 300_000;
const DECIMAL_SCALE = 6;

/** A row by column name; absent columns are empty. Times in milliseconds, decimals as text. */
export type Row = Readonly<Record<string, string | number | null>>;

/** A running warehouse. */
export interface TestWarehouse {
  readonly warehouse: Warehouse;
  /** Loads rows of a table as one governed record. */
  load(
    table: 'events' | 'refused' | 'ledger' | 'records',
    rows: readonly Row[],
    position: number,
  ): Promise<void>;
  close(): Promise<void>;
}

const TABLES = {
  events: EVENTS,
  refused: REFUSED,
  ledger: LEDGER,
  records: RECORDS,
} as const satisfies Record<string, Table>;

const DECIMAL_UNITS = 10 ** DECIMAL_SCALE;

const unitsOf = (text: string): bigint => {
  const decimal = parseDecimal(text);
  if (decimal === undefined || decimal.scale > DECIMAL_SCALE) throw new RangeError(`not a decimal: ${text}`);
  return (decimal.units * BigInt(DECIMAL_UNITS)) / 10n ** BigInt(decimal.scale);
};

const put = (
  builder: BlockBuilder,
  column: Column,
  index: number,
  value: string | number | null | undefined,
): void => {
  if (value === undefined || value === null) return;
  switch (column.kind) {
    case 'string':
      return builder.text(index, String(value));
    case 'time':
      return builder.int64(index, Number(value));
    case 'uint64':
      return builder.uint64(index, Number(value));
    case 'uint32':
      return builder.uint32(index, Number(value));
    case 'uint8':
      return builder.uint8(index, Number(value));
    case 'decimal':
      return builder.decimal(index, unitsOf(String(value)));
  }
};

const nativeOf = (table: Table, rows: readonly Row[], position: number): Uint8Array[] => {
  const builder = new BlockBuilder(table);
  for (const row of rows) {
    table.columns.forEach((column, index) => put(builder, column, index, row[column.name]));
    builder.endRow();
  }
  const constant = (value: number) => new BigUint64Array(rows.length).fill(BigInt(value));
  const extra = [{ name: 'position', type: 'UInt64', values: constant(position) } as const];
  const raw = rows.map((row) => BigInt(row['raw_position'] ?? position));
  return encodeNative(
    builder.build(),
    table.name === 'events'
      ? [...extra, { name: 'raw_position', type: 'UInt64', values: BigUint64Array.from(raw) }]
      : extra,
  );
};

/** Starts an engine on an empty folder and makes the tables. */
export const openTestWarehouse = async (): Promise<TestWarehouse> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'aevum-query-'));
  const telemetry = quietTelemetry();
  const engine = await startEngine({
    dataDir,
    memoryBytesMax: MEMORY_BYTES,
    secret: randomBytes(16).toString('hex'),
    telemetry,
  });
  await engine.ready(READY_MS);
  const { url, username, password } = engine;
  const warehouse = createWarehouse({
    ...{ url, username, password, telemetry },
    database: 'aevum',
    queryTimeoutMs: QUERY_TIMEOUT_MS,
  });
  await migrate(warehouse);
  let loads = 0;
  return {
    warehouse,
    load: (table, rows, position) =>
      warehouse.load(table, nativeOf(TABLES[table], rows, position), `test-${position}-${loads++}`),
    async close() {
      await warehouse.close();
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

/** Everything before `next` is loaded. */
export const loadedUpTo = (next: number): Progress => ({
  rawDecided: next,
  rawLoaded: next,
  governedNext: next,
  governedLoaded: next,
});

/** What a test may choose of a service. */
export interface TestServiceOptions
  extends Partial<Omit<QueryServiceOptions, 'warehouse' | 'progress' | 'pending' | 'clock'>> {
  readonly nowMs: number;
  readonly next?: number;
  readonly pending?: (project: string) => readonly PendingMinute[];
}

/** A service over a test warehouse with a clock that stands still. */
export const testService = (
  { warehouse }: Pick<TestWarehouse, 'warehouse'>,
  options: TestServiceOptions,
): QueryService => {
  const { nowMs, next = Number.MAX_SAFE_INTEGER, pending = () => [], ...rest } = options;
  return createQueryService({
    warehouse,
    progress: () => loadedUpTo(next),
    pending: { of: pending },
    columns: noPropertyColumns,
    clock: { nowMs: () => nowMs, monotonicMs: () => performance.now() },
    telemetry: quietTelemetry(),
    ...rest,
  });
};
