import { type Period, PERIOD_LIMITS } from '../contract/periods.ts';
import { TIME_MIN_MS } from '../event/limits.ts';
import { axisOf, bucketLabels } from './buckets.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bind, integerArray, type Sql, sql } from './sql.ts';
import type { TimeRange } from './time-range.ts';

/** Whole periods of a calendar, one after the other. */
export interface Calendar {
  readonly period: Period;
  readonly timeZone: string;
  /** First instants, milliseconds, ascending. */
  readonly starts: readonly number[];
  /** Where the last one ends. */
  readonly endMs: number;
}

const INTERVALS = { day: '1d', week: '1w', month: '1M' } as const;

const HOUR_MS = 3_600_000;
/** The longest that a period of the calendar can be: where clocks change. */
const LONGEST_MS = { day: 26 * HOUR_MS, week: 170 * HOUR_MS, month: 746 * HOUR_MS } as const;
/** By how much clocks change, at most. */
const CLOCK_CHANGE_MS = 2 * HOUR_MS;
/** A day that a zone skipped is no period: some more room for that. */
const SKIPPED_MS = 48 * HOUR_MS;

const boundsIn = ({ period, timeZone }: Calendar, range: TimeRange): readonly number[] => {
  const { starts, endMs } = axisOf(INTERVALS[period], range, timeZone);
  return [...starts, endMs];
};

/**
 * The whole periods that a range touches, up to the one that is running; none where the range lies in the future. Throws ApiError `invalid_request` where they
 * would be too many.
 */
export const calendarOf = (period: Period, range: TimeRange, timeZone: string, nowMs: number): Calendar => {
  const empty: Calendar = { period, timeZone, starts: [], endMs: range.fromMs };
  const toMs = Math.min(range.toMs, nowMs + 1);
  if (range.fromMs >= toMs) return empty;
  // An estimate first: a range of centuries is not counted day by day.
  checkCount(Math.floor((toMs - range.fromMs) / (LONGEST_MS[period] - CLOCK_CHANGE_MS)), period);
  const bounds = boundsIn(empty, { fromMs: range.fromMs, toMs });
  checkCount(bounds.length - 1, period);
  return { ...empty, starts: bounds.slice(0, -1), endMs: bounds.at(-1) ?? range.fromMs };
};

const checkCount = (periods: number, period: Period): void => {
  if (periods <= PERIOD_LIMITS.periodsMax) return;
  const say = (count: number) => count.toLocaleString('en');
  throw invalidAt(
    'range',
    `is ${say(periods)} ${period}s; at most ${say(PERIOD_LIMITS.periodsMax)} are taken. Take a longer "period", or a shorter range.`,
  );
};

/** The calendar with so many periods more at its end. */
export const extended = (calendar: Calendar, count: number): Calendar => {
  const { period, starts, endMs } = calendar;
  if (count === 0) return calendar;
  const toMs = endMs + count * LONGEST_MS[period] + SKIPPED_MS;
  const more = boundsIn(calendar, { fromMs: endMs, toMs }).slice(0, count + 1);
  return { ...calendar, starts: [...starts, ...more.slice(0, -1)], endMs: more.at(-1) ?? endMs };
};

/** First instants of so many periods before the calendar. */
export const startsBefore = (calendar: Calendar, count: number): readonly number[] => {
  const { period, starts, endMs } = calendar;
  const toMs = starts[0] ?? endMs;
  const fromMs = toMs - count * LONGEST_MS[period] - SKIPPED_MS;
  return count === 0 ? [] : boundsIn(calendar, { fromMs, toMs }).slice(-count - 1, -1);
};

/** What the calendar covers. */
export const rangeOf = ({ starts, endMs }: Calendar): TimeRange => ({
  fromMs: starts[0] ?? endMs,
  toMs: endMs,
});

/** First instants as local time with offset. */
export const labelsOf = ({ period, timeZone, starts, endMs }: Calendar): string[] =>
  bucketLabels({ interval: INTERVALS[period], starts, endMs, widthMs: undefined }, timeZone);

/** Ends of the periods, in order. */
export const endsOf = ({ starts, endMs }: Calendar): number[] =>
  [...starts.slice(1), endMs].slice(0, starts.length);

/** Whether each period is over. */
export const completenessOf = (calendar: Calendar, nowMs: number): boolean[] =>
  endsOf(calendar).map((endMs) => endMs <= nowMs);

/** The first instant of an event's period, milliseconds: one of `starts`, which are ascending. What lies before all of them is in the first. */
export const periodStartSql = (starts: readonly number[]): Sql =>
  sql`roundDown(toUnixTimestamp64Milli(time), ${integerArray(starts)})`;

/** The number of a period from its first instant: 0 for the first of `starts`. */
export const periodNumberSql = (start: Sql, starts: readonly number[]): Sql =>
  sql`toInt64(indexOf(${integerArray(starts)}, ${start})) - 1`;

/** The width of all periods behind the first, milliseconds; undefined where they differ, as they do where clocks change, or where there are too few to tell. */
const widthBehindFirst = ([, ...starts]: readonly number[]): number | undefined => {
  const [first, second] = starts;
  if (first === undefined || second === undefined) return undefined;
  const width = second - first;
  return starts.every((ms, place) => ms === first + place * width) ? width : undefined;
};

/** The place of an event's period among `starts` as a small number, for every row: by a division where they are equally wide, else by a search and a table. */
export const periodPlaceSql = (starts: readonly number[]): Sql => {
  const width = widthBehindFirst(starts);
  if (width === undefined)
    return sql`toUInt8(transform(${periodStartSql(starts)}, ${integerArray(starts)}, ${integerArray(starts.map((_, place) => place))}, toInt64(0)))`;
  const zero = bind('Int64', String((starts[1] ?? 0) - width));
  const last = bind('Int64', String(starts.length - 1));
  return sql`toUInt8(least(intDiv(greatest(toUnixTimestamp64Milli(time) - ${zero}, toInt64(0)), ${bind('Int64', String(width))}), ${last}))`;
};

/** An instant that is in the warehouse's calendar, for a lower bound. */
export const notBeforeAll = (ms: number): number => Math.max(ms, TIME_MIN_MS);
