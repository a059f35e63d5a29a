import { INTERVALS, type Interval, QUERY_LIMITS } from '../contract/question.ts';
import type { TrendRequest } from '../contract/trend.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { TimeRange } from './time-range.ts';

/**
 * The time axis. Where buckets begin is computed here, with one time zone database, and handed to the engine as numbers; the engine only sorts
 * rows into them. Buckets of hours and less begin at multiples of their width in local time, and anew where the zone's offset changes by something that is not a
 * multiple of it; days, weeks (from Monday) and months begin with the first instant of their first day.
 */
export interface Axis {
  readonly interval: Interval | 'total';
  /** First instant of each bucket, milliseconds, ascending. The first may lie before the range. */
  readonly starts: readonly number[];
  /** End of the last bucket. May lie behind the range. */
  readonly endMs: number;
  /** Milliseconds, if all buckets have the same width. */
  readonly widthMs: number | undefined;
}

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;

/** Widths in milliseconds; those of the calendar are typical ones, for estimates. */
const WIDTH_MS: Readonly<Record<Interval, number>> = {
  '10s': 10 * SECOND_MS,
  '30s': 30 * SECOND_MS,
  '1m': 60 * SECOND_MS,
  '5m': 300 * SECOND_MS,
  '15m': 900 * SECOND_MS,
  '1h': 3_600 * SECOND_MS,
  '1d': DAY_MS,
  '1w': 7 * DAY_MS,
  '1M': 30 * DAY_MS,
};

/** `auto` takes the finest interval with at most so many buckets. */
const AUTO_BUCKETS_MAX = 120;

/** The axis of a range. Throws ApiError `invalid_request` when it would have too many buckets. */
export const axisOf = (asked: TrendRequest['interval'], range: TimeRange, timeZone: string): Axis => {
  if (asked === 'total') return totalAxis(range);
  const interval = asked === 'auto' ? autoInterval(range) : asked;
  const estimate = (range.toMs - range.fromMs) / WIDTH_MS[interval];
  if (estimate > QUERY_LIMITS.bucketsMax) {
    throw invalidAt(
      'interval',
      `${interval} over this range would be ${Math.ceil(estimate).toLocaleString('en')} buckets; at most ${QUERY_LIMITS.bucketsMax.toLocaleString('en')} are answered. Take a coarser interval (${autoInterval(range)} fits well), or a shorter range.`,
    );
  }
  const bounds = isCalendar(interval)
    ? calendarBounds(interval, range, timeZone)
    : clockBounds(WIDTH_MS[interval], range, timeZone);
  const starts = bounds.slice(0, -1);
  const endMs = bounds.at(-1) ?? range.toMs;
  return { interval, starts, endMs, widthMs: evenWidth(bounds) };
};

const totalAxis = ({ fromMs, toMs }: TimeRange): Axis => ({
  interval: 'total',
  starts: [fromMs],
  endMs: toMs,
  widthMs: toMs - fromMs,
});

/** What `auto` takes of some intervals, finest first: of all if absent. */
export const autoInterval = (
  { fromMs, toMs }: TimeRange,
  choices: readonly Interval[] = INTERVALS,
): Interval =>
  choices.find((interval) => (toMs - fromMs) / WIDTH_MS[interval] <= AUTO_BUCKETS_MAX) ??
  choices.at(-1) ??
  '1M';

type CalendarInterval = '1d' | '1w' | '1M';
const isCalendar = (interval: Interval): interval is CalendarInterval => WIDTH_MS[interval] >= DAY_MS;

const evenWidth = (bounds: readonly number[]): number | undefined => {
  const width = (bounds[1] ?? 0) - (bounds[0] ?? 0);
  return bounds.every((bound, index) => index === 0 || bound - (bounds[index - 1] ?? 0) === width)
    ? width
    : undefined;
};

/** Bounds of calendar buckets, the end of the last included. A day that a zone skipped (Samoa, 2011-12-30) has no bucket. */
const calendarBounds = (
  interval: CalendarInterval,
  { fromMs, toMs }: TimeRange,
  timeZone: string,
): number[] => {
  const first = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const step = { '1d': { days: 1 }, '1w': { days: 7 }, '1M': { months: 1 } }[interval];
  let date = {
    '1d': first,
    '1w': first.subtract({ days: first.dayOfWeek - 1 }),
    '1M': first.with({ day: 1 }),
  }[interval];
  const bounds: number[] = [];
  for (;;) {
    const start = date.toZonedDateTime(timeZone).epochMilliseconds;
    if (start > (bounds.at(-1) ?? Number.NEGATIVE_INFINITY)) bounds.push(start);
    if (start >= toMs) return bounds;
    date = date.add(step);
  }
};

/** Bounds of buckets of at most an hour, the end of the last included. */
const clockBounds = (widthMs: number, { fromMs, toMs }: TimeRange, timeZone: string): number[] => {
  const bounds: number[] = [];
  let at = fromMs;
  for (;;) {
    const segment = segmentAt(at, timeZone);
    const aligned = Math.floor((at + segment.offsetMs) / widthMs) * widthMs - segment.offsetMs;
    let start = Math.max(aligned, bounds.length === 0 ? segment.startMs : at);
    while (start < segment.endMs) {
      bounds.push(start);
      if (start >= toMs) return bounds;
      start = aligned + (Math.floor((start - aligned) / widthMs) + 1) * widthMs;
    }
    at = segment.endMs;
  }
};

/** A stretch in which the offset of a zone does not change. */
interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
}

const NANOSECONDS_PER_MS = 1_000_000;

const segmentAt = (ms: number, timeZone: string): Segment => {
  const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
  const before = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
  const after = at.getTimeZoneTransition('next');
  return {
    startMs: before?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    endMs: after?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: at.offsetNanoseconds / NANOSECONDS_PER_MS,
  };
};

/** First instants of so many buckets before an axis, ascending. For axes of an interval. */
export const startsBefore = (axis: Axis, count: number, timeZone: string): number[] => {
  const { interval } = axis;
  const firstMs = axis.starts[0] ?? axis.endMs;
  if (interval === 'total' || count === 0) return [];
  if (!isCalendar(interval))
    return Array.from({ length: count }, (_, index) => firstMs - (count - index) * WIDTH_MS[interval]);
  // Twice as far as they reach, for months of 31 days and days that a zone skipped.
  const fromMs = firstMs - 2 * (count + 1) * WIDTH_MS[interval];
  return calendarBounds(interval, { fromMs, toMs: firstMs }, timeZone).slice(0, -1).slice(-count);
};

/** Whether buckets of the interval are days or longer. */
export const isOfDays = (interval: Axis['interval']): boolean => interval !== 'total' && isCalendar(interval);

/** First instants of the buckets as local time with offset, for example `2026-11-20T13:00:00+01:00`. */
export const bucketLabels = (axis: Axis, timeZone: string): string[] =>
  axis.starts.map((ms) =>
    Temporal.Instant.fromEpochMilliseconds(ms)
      .toZonedDateTimeISO(timeZone)
      .toString({ timeZoneName: 'never', smallestUnit: ms % SECOND_MS === 0 ? 'second' : 'millisecond' }),
  );
