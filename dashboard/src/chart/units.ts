import { axisCount, COMPACT_FROM, fullCount, percent, rate, shortCount } from '../lib/format.ts';
import { NUMBERS } from '../lib/numbers.ts';

/** What a number counts or measures: how it is written. */
export type Unit =
  | { readonly kind: 'count' }
  | { readonly kind: 'number' }
  | { readonly kind: 'share' }
  | { readonly kind: 'time' }
  | { readonly kind: 'money'; readonly currency: string }
  | { readonly kind: 'named'; readonly unit: string; readonly decimals?: number | undefined };

/** The three ways to write a number: in full where it is looked at, short where there is little room, shorter still on an axis. */
export interface Writer {
  readonly full: (value: number) => string;
  readonly short: (value: number) => string;
  readonly axis: (value: number) => string;
}

/** Stands where there is no number. */
export const NO_NUMBER = '–';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const parts = (ms: number, large: number, small: number, names: readonly [string, string]): string => {
  const most = Math.floor(ms / large);
  const rest = Math.round((ms - most * large) / small);
  if (rest * small >= large) return `${most + 1} ${names[0]}`;
  return rest === 0 ? `${most} ${names[0]}` : `${most} ${names[0]} ${rest} ${names[1]}`;
};

/** How long something took, in the two largest units: `0 s`, `840 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const timeSpan = (ms: number): string => {
  if (ms < 0) return `-${timeSpan(-ms)}`;
  if (ms === 0) return '0 s';
  if (ms < SECOND) return ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${NUMBERS.upTo(ms / SECOND, ms < 10 * SECOND ? 1 : 0)} s`;
  if (ms < HOUR) return parts(ms, MINUTE, SECOND, ['min', 's']);
  if (ms < DAY) return parts(ms, HOUR, MINUTE, ['h', 'min']);
  return parts(ms, DAY, HOUR, ['d', 'h']);
};

const AXIS_UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'min'],
  [SECOND, 's'],
] as const;

const timeAxis = (ms: number): string => {
  if (ms === 0) return '0';
  const [size, name] = AXIS_UNITS.find(([each]) => Math.abs(ms) >= each) ?? [1, 'ms'];
  return `${NUMBERS.upTo(ms / size, 1)} ${name}`;
};

const decimal = (value: number, digits = 4): string => {
  if (Number.isInteger(value)) return fullCount(value);
  const size = Math.abs(value);
  if (size >= 1000) return fullCount(value);
  return NUMBERS.significant(value, size < 1 ? 3 : digits);
};

const moneyWriter = (currency: string): Writer => {
  const full = (value: number): string =>
    NUMBERS.money(value, currency) ?? `${decimal(value)} ${currency}`.trim();
  const compact = (value: number): string =>
    NUMBERS.compactMoney(value, currency) ?? `${axisCount(value)} ${currency}`.trim();
  return {
    full,
    short: (value) => (Math.abs(value) < COMPACT_FROM ? full(value) : compact(value)),
    axis: compact,
  };
};

const withUnit = (text: string, unit: string): string =>
  unit === '%' ? NUMBERS.withPercent(text) : `${text} ${unit}`.trim();

const namedWriter = (unit: string, decimals: number | undefined): Writer => {
  const fixed = (value: number): string =>
    decimals === undefined ? decimal(value) : NUMBERS.fixed(value, decimals);
  const short = (value: number): string =>
    decimals === undefined && Math.abs(value) >= COMPACT_FROM ? shortCount(value) : fixed(value);
  return {
    full: (value) => withUnit(fixed(value), unit),
    short: (value) => withUnit(short(value), unit),
    axis: (value) => withUnit(axisCount(value), unit),
  };
};

const COUNT: Writer = { full: fullCount, short: shortCount, axis: axisCount };
const NUMBER: Writer = {
  full: (value) => decimal(value),
  short: (value) => (Math.abs(value) < 1000 ? decimal(value, 3) : rate(value)),
  axis: axisCount,
};
const SHARE: Writer = {
  full: percent,
  short: percent,
  axis: (value) => NUMBERS.withPercent(axisCount(value * 100)),
};
const TIME: Writer = { full: timeSpan, short: timeSpan, axis: timeAxis };

/** How numbers of a unit are written. */
export const writerOf = (unit: Unit): Writer => {
  switch (unit.kind) {
    case 'count':
      return COUNT;
    case 'number':
      return NUMBER;
    case 'share':
      return SHARE;
    case 'time':
      return TIME;
    case 'money':
      return moneyWriter(unit.currency);
    case 'named':
      return namedWriter(unit.unit, unit.decimals);
  }
};

/** A number, or a dash where there is none. */
export const written = (write: (value: number) => string, value: number | null | undefined): string =>
  value === null || value === undefined ? NO_NUMBER : write(value);
