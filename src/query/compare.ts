import type { Compare } from '../contract/trend.ts';
import { TIME_MAX_MS, TIME_MIN_MS } from '../event/limits.ts';
import { type Axis, axisOf, isOfDays } from './buckets.ts';
import { parseInstant } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { TimeRange } from './time-range.ts';

/** Another period that a trend is measured over too, and which of its buckets stands beside which. */
export interface Comparison {
  readonly range: TimeRange;
  readonly axis: Axis;
  /** For each bucket of the trend the place of its counterpart on `axis`; undefined where it has none. */
  readonly places: readonly (number | undefined)[];
}

/** What a comparison depends on. */
export interface CompareContext {
  readonly range: TimeRange;
  readonly axis: Axis;
  readonly timeZone: string;
  readonly nowMs: number;
}

/** How far back the other period lies: so much on the calendar of the zone, or so many milliseconds. Negative amounts lie ahead. */
type Shift =
  | { readonly kind: 'days' | 'months'; readonly amount: number }
  | { readonly kind: 'milliseconds'; readonly amount: number };

const PATH = 'compare';
const DAY_MS = 86_400_000;
const MONTHS_PER_YEAR = 12;
const DAYS_PER_WEEK = 7;

/** The period to compare with. Throws ApiError `invalid_request`. */
export const comparisonOf = (compare: Compare, context: CompareContext): Comparison => {
  const { range, axis, timeZone } = context;
  const shift = shiftOf(compare, context);
  const shifted = {
    fromMs: shiftedInstant(range.fromMs, shift, timeZone),
    toMs: shiftedInstant(range.toMs, shift, timeZone),
  };
  if (shifted.fromMs >= shifted.toMs)
    throw invalidAt(PATH, 'The other period has none of these days. Compare with another one.');
  if (shifted.fromMs < TIME_MIN_MS || shifted.toMs > TIME_MAX_MS + 1)
    throw invalidAt(PATH, 'The other period lies outside the years 1900 to 2299.');
  if (axis.interval === 'total')
    return { range: shifted, axis: axisOf('total', shifted, timeZone), places: [0] };
  if (shift.kind === 'milliseconds') {
    const starts = axis.starts.map((ms) => ms - shift.amount);
    const moved: Axis = { ...axis, starts, endMs: axis.endMs - shift.amount };
    return { range: shifted, axis: moved, places: starts.map((_, index) => index) };
  }
  const other = axisOf(axis.interval, shifted, timeZone);
  return { range: shifted, axis: other, places: placesOf(axis, other, shift, timeZone) };
};

const local = (ms: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);

const shiftOf = (compare: Compare, context: CompareContext): Shift => {
  if (typeof compare === 'object') return shiftTo(compare.to, context);
  switch (compare) {
    case 'previous_day':
      return { kind: 'days', amount: 1 };
    case 'previous_week':
      return { kind: 'days', amount: DAYS_PER_WEEK };
    case 'previous_month':
      return { kind: 'months', amount: 1 };
    case 'previous_year':
      return { kind: 'months', amount: MONTHS_PER_YEAR };
    case 'previous_period':
      return shiftByLength(context);
  }
};

/** Whole months or days where the range is of such; else its length, in whole days where buckets are days or longer. */
const shiftByLength = ({ range, axis, timeZone }: CompareContext): Shift => {
  const [from, to] = [local(range.fromMs, timeZone), local(range.toMs, timeZone)];
  if (isFirstOfMonth(from) && isFirstOfMonth(to))
    return { kind: 'months', amount: (to.year - from.year) * MONTHS_PER_YEAR + to.month - from.month };
  const days = from.toPlainDate().until(to.toPlainDate()).days;
  if (days > 0 && from.toPlainTime().equals(to.toPlainTime())) return { kind: 'days', amount: days };
  const lengthMs = range.toMs - range.fromMs;
  if (!isOfDays(axis.interval)) return { kind: 'milliseconds', amount: lengthMs };
  const whole = Math.ceil(lengthMs / DAY_MS);
  const step = axis.interval === '1w' ? DAYS_PER_WEEK : 1;
  return { kind: 'days', amount: Math.ceil(whole / step) * step };
};

const isFirstOfMonth = (at: Temporal.ZonedDateTime): boolean =>
  at.day === 1 && at.toPlainDate().toZonedDateTime(at.timeZoneId).epochMilliseconds === at.epochMilliseconds;

const shiftTo = (to: string | number, { range, axis, timeZone, nowMs }: CompareContext): Shift => {
  const path = `${PATH}.to`;
  const startMs = parseInstant(to, { path, nowMs, timeZone });
  const [from, start] = [local(range.fromMs, timeZone), local(startMs, timeZone)];
  if (from.toPlainTime().equals(start.toPlainTime()))
    return { kind: 'days', amount: start.toPlainDate().until(from.toPlainDate()).days };
  if (!isOfDays(axis.interval)) return { kind: 'milliseconds', amount: range.fromMs - startMs };
  throw invalidAt(
    path,
    `With buckets of days and longer the other period must begin at the same time of day as the range, ${from.toPlainTime().toString()} in ${timeZone}.`,
  );
};

/** The instant with the same time on the clocks of the zone on the other day. Where a month has no such day, the first of the next one. */
const shiftedInstant = (ms: number, shift: Shift, timeZone: string): number => {
  if (shift.kind === 'milliseconds') return ms - shift.amount;
  const at = local(ms, timeZone).toPlainDateTime();
  const day = shiftedDate(at.toPlainDate(), shift);
  if (day !== undefined)
    return day.toZonedDateTime({ timeZone, plainTime: at.toPlainTime() }).epochMilliseconds;
  const month = at
    .toPlainDate()
    .with({ day: 1 })
    .subtract({ months: shift.amount - 1 });
  return month.toZonedDateTime(timeZone).epochMilliseconds;
};

/** The day so far back; undefined where a month has no such day. */
const shiftedDate = (
  date: Temporal.PlainDate,
  { kind, amount }: Shift & { kind: 'days' | 'months' },
): Temporal.PlainDate | undefined => {
  if (kind === 'days') return date.subtract({ days: amount });
  const day = date.subtract({ months: amount });
  return day.day === date.day ? day : undefined;
};

/** Beside each bucket the one with the same local time on the other day. Weeks and months that begin on other days there are counted off: the first beside the first. */
const placesOf = (
  axis: Axis,
  other: Axis,
  shift: Shift & { kind: 'days' | 'months' },
  timeZone: string,
): (number | undefined)[] => {
  const { interval } = axis;
  const isCounted =
    (interval === '1w' && (shift.kind !== 'days' || shift.amount % DAYS_PER_WEEK !== 0)) ||
    (interval === '1M' && shift.kind !== 'months');
  if (isCounted) return axis.starts.map((_, index) => (index < other.starts.length ? index : undefined));
  const places = new Map(other.starts.map((ms, index) => [ms, index]));
  const counterpart = isOfDays(interval) ? sameDay : sameClock;
  return axis.starts.map((ms) => {
    const at = local(ms, timeZone);
    const day = shiftedDate(at.toPlainDate(), shift);
    const start = day === undefined ? undefined : counterpart(at, day);
    return start === undefined ? undefined : places.get(start);
  });
};

/** The first instant of the day; undefined for a day that the zone skipped. */
const sameDay = (at: Temporal.ZonedDateTime, day: Temporal.PlainDate): number | undefined => {
  const start = day.toZonedDateTime(at.timeZoneId);
  return start.toPlainDate().equals(day) ? start.epochMilliseconds : undefined;
};

/** The same time of day. Undefined where the clocks skipped it; the second of an hour that comes twice has only a second one as its counterpart. */
const sameClock = (at: Temporal.ZonedDateTime, day: Temporal.PlainDate): number | undefined => {
  const wanted = day.toPlainDateTime(at.toPlainTime());
  const isSecond = isSecondTime(at);
  const start = wanted.toZonedDateTime(at.timeZoneId, { disambiguation: isSecond ? 'later' : 'earlier' });
  if (!start.toPlainDateTime().equals(wanted)) return undefined;
  return isSecond && !isSecondTime(start) ? undefined : start.epochMilliseconds;
};

const isSecondTime = (at: Temporal.ZonedDateTime): boolean =>
  at.toPlainDateTime().toZonedDateTime(at.timeZoneId, { disambiguation: 'earlier' }).epochMilliseconds <
  at.epochMilliseconds;
