import { defineEvent, type EventMetric, type Telemetry } from '../lib/telemetry.ts';
import type { LoadedTable, QueryOptions, Warehouse } from './client.ts';

/** What the warehouse says of itself. */
export interface WarehouseHealth {
  readonly tables: readonly TableHealth[];
  /** Merges and changes of columns under way. */
  readonly merges: number;
  /** Changes of columns that are not finished. */
  readonly mutations: number;
  /** Memory that the engine counts as its own, bytes; 0 where it does not tell. */
  readonly memoryBytes: number;
  readonly queries: number;
}

/** The state of one table. */
export interface TableHealth {
  readonly table: string;
  readonly rows: number;
  readonly bytesOnDisk: number;
  /** Active parts: what a query must open. Hundreds in one partition mean that merging does not keep up. */
  readonly parts: number;
  readonly partsOfLargestPartition: number;
}

/** Tables of metrics come and go, so they are told of together. */
const TABLES_SQL = `SELECT if(startsWith(name, 'rollup_metric_'), 'rollup_metric', name) AS table,
  sum(r) AS rows, sum(b) AS bytesOnDisk, sum(p) AS parts, max(p) AS partsOfLargestPartition FROM (
  SELECT table AS name, partition_id, sum(rows) AS r, sum(bytes_on_disk) AS b, count() AS p FROM system.parts
  WHERE database = currentDatabase() AND active GROUP BY name, partition_id
) GROUP BY table ORDER BY table`;

const ACTIVITY_SQL = `SELECT
  (SELECT count() FROM system.merges WHERE database = currentDatabase()) AS merges,
  (SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done AND NOT is_killed) AS mutations,
  (SELECT sum(value) FROM system.metrics WHERE metric = 'MemoryTracking') AS memoryBytes,
  (SELECT count() - 1 FROM system.processes) AS queries`;

/** Parts, merges, disk and memory. Throws WarehouseError. */
export const warehouseHealth = async (
  warehouse: Warehouse,
  options: Pick<QueryOptions, 'class'> = { class: 'control' },
): Promise<WarehouseHealth> => {
  const tables = await warehouse.query<TableHealth>(TABLES_SQL, {}, options);
  const activity = await warehouse.query<Omit<WarehouseHealth, 'tables'>>(ACTIVITY_SQL, {}, options);
  const { merges = 0, mutations = 0, memoryBytes = 0, queries = 0 } = activity.rows[0] ?? {};
  return { tables: tables.rows, merges, mutations, memoryBytes, queries };
};

/** Changes of tables that fail and are tried again, in the engine's words. Throws WarehouseError. */
export const failingMutations = async (warehouse: Warehouse): Promise<readonly string[]> => {
  const { rows } = await warehouse.query<{ table: string; reason: string }>(
    `SELECT table, latest_fail_reason AS reason FROM system.mutations
      WHERE database = currentDatabase() AND NOT is_done AND NOT is_killed AND latest_fail_reason != ''
      ORDER BY create_time LIMIT 20`,
  );
  return rows.map(({ table, reason }) => `${table}: ${reason}`);
};

const tableGauge = (
  name: string,
  help: string,
  value: (table: TableHealth) => number,
): EventMetric<TableHealth> => ({
  kind: 'gauge',
  name: `aevum_warehouse_table_${name}`,
  help,
  value,
  labels: ({ table }) => ({ table }),
});

const TABLE_SEEN = defineEvent<TableHealth>({
  name: 'warehouse_table_seen',
  level: 'debug',
  metrics: [
    tableGauge('rows', 'Rows of a table of the warehouse.', ({ rows }) => rows),
    tableGauge('bytes', 'Bytes on disk of a table of the warehouse.', ({ bytesOnDisk }) => bytesOnDisk),
    tableGauge('parts', 'Active parts of a table: what a query must open.', ({ parts }) => parts),
    tableGauge(
      'partition_parts_max',
      'Active parts of its largest partition.',
      (table) => table.partsOfLargestPartition,
    ),
  ],
});

const activityGauge = (
  name: string,
  help: string,
  value: (health: WarehouseHealth) => number,
): EventMetric<WarehouseHealth> => ({
  kind: 'gauge',
  name: `aevum_warehouse_${name}`,
  help,
  value,
});

const ACTIVITY_SEEN = defineEvent<WarehouseHealth>({
  name: 'warehouse_activity_seen',
  level: 'debug',
  metrics: [
    activityGauge('merges', 'Merges and changes of columns under way.', ({ merges }) => merges),
    activityGauge('mutations', 'Changes of columns that are not finished.', ({ mutations }) => mutations),
    activityGauge(
      'memory_bytes',
      'Memory that the engine counts as its own.',
      ({ memoryBytes }) => memoryBytes,
    ),
    activityGauge('queries', 'Statements that run in the warehouse.', ({ queries }) => queries),
  ],
});

/** Looks at the warehouse and puts what it says into metrics. Throws WarehouseError. */
export const measureWarehouse = async (warehouse: Warehouse, telemetry: Telemetry): Promise<void> => {
  const health = await warehouseHealth(warehouse);
  for (const table of health.tables) telemetry.emit(TABLE_SEEN, table);
  telemetry.emit(ACTIVITY_SEEN, health);
};

/** The highest governed position that a table holds; undefined while it is empty. */
export const loadedPosition = async (
  warehouse: Warehouse,
  table: LoadedTable,
): Promise<number | undefined> => {
  const { rows } = await warehouse.query<{ rows: number; position: number }>(
    `SELECT count() AS rows, max(position) AS position FROM ${table}`,
    {},
    { class: 'control' },
  );
  const [row] = rows;
  return row === undefined || row.rows === 0 ? undefined : row.position;
};
