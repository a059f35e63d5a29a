import { axisCount, fullCount, rate, shortCount } from '../lib/format.ts';

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
  if (ms < MINUTE) return `${Number((ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0))} s`;
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
  return `${Number((ms / size).toFixed(1))} ${name}`;
};

const decimal = (value: number, digits = 4): string => {
  if (Number.isInteger(value)) return fullCount(value);
  const size = Math.abs(value);
  if (size >= 1000) return fullCount(value);
  return String(Number(value.toPrecision(size < 1 ? 3 : digits)));
};

/** A share of 0 to 1 as percent, honest at both ends: never `0%` for something, never `100%` for less than all. */
export const percent = (share: number): string => {
  if (share < 0) return `-${percent(-share)}`;
  if (share === 0) return '0%';
  if (share === 1) return '100%';
  const value = share * 100;
  if (value < 0.1) return '<0.1%';
  if (value > 99.9 && value < 100) return '>99.9%';
  return `${value < 10 || (value > 99 && value < 100) ? value.toFixed(1) : fullCount(value)}%`;
};

const moneyFormats = new Map<string, Intl.NumberFormat>();

const moneyFormat = (currency: string, isShort: boolean): Intl.NumberFormat | undefined => {
  const key = `${currency} ${isShort}`;
  const known = moneyFormats.get(key);
  if (known !== undefined) return known;
  try {
    const made = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
      ...(isShort ? { notation: 'compact', maximumSignificantDigits: 3 } : {}),
    });
    if (moneyFormats.size < 100) moneyFormats.set(key, made);
    return made;
  } catch {
    // Not three letters: no currency that is known.
    return undefined;
  }
};

const COMPACT_MONEY_FROM = 100_000;

const moneyWriter = (currency: string): Writer => {
  const full = (value: number): string =>
    moneyFormat(currency, false)?.format(value) ?? `${decimal(value)} ${currency}`.trim();
  const compact = (value: number): string =>
    moneyFormat(currency, true)?.format(value) ?? `${axisCount(value)} ${currency}`.trim();
  return {
    full,
    short: (value) => (Math.abs(value) < COMPACT_MONEY_FROM ? full(value) : compact(value)),
    axis: compact,
  };
};

const namedWriter = (unit: string, decimals: number | undefined): Writer => {
  const behind = unit === '' ? '' : unit === '%' ? '%' : ` ${unit}`;
  const fixed = (value: number): string =>
    decimals === undefined
      ? decimal(value)
      : value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return {
    full: (value) => fixed(value) + behind,
    short: (value) =>
      (decimals === undefined && Math.abs(value) >= COMPACT_MONEY_FROM ? shortCount(value) : fixed(value)) +
      behind,
    axis: (value) => axisCount(value) + behind,
  };
};

const COUNT: Writer = { full: fullCount, short: shortCount, axis: axisCount };
const NUMBER: Writer = {
  full: (value) => decimal(value),
  short: (value) => (Math.abs(value) < 1000 ? decimal(value, 3) : rate(value)),
  axis: axisCount,
};
const SHARE: Writer = { full: percent, short: percent, axis: (value) => `${axisCount(value * 100)}%` };
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
