import type { PositionAnswer, PositionQuery } from '../contract/positions.ts';
import { ApiError } from '../event/errors.ts';
import type { Standing } from './freshness.ts';
import { isoOf, parseInstant } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bind, bindInstant, type Sql, sql, type Statement, toStatement } from './sql.ts';
import { parseTimeZone } from './time-range.ts';

/**
 * Which position the log had at a time. "Received" is when a commit was handed to the raw log, which its record tells: what is acknowledged with 202. Governed records decide several of those
 * together, so not every instant lies between two of them; the processor ends a record with each minute, so whole minutes do.
 */

/** Raw records that are looked through around a time. More than one governed record can decide. */
const RECORDS_MAX = 200_000;

/** What is received while nothing is pending may be on its way to the disk: so long no flush takes. */
const ON_THE_WAY_MS = 60_000;

/** A governed record: when the commits that it decided were received, the first and the last. */
export interface Decided {
  readonly position: string;
  readonly first_ms: number | string;
  readonly last_ms: number | string;
}

/** A commit in the raw log. */
export interface Receipt {
  readonly raw_position: string;
}

const loaded = ({ governedLoaded }: Standing) => sql`position < ${bind('UInt64', String(governedLoaded))}`;

const MS = sql`toUnixTimestamp64Milli(logged_at)`;

/** The first commit that was received at a time or after. */
export const receiptStatement = (atMs: number, standing: Standing): Statement =>
  toStatement(sql`SELECT toString(raw_position) AS raw_position FROM records
    WHERE logged_at >= ${bindInstant(atMs)} AND ${loaded(standing)} ORDER BY records.raw_position LIMIT 1`);

const decided = (sample: Sql, order: 'first' | 'last'): Statement =>
  toStatement(sql`SELECT toString(at) AS position, min(ms) AS first_ms, max(ms) AS last_ms FROM (${sample})
    GROUP BY at ORDER BY at ${order === 'first' ? sql`ASC` : sql`DESC`}`);

/** The governed records up to a commit (all that are loaded if there is none), the last first. */
export const beforeStatement = (rawPosition: string | undefined, standing: Standing): Statement =>
  decided(
    sql`SELECT position AS at, ${MS} AS ms FROM records
      WHERE ${loaded(standing)}${rawPosition === undefined ? sql`` : sql` AND raw_position <= ${bind('UInt64', rawPosition)}`}
      ORDER BY raw_position DESC LIMIT ${bind('UInt64', RECORDS_MAX)}`,
    'last',
  );

/** The governed records that there are, the first first. */
export const firstStatement = (standing: Standing): Statement =>
  decided(
    sql`SELECT position AS at, ${MS} AS ms FROM records WHERE ${loaded(standing)} ORDER BY raw_position LIMIT ${bind('UInt64', RECORDS_MAX)}`,
    'first',
  );

/** A position, and the time that it is exact at. */
export interface PositionAt {
  readonly position: string;
  readonly atMs: number;
}

/** The last position that holds everything received before a time that is not after `atMs`, and nothing else. Records are given the last first. */
export const positionBefore = (records: readonly Decided[], atMs: number): PositionAt | undefined => {
  let cutMs = atMs;
  for (const { position, first_ms: first, last_ms: last } of records) {
    if (Number(last) < cutMs) return { position, atMs: cutMs };
    cutMs = Math.min(cutMs, Number(first));
  }
  return undefined;
};

/** The first time that some position is exact at. Records are given the first first. */
export const earliestOf = (records: readonly Decided[]): number | undefined => {
  let lastMs: number | undefined;
  for (const { first_ms: first, last_ms: last } of records) {
    if (lastMs !== undefined && Number(first) > lastMs) break;
    lastMs = Math.max(lastMs ?? 0, Number(last));
  }
  return lastMs === undefined ? undefined : lastMs + 1;
};

/** What times can be told. */
export interface Known {
  readonly earliestMs: number;
  /** Everything received before this is loaded. */
  readonly latestMs: number;
}

/** What times can be told, of the first governed records and the last ones; undefined: none yet. */
export const knownOf = (
  first: readonly Decided[],
  last: readonly Decided[],
  { pending, nowMs }: Standing,
): Known | undefined => {
  const earliestMs = earliestOf(first);
  const lastMs = Number(last[0]?.last_ms);
  const latestMs = pending.length > 0 ? lastMs : Math.max(lastMs, nowMs - ON_THE_WAY_MS);
  return earliestMs === undefined || earliestMs > latestMs ? undefined : { earliestMs, latestMs };
};

/** The time that is asked for, within what is known. Throws ApiError `invalid_request`, `position_not_loaded`. */
export const askedTime = ({ at, timezone }: PositionQuery, known: Known, nowMs: number): number => {
  const timeZone = parseTimeZone(timezone);
  if (at === undefined) return known.latestMs;
  const atMs = parseInstant(at, { path: 'at', nowMs, timeZone });
  const details = { earliest: isoOf(known.earliestMs), latest: isoOf(known.latestMs) };
  if (atMs < known.earliestMs)
    throw invalidAt(
      'at',
      `${isoOf(atMs)} lies before everything that is known: the first time that can be told is ${details.earliest}.`,
    );
  if (atMs <= known.latestMs) return atMs;
  throw new ApiError(
    'position_not_loaded',
    atMs > nowMs
      ? `${isoOf(atMs)} lies ahead. The last time that can be told is ${details.latest}.`
      : `Not everything that was received before ${isoOf(atMs)} is loaded for certain. The last time that can be told is ${details.latest}: ask for that one, or again in a moment.`,
    { details },
  );
};

/** The answer. */
export const positionAnswer = (found: PositionAt | undefined, known: Known): PositionAnswer => ({
  ...{ position: found?.position ?? null, at: found === undefined ? null : isoOf(found.atMs) },
  ...{ earliest: isoOf(known.earliestMs), latest: isoOf(known.latestMs) },
});

/** Nothing was received. */
export const NO_POSITION: PositionAnswer = { position: null, at: null, earliest: null, latest: null };
