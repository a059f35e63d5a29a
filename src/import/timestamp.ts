import { TIME_MAX_MS, TIME_MIN_MS } from '../event/limits.ts';
import { compareDecimals, type Decimal, decimalOf, multiplyDecimals, parseDecimal } from '../lib/decimal.ts';
import { civilTime, compileDatePattern, type DateParts, zoneOffset } from './date-pattern.ts';
import { timeZone } from './time-zone.ts';
import { isDecimal, quoteValue, RowError, textOf, type Value } from './value.ts';

/** Reads the time of an event, milliseconds since the epoch; null when there is none. Throws RowError. */
export type ReadTimestamp = (value: Value) => number | null;

/** Numbers below this, taken as milliseconds, lie before March 1973: far more likely they are seconds. */
const SUSPICIOUS_MS = decimalOf(100_000_000_000);

/** Milliseconds in one of the unit. */
const UNITS: Readonly<Record<string, Decimal>> = {
  unix: decimalOf(1000),
  unix_s: decimalOf(1000),
  unix_ms: decimalOf(1),
  unix_us: { units: 1n, scale: 3 },
  unix_ns: { units: 1n, scale: 6 },
};

/** Names of formats that are no pattern. */
export const NAMED_DATE_FORMATS: readonly string[] = ['iso', ...Object.keys(UNITS)];

/**
 * How times are read: `format` is `iso` (ISO 8601, and numbers as milliseconds), `unix`, `unix_ms`, `unix_us`, `unix_ns` or a pattern; times without zone are of
 * zone `zone`. Throws ImportError for a format or zone that does not exist.
 */
export const timestampReader = (format: string, zone: string): ReadTimestamp => {
  const zoned = timeZone(zone);
  const toMs = ({ localMs, offsetMs }: DateParts): number =>
    offsetMs === undefined ? zoned.instantOf(localMs) : localMs - offsetMs;
  const unit = UNITS[format];
  if (unit !== undefined) return guarded((value) => ofUnits(value, unit));
  const read = format === 'iso' ? readIso : compileDatePattern(format);
  return guarded((value) => {
    if (format === 'iso') {
      const number = numberIn(value);
      if (number !== undefined) return ofMilliseconds(number);
    }
    const parts = read(textOf(value).trim());
    return typeof parts === 'string' ? parts : toMs(parts);
  });
};

const guarded =
  (read: (value: Value) => number | string): ReadTimestamp =>
  (value) => {
    if (value === null || value === '') return null;
    const ms = read(value);
    if (typeof ms === 'string')
      throw new RowError('invalid_timestamp', `${quoteValue(value)} is not a time: ${ms}`);
    if (ms < TIME_MIN_MS || ms > TIME_MAX_MS) {
      throw new RowError('invalid_timestamp', `${quoteValue(value)} lies outside of the years 1900 to 2299`);
    }
    return ms;
  };

const numberIn = (value: Value): Decimal | undefined => {
  if (isDecimal(value)) return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/u.test(value) ? parseDecimal(value) : undefined;
};

const ofMilliseconds = (number: Decimal): number | string => {
  const magnitude = number.units < 0n ? { units: -number.units, scale: number.scale } : number;
  if (compareDecimals(magnitude, SUSPICIOUS_MS) < 0) {
    return 'a number is taken as milliseconds since 1970, and this one looks like something else; for seconds say --date-format unix, or give its pattern';
  }
  return floorOf(number);
};

const ofUnits = (value: Value, unit: Decimal): number | string => {
  const number = isDecimal(value) ? value : parseDecimal(textOf(value));
  return number === undefined ? 'it is not a number' : floorOf(multiplyDecimals(number, unit));
};

/** Fractions of a millisecond are cut off downwards. */
const floorOf = ({ units, scale }: Decimal): number => {
  const divisor = 10n ** BigInt(scale);
  const quotient = units / divisor;
  return Number(units % divisor < 0n ? quotient - 1n : quotient);
};

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9})\d*)?)?\s?([Zz]|[+-]\d\d(?::?\d\d)?)?)?$/u;

/** ISO 8601 as in RFC 3339, and with parts left out: no zone, no seconds, only a date (midnight). */
const readIso = (text: string): DateParts | string => {
  const plain = readPlainIso(text);
  if (plain !== undefined) return plain;
  const match = ISO.exec(text);
  if (match === null)
    return 'it is not ISO 8601; give its form with --date-format, for example --date-format "DD/MM/YYYY HH:mm"';
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const time = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms,
  };
  return civilTime(time, zone === undefined ? undefined : zoneOffset(zone));
};

const PLAIN_ISO = 'YYYY-MM-DDTHH:mm:ss'.length;

/** Times to the second without zone, as they mostly are in files, without a regular expression. Undefined for all others. */
const readPlainIso = (text: string): DateParts | undefined => {
  if (text.length !== PLAIN_ISO) return undefined;
  const at = (index: number): number => text.charCodeAt(index);
  const separator = at(10);
  const isForm = at(4) === 0x2d && at(7) === 0x2d && at(13) === 0x3a && at(16) === 0x3a;
  if (!isForm || (separator !== 0x54 && separator !== 0x20)) return undefined;
  const two = (index: number): number => {
    const tens = at(index) - 0x30;
    const ones = at(index + 1) - 0x30;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
  };
  const [year, month, day] = [two(0) * 100 + two(2), two(5), two(8)];
  const [hour, minute, second] = [two(11), two(14), two(17)];
  if (Number.isNaN(year + month + day + hour + minute + second)) return undefined;
  const parts = civilTime({ year, month, day, hour, minute, second, ms: 0 }, undefined);
  return typeof parts === 'string' ? undefined : parts;
};
