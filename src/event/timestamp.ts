import { CH } from './json-scanner.ts';
import { byteAt } from './layout.ts';
import { TIME_MAX_MS, TIME_MIN_MS } from './limits.ts';

/**
 * Times as ISO 8601 with a zone, in the form of RFC 3339 plus what is common and unambiguous: `YYYY-MM-DDTHH:MM[:SS[.fraction]](Z|±HH:MM|±HHMM|±HH)`. Also: a space or
 * lower-case `t` instead of `T`, lower-case `z`, a comma before the fraction. Fractions beyond milliseconds are cut off, so that no time moves into the future.
 * Second 60 (a leap second) is the first of the next minute, as in POSIX time.
 */

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MONTH_DAYS = Uint8Array.of(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);
const SHORTEST = '2026-11-20T12:00Z'.length;
const OFFSET_HOURS_MAX = 23;

/** Two digits at `at` as a number, or -1. */
const two = (bytes: Uint8Array, at: number): number => {
  const tens = byteAt(bytes, at) - CH.zero;
  const ones = byteAt(bytes, at + 1) - CH.zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
};

const daysIn = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    ? 29
    : (MONTH_DAYS[month - 1] as number);

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
const daysFromCivil = (year: number, month: number, day: number): number => {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
};

/** Milliseconds of the date at `at`, or NaN. */
const dateMs = (bytes: Uint8Array, at: number): number => {
  const century = two(bytes, at);
  const rest = two(bytes, at + 2);
  const month = two(bytes, at + 5);
  const day = two(bytes, at + 8);
  if (century < 0 || rest < 0 || bytes[at + 4] !== CH.minus || bytes[at + 7] !== CH.minus) return Number.NaN;
  const year = century * 100 + rest;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return Number.NaN;
  const date = (year << 9) | (month << 5) | day;
  if (date !== lastDate) {
    lastDate = date;
    lastDateMs = daysFromCivil(year, month, day) * DAY_MS;
  }
  return lastDateMs;
};

/** The date last converted: events mostly come of one day. */
let lastDate = -1;
let lastDateMs = 0;

/** Milliseconds that the zone at `at`, which must be the last thing, is ahead of UTC; or NaN. */
const zoneMs = (bytes: Uint8Array, at: number, end: number): number => {
  const sign = byteAt(bytes, at);
  const size = end - at;
  if ((sign | 0x20) === 0x7a) return size === 1 ? 0 : Number.NaN;
  if ((sign !== CH.plus && sign !== CH.minus) || (size !== 3 && size !== 5 && size !== 6)) return Number.NaN;
  if (size === 6 && bytes[at + 3] !== CH.colon) return Number.NaN;
  const hours = two(bytes, at + 1);
  const minutes = size === 3 ? 0 : two(bytes, end - 2);
  if (hours < 0 || hours > OFFSET_HOURS_MAX || minutes < 0 || minutes > 59) return Number.NaN;
  return (sign === CH.minus ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS;
};

/**
 * Milliseconds since the epoch of the ISO 8601 text `bytes[start..end)`, or NaN when it is not one, has no zone, or lies outside of the years 1900 to 2299.
 */
export const parseIsoMs = (bytes: Uint8Array, start: number, end: number): number => {
  if (end - start < SHORTEST) return Number.NaN;
  const day = dateMs(bytes, start);
  const separator = byteAt(bytes, start + 10);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  if ((separator | 0x20) !== CH.t && separator !== CH.space) return Number.NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || bytes[start + 13] !== CH.colon) return Number.NaN;
  let ms = day + hour * 3_600_000 + minute * MINUTE_MS;
  let at = start + 16;
  if (bytes[at] === CH.colon) {
    const second = at + 3 < end ? two(bytes, at + 1) : -1;
    if (second < 0 || second > 60) return Number.NaN;
    ms += second * 1000;
    at += 3;
    if (bytes[at] === CH.dot || bytes[at] === CH.comma) {
      const digits = at + 1;
      for (at = digits; at < end && byteAt(bytes, at) >= CH.zero && byteAt(bytes, at) <= CH.nine; at++)
        if (at < digits + 3)
          ms += (byteAt(bytes, at) - CH.zero) * (at === digits ? 100 : at === digits + 1 ? 10 : 1);
      if (at === digits || at >= end) return Number.NaN;
    }
  }
  return inRange(ms - zoneMs(bytes, at, end));
};

/** Milliseconds since the epoch from the text of a JSON number, fractions cut off downwards; NaN outside of the years 1900 to 2299. */
export const parseEpochMs = (bytes: Uint8Array, start: number, end: number): number => {
  const length = end - start;
  // In two halves, each a small integer to the machine: whole, it would be a floating-point number at every digit.
  const middle = start + Math.min(length, SMALL_DIGITS_MAX);
  const high = digitsAt(bytes, start, middle);
  const low = digitsAt(bytes, middle, end);
  if (length > DIGITS_MAX || high < 0 || low < 0)
    return inRange(Math.floor(Number(Buffer.from(bytes.subarray(start, end)).toString('latin1'))));
  return inRange(high * (POWERS_OF_TEN[end - middle] as number) + low);
};

/** Together at most 15: such a number is exact. */
const SMALL_DIGITS_MAX = 9;
const DIGITS_MAX = 15;
const POWERS_OF_TEN = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** The number that at most nine digits spell, -1 if something else is among them. */
const digitsAt = (bytes: Uint8Array, start: number, end: number): number => {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = byteAt(bytes, at) - CH.zero;
    if (digit < 0 || digit > 9) return -1;
    number = (number * 10 + digit) | 0;
  }
  return number;
};

/** The same time if it can be stored (0 for -0), otherwise NaN. */
const inRange = (ms: number): number => (ms >= TIME_MIN_MS && ms <= TIME_MAX_MS ? ms + 0 : Number.NaN);

/** What is wrong with a text that `parseIsoMs` refused, and what to do. `shown` is the text as JSON. */
export const timestampProblem = (text: string, shown: string): string => {
  if (/^-?\d+(\.\d+)?$/.test(text))
    return `The timestamp ${shown} is a string of digits: send milliseconds as a JSON number, without quotes.`;
  if (/^\d{4}-\d\d-\d\d$/.test(text))
    return `The timestamp ${shown} is only a date: add a time and a zone, for example "${text}T00:00:00Z".`;
  if (/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?$/.test(text))
    return `The timestamp ${shown} has no zone: add "Z" for UTC or an offset such as "+02:00".`;
  return `The timestamp ${shown} is not ISO 8601 with a zone of the years 1900 to 2299. Send for example "2026-11-20T12:00:00.000Z", or leave it out to use the time of receipt.`;
};
