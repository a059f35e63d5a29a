import type { RangeInput } from '../contract/question.ts';
import { didYouMean } from '../lib/nearest.ts';
import { type InstantContext, parseInstant } from './instant.ts';
import { invalidAt } from '../http/request-problem.ts';

/** Width of the finest pane. Relative ranges end with the pane that is running, so that the rollup can answer them. */
export const PANE_MS = 10_000;

/** A stretch of time, end not included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** `all`: from the first event to the last, which only the warehouse knows. */
export type ParsedRange = TimeRange | 'all';

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
type Unit = (typeof UNITS)[number];

const ABBREVIATIONS: Readonly<Record<string, Unit>> = {
  s: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  y: 'year',
};

/** Amounts of a unit beyond which the start would leave the calendar. */
const AMOUNT_MAX = 1_000_000;

const LAST = /^last\s+(?:(\d+)\s*)?([a-z]+)$/u;
const CALENDAR = /^(this|previous)\s+([a-z]+)$/u;

const HELP =
  'Use "last 30 minutes" (seconds, minutes, hours, days, weeks, months, quarters, years), "today", "yesterday", "this week", "previous month", "all time", or {"from": ..., "to": ...}.';

/** Reads a range. The grammar is in docs/reference/query.md. Throws ApiError `invalid_request`. */
export const parseRange = (input: RangeInput, nowMs: number, timeZone: string): ParsedRange => {
  const range =
    typeof input === 'string' ? parseWords(input, nowMs, timeZone) : parseBounds(input, nowMs, timeZone);
  if (range !== 'all' && range.fromMs >= range.toMs) {
    throw invalidAt('range', '"from" must lie before "to"; the end is not included.');
  }
  return range;
};

/** The end of the pane that is running: "now" of a range. */
const endOfPane = (nowMs: number): number => (Math.floor(nowMs / PANE_MS) + 1) * PANE_MS;

const parseBounds = (input: Exclude<RangeInput, string>, nowMs: number, timeZone: string): TimeRange => {
  const context = (path: string): InstantContext => ({ path, nowMs: endOfPane(nowMs), timeZone });
  return {
    fromMs: parseInstant(input.from, context('range.from')),
    toMs: parseInstant(input.to ?? 'now', context('range.to')),
  };
};

const parseWords = (input: string, nowMs: number, timeZone: string): ParsedRange => {
  const text = input.trim().toLowerCase().replace(/\s+/gu, ' ');
  if (text === 'all time' || text === 'all') return 'all';
  if (text === 'today') return calendarRange('this', 'day', nowMs, timeZone);
  if (text === 'yesterday') return calendarRange('previous', 'day', nowMs, timeZone);
  const last = LAST.exec(text);
  if (last !== null) return lastRange(Number(last[1] ?? 1), unitOf(last[2] ?? ''), nowMs, timeZone);
  const calendar = CALENDAR.exec(text);
  if (calendar !== null) {
    return calendarRange(
      calendar[1] === 'this' ? 'this' : 'previous',
      unitOf(calendar[2] ?? ''),
      nowMs,
      timeZone,
    );
  }
  throw invalidAt('range', `"${input}" is not a range. ${HELP}`);
};

const unitOf = (word: string): Unit => {
  const singular = word.endsWith('s') && word.length > 1 ? word.slice(0, -1) : word;
  const unit =
    UNITS.find((name) => name === singular) ??
    (Object.hasOwn(ABBREVIATIONS, word) ? ABBREVIATIONS[word] : undefined);
  if (unit === undefined)
    throw invalidAt('range', `"${word}" is not a unit of time.${didYouMean(word, UNITS)} ${HELP}`);
  return unit;
};

const durationOf = (amount: number, unit: Unit): Temporal.DurationLike =>
  unit === 'quarter' ? { months: 3 * amount } : { [`${unit}s`]: amount };

const zoned = (ms: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);

const lastRange = (amount: number, unit: Unit, nowMs: number, timeZone: string): TimeRange => {
  if (amount < 1 || amount > AMOUNT_MAX)
    throw invalidAt('range', `"last" takes 1 to ${AMOUNT_MAX.toLocaleString('en')} units.`);
  const toMs = endOfPane(nowMs);
  try {
    const from = zoned(toMs, timeZone).subtract(durationOf(amount, unit)).epochMilliseconds;
    return { fromMs: parseInstant(from, { path: 'range', nowMs, timeZone }), toMs };
  } catch (cause) {
    if (cause instanceof RangeError) throw invalidAt('range', 'reaches back beyond the year 1900.');
    throw cause;
  }
};

const startOf = (at: Temporal.ZonedDateTime, unit: Unit): Temporal.ZonedDateTime => {
  const date = at.toPlainDate();
  const midnight = (day: Temporal.PlainDate) => day.toZonedDateTime(at.timeZoneId);
  switch (unit) {
    case 'second':
    case 'minute':
    case 'hour':
      return at.round({ smallestUnit: unit, roundingMode: 'floor' });
    case 'day':
      return midnight(date);
    case 'week':
      return midnight(date.subtract({ days: date.dayOfWeek - 1 }));
    case 'month':
      return midnight(date.with({ day: 1 }));
    case 'quarter':
      return midnight(date.with({ day: 1, month: date.month - ((date.month - 1) % 3) }));
    case 'year':
      return midnight(date.with({ day: 1, month: 1 }));
  }
};

const calendarRange = (
  which: 'this' | 'previous',
  unit: Unit,
  nowMs: number,
  timeZone: string,
): TimeRange => {
  const start = startOf(zoned(nowMs, timeZone), unit);
  if (which === 'this') return { fromMs: start.epochMilliseconds, toMs: endOfPane(nowMs) };
  const before = startOf(start.subtract({ nanoseconds: 1 }), unit);
  return { fromMs: before.epochMilliseconds, toMs: start.epochMilliseconds };
};

/** The zone by its name. Throws ApiError `invalid_request` for one that does not exist. */
export const parseTimeZone = (name: string): string => {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    const near = didYouMean(name, Intl.supportedValuesOf('timeZone'));
    throw invalidAt(
      'timezone',
      `"${name}" is not a time zone. Use an IANA name, for example "Europe/Berlin".${near}`,
    );
  }
};
