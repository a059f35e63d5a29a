import { NUMBERS } from './numbers.ts';

/** Numbers and times in words. Numbers are written by the rules of the reader's locale: what stands in these comments is what English readers see. */

/** Below this, numbers are written with all digits where there is little room. */
export const COMPACT_FROM = 100_000;

/** A count with all its digits: `1,234,567`. */
export const fullCount = (count: number): string => NUMBERS.upTo(count, 0);

/** A count as short as it may be without hiding small ones: `48,211`, `1.23M`. */
export const shortCount = (count: number): string =>
  Math.abs(count) < COMPACT_FROM ? fullCount(count) : axisCount(count);

/** A count for an axis: `0`, `500`, `2.5K`. */
export const axisCount = (count: number): string => NUMBERS.compact(count);

/** A rate: two decimals below 1, one below 100, none above. */
export const rate = (perSecond: number): string => {
  if (perSecond < 1) return NUMBERS.upTo(perSecond, 2);
  return perSecond < 100 ? NUMBERS.upTo(perSecond, 1) : shortCount(Math.round(perSecond));
};

const percentOf = (value: number, decimals: number): string =>
  NUMBERS.withPercent(NUMBERS.fixed(value, decimals));

/** A share of 0 to 1 as percent, honest at both ends: never `0%` for something, never `100%` for less than all. */
export const percent = (ofOne: number): string => {
  if (ofOne < 0) return `-${percent(-ofOne)}`;
  const value = ofOne * 100;
  if (value > 0 && value < 0.1) return `<${percentOf(0.1, 1)}`;
  if (value > 99.9 && value < 100) return `>${percentOf(99.9, 1)}`;
  const isFine = (value > 0 && value < 10) || (value > 99 && value < 100);
  return percentOf(value, isFine ? 1 : 0);
};

/** A part of a whole as percent; of nothing it is none. */
export const share = (part: number, whole: number): string => percent(whole === 0 ? 0 : part / whole);

/** A given share of 0 to 1, such as the level of a quantile, with the decimals that it has: `95%`, `99.9%`. */
export const shareText = (ofOne: number): string => NUMBERS.withPercent(NUMBERS.upTo(ofOne * 100, 2));

/** How much a number is above or below an earlier one. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same';
  /** `12%`, `12x`, `>100x`, `new`. */
  readonly text: string;
}

/** The change from `before` to `now`; undefined where both are 0, because nothing is to be said then. */
export const changeOf = (now: number, before: number): Change | undefined => {
  if (now === before) return now === 0 ? undefined : { direction: 'same', text: percent(0) };
  if (before === 0) return { direction: 'up', text: 'new' };
  const ratio = now / before;
  const direction = ratio > 1 ? 'up' : 'down';
  if (ratio >= 100) return { direction, text: '>100x' };
  if (ratio >= 10) return { direction, text: `${Math.round(ratio)}x` };
  const apart = Math.abs(ratio - 1);
  return { direction, text: apart < 0.01 ? `<${percentOf(1, 0)}` : percentOf(apart * 100, 0) };
};

/** How long ago something was: `0.4 s ago`, `12 s ago`, `3 min ago`, `2 h ago`. */
export const ago = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${NUMBERS.fixed(seconds, 1)} s ago`;
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${fullCount(seconds / 86_400)} days ago`;
};

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size: `812 B`, `4.1 MB`, `12 GB`. */
export const byteSize = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${NUMBERS.upTo(value, value < 10 && unit > 0 ? 1 : 0)} ${BYTE_UNITS[unit]}`;
};

const HOUR_MS = 3_600_000;

/** A duration: `0.4 ms`, `12 ms`, `1.25 s`, `3.2 min`, `5.5 h`. */
export const duration = (ms: number): string => {
  if (ms < 10) return `${NUMBERS.upTo(ms, 1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${NUMBERS.upTo(ms / 1000, 2)} s`;
  if (ms < 2 * HOUR_MS) return `${NUMBERS.upTo(ms / 60_000, 1)} min`;
  return `${NUMBERS.upTo(ms / HOUR_MS, 1)} h`;
};

/** How long a session took, from its first event to its last; of a single event nobody knows. */
export const sessionLength = (ms: number): string => (ms === 0 ? '–' : duration(ms));

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time of day: `14:03:09`. */
export const clock = (at: Date): string =>
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

/** Local time of day to the millisecond: `14:03:09.042`. */
export const clockMs = (at: Date): string => `${clock(at)}.${String(at.getMilliseconds()).padStart(3, '0')}`;

/** Local time of day to the minute: `14:03`. */
export const clockMinute = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}`;

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** A local day: `9 Apr`, with the year if asked. */
export const day = (at: Date, withYear = false): string => (withYear ? DAY_OF_YEAR : DAY).format(at);

/** A local day and minute: `9 Apr 2024, 14:03`. */
export const dayAndMinute = (at: Date): string => `${day(at, true)}, ${clockMinute(at)}`;

/** `1 event`, `2 events`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${shortCount(count)} ${count === 1 ? one : many}`;
