/**
 * The tables, as versioned migrations. The same SQL for the embedded engine and for a ClickHouse server. To change a table add a migration at the end; never
 * edit one that was released. Every statement may be repeated: a migration that was interrupted is run again from its first statement.
 *
 * Why they are as they are, with measurements: `docs/warehouse.md`.
 */

import { FACTS_SQL } from './user-order.ts';
import { webTables } from './web-tables.ts';

/** One step from a version of the schema to the next. */
export interface Migration {
  /** 1, 2, 3, … */
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Blocks per table whose tokens are remembered. A load is at most one block for each month it has events of; retries concern the last load only. */
const DEDUPLICATION_BLOCKS = 10_000;
const REPLICATED_DEDUPLICATION_SECONDS = 30 * 24 * 3600;

/**
 * Of every table: an acknowledged load survives power loss, a repeated load is recognised. The `replicated_` settings only matter where the server turns MergeTree into a
 * replicated table.
 */
export const DURABLE = `fsync_after_insert = 1, fsync_part_directory = 1,
  non_replicated_deduplication_window = ${DEDUPLICATION_BLOCKS},
  replicated_deduplication_window = ${DEDUPLICATION_BLOCKS},
  replicated_deduplication_window_seconds = ${REPLICATED_DEDUPLICATION_SECONDS}`;

/**
 * Months from 2025 on, where live events are; whole years before that (and after 2099), where only imports are: every partition that a load touches costs a file that is
 * flushed to disk, 5 to 20 ms, and one load of an import may reach over decades. Reading by time skips partitions all the same: by the times that are in them.
 */
const partitionOf = (column: string): string =>
  `if(toYear(${column}) >= 2025 AND toYear(${column}) < 2100, toYYYYMM(${column}), toYear(${column}))`;

/** What each table that is loaded is partitioned by. */
export const partitionsOf = {
  events: partitionOf('time'),
  refused: 'toYYYYMM(received_at)',
  ledger: 'toYYYYMM(minute)',
  records: 'toYYYYMM(decided_at)',
} as const;

const TIME = "DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))";
const POSITION = 'UInt64 CODEC(Delta, ZSTD(1))';
const FEW = 'LowCardinality(String)';

/** `id_range` finds the rows of an import, whose ids begin alike: `startsWith(id, …)` reads only their granules. */
const EVENTS_TABLE = `CREATE TABLE IF NOT EXISTS events (
  project ${FEW},
  id String CODEC(ZSTD(1)),
  time ${TIME},
  received_at ${TIME},
  type ${FEW},
  source ${FEW},
  version ${FEW},
  user_id String,
  session_id String,
  device_type ${FEW},
  os ${FEW},
  os_version ${FEW},
  browser ${FEW},
  app_version ${FEW},
  country ${FEW},
  region ${FEW},
  page String,
  referrer String,
  currency ${FEW},
  value Nullable(Decimal(18, 6)),
  properties String CODEC(ZSTD(1)),
  position ${POSITION},
  raw_position ${POSITION},
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
  INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX id_range id TYPE minmax GRANULARITY 1,
  INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_receipt received_at TYPE minmax GRANULARITY 1,
  INDEX by_position position TYPE minmax GRANULARITY 1,
  INDEX by_raw_position raw_position TYPE minmax GRANULARITY 1
) ENGINE = MergeTree PARTITION BY ${partitionsOf.events} ORDER BY (project, type, time) SETTINGS ${DURABLE}`;

const REFUSED_TABLE = `CREATE TABLE IF NOT EXISTS refused (
  project ${FEW},
  id String CODEC(ZSTD(1)),
  time ${TIME},
  received_at ${TIME},
  type ${FEW},
  outcome ${FEW},
  reason ${FEW},
  detail String CODEC(ZSTD(1)),
  body String CODEC(ZSTD(1)),
  raw_position ${POSITION},
  position ${POSITION},
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
  INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX id_range id TYPE minmax GRANULARITY 1,
  INDEX by_position position TYPE minmax GRANULARITY 1
) ENGINE = MergeTree PARTITION BY ${partitionsOf.refused} ORDER BY (project, outcome, received_at) SETTINGS ${DURABLE}`;

const LEDGER_TABLE = `CREATE TABLE IF NOT EXISTS ledger (
  project ${FEW},
  minute ${TIME},
  account ${FEW},
  reason ${FEW},
  events UInt64 CODEC(T64, ZSTD(1)),
  position ${POSITION},
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
) ENGINE = MergeTree PARTITION BY ${partitionsOf.ledger} ORDER BY (project, minute, account, reason) SETTINGS ${DURABLE}`;

const RECORDS_TABLE = `CREATE TABLE IF NOT EXISTS records (
  raw_position ${POSITION},
  logged_at ${TIME},
  decided_at ${TIME},
  configuration UInt64 CODEC(Delta, ZSTD(1)),
  rows UInt32 CODEC(T64, ZSTD(1)),
  stored UInt32 CODEC(T64, ZSTD(1)),
  position ${POSITION},
  loaded_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1))
) ENGINE = MergeTree PARTITION BY ${partitionsOf.records} ORDER BY raw_position SETTINGS ${DURABLE}`;

/**
 * Distinct users and sessions by `uniq`: exact up to 65,536 but for one or two (`uniqCombined64` answers 4,367 for 4,372), and the same however panes are
 * merged. See `docs/decisions/011-uniq.md`.
 *
 * A pane is a DateTime64 although it holds whole seconds: a DateTime begins in 1970 and would pile older events up in its first pane.
 */
const ROLLUP_TABLE = `CREATE TABLE IF NOT EXISTS rollup_10s (
  project ${FEW},
  pane DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
  type ${FEW},
  currency ${FEW},
  events SimpleAggregateFunction(sum, UInt64),
  users AggregateFunction(uniq, String),
  sessions AggregateFunction(uniq, String),
  value_sum SimpleAggregateFunction(sum, Decimal(38, 6)),
  value_count SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree PARTITION BY ${partitionOf('pane')} ORDER BY (project, type, pane, currency) SETTINGS ${DURABLE}`;

/** The pane of a width that a time lies in. `positiveModulo` rounds down before 1970 as well. Seconds of a DateTime64(0) are its integer. */
export const paneSql = (widthMs: number): string =>
  `toDateTime64(intDiv(toUnixTimestamp64Milli(time) - positiveModulo(toUnixTimestamp64Milli(time), ${widthMs}), 1000), 0, 'UTC')`;

/** Width of a pane of `rollup_10s`, milliseconds. */
export const ROLLUP_PANE_MS = 10_000;

/** The columns of `rollup_10s` in the order of `rollupSql`. */
export const ROLLUP_COLUMNS =
  'project, pane, type, currency, events, users, sessions, value_sum, value_count';

/** What the rollup of 10 seconds makes of the events in a table. */
export const rollupSql = (table: string, where?: string): string => `SELECT
  project,
  ${paneSql(ROLLUP_PANE_MS)} AS pane,
  type,
  currency,
  count() AS events,
  uniqIfState(user_id, user_id != '') AS users,
  uniqIfState(session_id, session_id != '') AS sessions,
  sum(ifNull(toDecimal128(value, 6), toDecimal128(0, 6))) AS value_sum,
  count(value) AS value_count
FROM ${table} ${where === undefined ? '' : `WHERE ${where} `}GROUP BY project, pane, type, currency`;

const ROLLUP_VIEW = `CREATE MATERIALIZED VIEW IF NOT EXISTS rollup_10s_view TO rollup_10s AS ${rollupSql('events')}`;

/**
 * The events of users in a second order, by user: what looking one of them up needs of each, and no more. Filled in the background from `events` (`user-order.ts`), so that it costs loading nothing.
 * Granules are small because most look-ups want one user. Not partitioned: a user is looked up over all time.
 */
const USER_EVENTS_TABLE = `CREATE TABLE IF NOT EXISTS user_events (
  project ${FEW},
  user_id String CODEC(ZSTD(1)),
  time ${TIME},
  position ${POSITION},
  id String CODEC(ZSTD(1)),
  type ${FEW},
  session_id String CODEC(ZSTD(1)),
  country ${FEW},
  region ${FEW},
  device_type ${FEW},
  os ${FEW},
  browser ${FEW},
  currency ${FEW},
  value Nullable(Decimal(18, 6)),
  traits String CODEC(ZSTD(1))
) ENGINE = MergeTree ORDER BY (project, user_id, time) SETTINGS ${DURABLE}, index_granularity = 1024`;

/** As it was up to version 4. */
const NARROW_ROLLUP_15M_TABLE = `CREATE TABLE IF NOT EXISTS rollup_15m (
  project ${FEW},
  pane DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
  type ${FEW},
  currency ${FEW},
  events SimpleAggregateFunction(sum, UInt64),
  users AggregateFunction(uniq, String),
  sessions AggregateFunction(uniq, String),
  value_sum SimpleAggregateFunction(sum, Decimal(38, 6)),
  value_count SimpleAggregateFunction(sum, UInt64),
  position SimpleAggregateFunction(max, UInt64) CODEC(Delta, ZSTD(1))
) ENGINE = AggregatingMergeTree ORDER BY (project, type, pane, currency) SETTINGS ${DURABLE}, index_granularity = 256`;

/**
 * The same in panes of 15 minutes and wider (`width`, seconds; the widths of `PANE_LEVELS`), of each type and of all types together (`all_types`, without a type), for long ranges. Derived in the background (`rollup-15m.ts`), so it is
 * not partitioned: a step is one part. `position` tells how far it is filled, in a row of no project at the least. Granules are small: states of wide panes are large.
 */
export const ROLLUP_15M_TABLE = `CREATE TABLE IF NOT EXISTS rollup_15m (
  project ${FEW},
  all_types UInt8,
  width UInt32,
  type ${FEW},
  pane DateTime64(0, 'UTC') CODEC(Delta, ZSTD(1)),
  currency ${FEW},
  events SimpleAggregateFunction(sum, UInt64),
  users AggregateFunction(uniq, String),
  sessions AggregateFunction(uniq, String),
  value_sum SimpleAggregateFunction(sum, Decimal(38, 6)),
  value_count SimpleAggregateFunction(sum, UInt64),
  position SimpleAggregateFunction(max, UInt64) CODEC(Delta, ZSTD(1))
) ENGINE = AggregatingMergeTree ORDER BY (project, all_types, width, type, pane, currency) SETTINGS ${DURABLE}, index_granularity = 16`;

/**
 * Session and count windows of metrics: the state of their operators, as of a position (`process/windows/`). A row is a window as it is from a position on; the highest position counts. `removed`: it became part of another window.
 * Of windows of a number of events `window` is the number, else milliseconds. Numbers are times 10^6, one entry a currency. How far a metric has come stands in a row with the window -9000000000000000 and no key, which no window has: its `position` is the next one. Not partitioned: a step is one part.
 */
const METRIC_WINDOWS_TABLE = `CREATE TABLE IF NOT EXISTS metric_windows (
  project ${FEW},
  metric ${FEW},
  version UInt32,
  key String CODEC(ZSTD(1)),
  window Int64,
  start ${TIME},
  end ${TIME},
  events UInt64,
  currencies Array(${FEW}),
  counts Array(UInt64),
  sums Array(Int128),
  mins Array(Int128),
  maxs Array(Int128),
  first_position ${POSITION},
  position ${POSITION},
  complete UInt8,
  removed UInt8
) ENGINE = ReplacingMergeTree(position) ORDER BY (project, metric, version, key, window) SETTINGS ${DURABLE}, index_granularity = 1024`;

/**
 * What questions read most of. The time of all events of a range is read in T64 and LZ4 in a third of the processor time of Delta and ZSTD. `user_hash` tells most users apart: who does not matter to a question is left out by
 * it, without hashing the texts of all. Parts that are there keep the time as it is until they are merged, and have the hash computed as they are read. See `docs/decisions/026-read-less-per-event.md`.
 */
const READ_FAST = [
  "ALTER TABLE events MODIFY COLUMN time DateTime64(3, 'UTC') CODEC(T64, LZ4)",
  'ALTER TABLE events ADD COLUMN IF NOT EXISTS user_hash UInt32 MATERIALIZED toUInt32(cityHash64(user_id)) AFTER user_id',
];

/** No part is as large. */
const NEVER_WIDE = 2 ** 50;

/**
 * Merged parts of the order of users too keep a granule's columns beside each other in one file: whoever looks a user up reads all columns of a granule or two in each part, and of a file a column
 * would unpack dozens of granules of each. Parts that are there follow as they are merged. See `docs/decisions/019-user-order.md`.
 */
const GRANULES_IN_ONE_PIECE = `ALTER TABLE user_events MODIFY SETTING min_bytes_for_wide_part = ${NEVER_WIDE}, min_rows_for_wide_part = ${NEVER_WIDE}`;

/** Computed as they are read in parts that are there, until these are merged. See `docs/decisions/019-user-order.md`. */
const FACTS_OF_USERS = `ALTER TABLE user_events ADD COLUMN IF NOT EXISTS facts String MATERIALIZED ${FACTS_SQL} CODEC(ZSTD(1))`;

/** All migrations, in order. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'events, refused rows, ledger, records, rollup of 10 seconds',
    statements: [EVENTS_TABLE, REFUSED_TABLE, LEDGER_TABLE, RECORDS_TABLE, ROLLUP_TABLE, ROLLUP_VIEW],
  },
  { version: 2, name: 'events by user', statements: [USER_EVENTS_TABLE] },
  { version: 3, name: 'rollup of 15 minutes', statements: [NARROW_ROLLUP_15M_TABLE] },
  { version: 4, name: 'windows of metrics', statements: [METRIC_WINDOWS_TABLE] },
  {
    version: 5,
    name: 'rollup of 15 minutes with wider panes, filled anew',
    statements: ['DROP TABLE IF EXISTS rollup_15m SYNC', ROLLUP_15M_TABLE],
  },
  { version: 6, name: 'time and users of events read fast', statements: READ_FAST },
  { version: 7, name: 'settled sessions', statements: webTables(DURABLE) },
  {
    version: 8,
    name: 'positions by time',
    statements: [
      // Of parts that are there it is made as they are merged.
      'ALTER TABLE records ADD INDEX IF NOT EXISTS by_receipt logged_at TYPE minmax GRANULARITY 1',
    ],
  },
  {
    version: 9,
    name: 'panes of 10 seconds read fast',
    // As the time of events. Parts that are there stay as they are until they are merged.
    statements: ["ALTER TABLE rollup_10s MODIFY COLUMN pane DateTime64(0, 'UTC') CODEC(T64, LZ4)"],
  },
  { version: 10, name: 'granules of users in one piece', statements: [GRANULES_IN_ONE_PIECE] },
  { version: 11, name: 'facts of users in one column', statements: [FACTS_OF_USERS] },
];
