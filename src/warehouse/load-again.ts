import type { ClickHouseSettings } from '@clickhouse/client';
import { EVENTS, LEDGER, RECORDS, REFUSED } from '../event/columns.ts';
import { LOAD_SETTINGS, type LoadedTable, type StagedTable, type Warehouse } from './client.ts';
import { partitionsOf, paneSql, ROLLUP_COLUMNS, ROLLUP_PANE_MS, rollupSql } from './schema.ts';
import { WarehouseError } from './warehouse-error.ts';

/**
 * A load made again when it is not known how far it got, by what the tables hold rather than by tokens. For the embedded engine, whose lists of tokens are not flushed to disk: after a loss of power rows may be there without
 * theirs.
 *
 * In each table a load is one part a partition, so of a partition all of its rows are there or none. They are put into a table beside first, by the same way as any load: that waits for one that is still under way. Those of
 * partitions that hold none are taken from there, without a token. The rollup of 10 seconds follows events in the same statement, after them; groups that have exactly the rows of this load too few are added to.
 */

/** Governed records `from` up to `to` (exclusive), with the token that the load had. */
export interface LoadRange {
  readonly from: number;
  readonly to: number;
  readonly token: string;
}

type LoadAgainWarehouse = Pick<Warehouse, 'command' | 'load' | 'query'>;

const COLUMNS: Readonly<Record<LoadedTable, readonly string[]>> = {
  events: [...EVENTS.columns.map(({ name }) => name), 'position', 'raw_position'],
  refused: [...REFUSED.columns.map(({ name }) => name), 'position'],
  ledger: [...LEDGER.columns.map(({ name }) => name), 'position'],
  records: [...RECORDS.columns.map(({ name }) => name), 'position'],
};

/** One part a partition, as a load, and without a token. */
const SETTINGS: ClickHouseSettings = {
  ...LOAD_SETTINGS,
  insert_deduplicate: 0,
  deduplicate_blocks_in_dependent_materialized_views: 0,
  max_threads: 1,
};

const PANE = paneSql(ROLLUP_PANE_MS);
const GROUP = `project, ${PANE}, type, currency`;

/** The groups of the rollup that hold what `events` does but for the rows of this load. */
const LACKING_GROUPS = `SELECT project, pane, type, currency FROM (
    SELECT project, ${PANE} AS pane, type, currency, toInt64(count()) AS own, toInt64(0) AS raw, toInt64(0) AS rolled
    FROM again_events GROUP BY project, pane, type, currency
    UNION ALL
    SELECT project, ${PANE} AS pane, type, currency, toInt64(0), toInt64(count()), toInt64(0)
    FROM events WHERE time >= fromUnixTimestamp64Milli({first:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
      AND (${GROUP}) IN (SELECT ${GROUP} FROM again_events) GROUP BY project, pane, type, currency
    UNION ALL
    SELECT project, pane, type, currency, toInt64(0), toInt64(0), toInt64(sum(events))
    FROM rollup_10s WHERE pane >= fromUnixTimestamp64Milli({first:Int64}, 'UTC') AND pane < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
      AND (project, pane, type, currency) IN (SELECT ${GROUP} FROM again_events) GROUP BY project, pane, type, currency
  ) GROUP BY project, pane, type, currency HAVING sum(own) > 0 AND sum(raw) = sum(rolled) + sum(own)`;

const countOf = async (warehouse: LoadAgainWarehouse, table: string): Promise<number> => {
  const { rows } = await warehouse.query<{ n: number }>(
    `SELECT count() AS n FROM ${table}`,
    {},
    { class: 'control' },
  );
  return rows[0]?.n ?? 0;
};

const completeRollup = async (warehouse: LoadAgainWarehouse): Promise<void> => {
  const { rows } = await warehouse.query<{ first: number; last: number }>(
    'SELECT min(toUnixTimestamp64Milli(time)) AS first, max(toUnixTimestamp64Milli(time)) AS last FROM again_events',
    {},
    { class: 'control' },
  );
  const { first = 0, last = 0 } = rows[0] ?? {};
  const paneOf = (ms: number): number => Math.floor(ms / ROLLUP_PANE_MS) * ROLLUP_PANE_MS;
  await warehouse.command(
    `INSERT INTO rollup_10s (${ROLLUP_COLUMNS}) ${rollupSql('again_events', `(${GROUP}) IN (${LACKING_GROUPS})`)}`,
    { first: paneOf(first), end: paneOf(last) + ROLLUP_PANE_MS },
    { settings: SETTINGS },
  );
};

/** Completes what `warehouse.load` may have begun: `native` has the same `rows` rows. Throws WarehouseError; what it did so far does no harm then. */
export const loadAgain = async (
  warehouse: LoadAgainWarehouse,
  table: LoadedTable,
  native: readonly Uint8Array[],
  rows: number,
  { from, to, token }: LoadRange,
): Promise<void> => {
  const staged: StagedTable = `again_${table}`;
  const columns = COLUMNS[table].join(', ');
  const partition = partitionsOf[table];
  const drop = `DROP TABLE IF EXISTS ${staged} SYNC`;
  await warehouse.command(drop);
  await warehouse.command(
    `CREATE TABLE ${staged} ENGINE = Memory AS SELECT ${columns} FROM ${table} WHERE 0`,
  );
  await warehouse.load(staged, native, token);
  // An earlier try that was given up may have come to its turn only now.
  const put = await countOf(warehouse, staged);
  if (put !== rows)
    throw new WarehouseError(
      'unavailable',
      `Of ${rows} rows of a load ${put} were put aside to load them again`,
    );
  await warehouse.command(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${staged}
     WHERE ${partition} NOT IN (SELECT ${partition} FROM ${table} WHERE position >= {from:UInt64} AND position < {to:UInt64})`,
    { from, to },
    { settings: SETTINGS },
  );
  if (table === 'events') await completeRollup(warehouse);
  await warehouse.command(drop);
};
