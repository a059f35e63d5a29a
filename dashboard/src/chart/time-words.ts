import { dateIn, dayIn, minuteIn, momentIn, monthIn, secondIn } from '../lib/zoned.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH_LEAST = 28 * DAY;
const YEAR_LEAST = 365 * DAY;

const WEEKDAYS = new Map<string, Intl.DateTimeFormat>();

const weekdayOf = (zone: string): Intl.DateTimeFormat => {
  const known = WEEKDAYS.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: zone });
  if (WEEKDAYS.size < 50) WEEKDAYS.set(zone, made);
  return made;
};

/** How wide buckets are, by the first two; undefined for fewer. */
export const stepOf = (starts: readonly number[]): number | undefined => {
  const [first, second] = starts;
  return first === undefined || second === undefined ? undefined : second - first;
};

/** A moment as an axis says it, where ticks are `step` seconds apart. */
export const tickText = (seconds: number, step: number, zone: string): string => {
  const ms = seconds * 1000;
  if (step >= YEAR_LEAST) return dateIn(ms, zone).slice(-4);
  if (step >= MONTH_LEAST) return monthIn(ms, zone);
  if (step >= DAY) return dayIn(ms, zone);
  if (step < MINUTE) return secondIn(ms, zone);
  const minute = minuteIn(ms, zone);
  return minute === '00:00' ? dayIn(ms, zone) : minute;
};

/** A bucket in words, by where it begins and how many seconds it lasts. */
export const bucketText = (seconds: number, step: number | undefined, zone: string): string => {
  const ms = seconds * 1000;
  if (step === undefined) return momentIn(ms, zone);
  if (step >= MONTH_LEAST) return monthIn(ms, zone);
  if (step > 2 * DAY) return `Week of ${dateIn(ms, zone)}`;
  if (step > HOUR * 22) return `${weekdayOf(zone).format(ms)} ${dateIn(ms, zone)}`;
  const end = ms + step * 1000;
  if (step < MINUTE) return `${dayIn(ms, zone)}, ${secondIn(ms, zone)}–${secondIn(end, zone)}`;
  return `${dayIn(ms, zone)}, ${minuteIn(ms, zone)}–${minuteIn(end, zone)}`;
};

/** A step that is counted from 0: `Day 3`. */
export const stepText = (word: string, step: number): string =>
  `${word.charAt(0).toUpperCase()}${word.slice(1)} ${step}`;
