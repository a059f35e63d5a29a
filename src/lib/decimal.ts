/**
 * Exact decimal arithmetic: 2.55 * 6 is 15.3, not 15.299999999999999. A number is an integer times a power of ten, so nothing is rounded but a division.
 */

/** `units` / 10^`scale`. Made by this module; not normalised: 2.50 keeps its zero until it is written. */
export interface Decimal {
  readonly units: bigint;
  /** Digits behind the point, 0 or more. */
  readonly scale: number;
}

/** Digits that a number may have, before and behind the point together: a bound on work and memory. */
export const DECIMAL_DIGITS_MAX = 400;

/** Digits behind the point that a quotient is rounded to, half away from zero. */
export const QUOTIENT_SCALE = 18;

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/u;

/** Integers up to this many digits are read by way of a JavaScript number, which is much faster than BigInt(text). */
const FAST_DIGITS = 15;

/** The number a text says, surrounding white space aside: sign, digits, point, exponent; undefined for anything else, or when it has too many digits. */
export const parseDecimal = (text: string): Decimal | undefined => {
  const plain = plainDecimal(text);
  if (plain !== undefined) return plain;
  const match = NUMBER.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const digits = whole + fraction;
  if (digits.length === 0 || digits.length > DECIMAL_DIGITS_MAX) return undefined;
  const magnitude = digits.length <= FAST_DIGITS ? BigInt(Number(digits)) : BigInt(digits);
  const units = sign === '-' ? -magnitude : magnitude;
  return scaled(units, fraction.length - Number(exponentText));
};

/** Numbers as they mostly are: a few digits and perhaps a point. Undefined for all others. */
const plainDecimal = (text: string): Decimal | undefined => {
  if (text.length === 0 || text.length > FAST_DIGITS) return undefined;
  let digits = 0;
  let point = -1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e && point < 0) point = at;
    else if (code >= 0x30 && code <= 0x39) digits = digits * 10 + (code - 0x30);
    else return undefined;
  }
  if (point >= 0 && text.length === 1) return undefined;
  return { units: BigInt(digits), scale: point < 0 ? 0 : text.length - point - 1 };
};

const scaled = (units: bigint, scale: number): Decimal | undefined => {
  if (units === 0n) return { units, scale: 0 };
  if (scale >= 0) return scale > DECIMAL_DIGITS_MAX ? undefined : { units, scale };
  return -scale > DECIMAL_DIGITS_MAX ? undefined : { units: units * 10n ** BigInt(-scale), scale: 0 };
};

/** A whole number as a decimal. */
export const decimalOf = (value: number | bigint): Decimal => ({ units: BigInt(value), scale: 0 });

const unitsAt = (value: Decimal, scale: number): bigint =>
  scale === value.scale ? value.units : value.units * 10n ** BigInt(scale - value.scale);

/** a + b. */
export const addDecimals = (a: Decimal, b: Decimal): Decimal => {
  const scale = Math.max(a.scale, b.scale);
  return { units: unitsAt(a, scale) + unitsAt(b, scale), scale };
};

/** -a. */
export const negateDecimal = (a: Decimal): Decimal => ({ units: -a.units, scale: a.scale });

/** a - b. */
export const subtractDecimals = (a: Decimal, b: Decimal): Decimal => addDecimals(a, negateDecimal(b));

/** a * b. */
export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal => ({
  units: a.units * b.units,
  scale: a.scale + b.scale,
});

/** a / b to `QUOTIENT_SCALE` digits behind the point, rounded half away from zero; undefined when b is zero. */
export const divideDecimals = (a: Decimal, b: Decimal): Decimal | undefined => {
  if (b.units === 0n) return undefined;
  const shift = QUOTIENT_SCALE + b.scale - a.scale;
  const numerator = shift >= 0 ? a.units * 10n ** BigInt(shift) : a.units;
  const denominator = shift >= 0 ? b.units : b.units * 10n ** BigInt(-shift);
  return { units: divideRounding(numerator, denominator), scale: QUOTIENT_SCALE };
};

const divideRounding = (numerator: bigint, denominator: bigint): bigint => {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const quotient = (2n * n + d) / (2n * d);
  return negative ? -quotient : quotient;
};

/** `a` rounded to `digits` behind the point, half away from zero. Negative `digits` round to tens, hundreds and so on. */
export const roundDecimal = (a: Decimal, digits: number): Decimal => {
  if (digits >= a.scale) return a;
  const units = divideRounding(a.units, 10n ** BigInt(a.scale - digits));
  return digits >= 0 ? { units, scale: digits } : { units: units * 10n ** BigInt(-digits), scale: 0 };
};

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const scale = Math.max(a.scale, b.scale);
  const difference = unitsAt(a, scale) - unitsAt(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};

/** Whether the number is small enough to be computed with further. */
export const isWithinDigits = (a: Decimal): boolean =>
  a.scale <= DECIMAL_DIGITS_MAX && a.units < DIGITS_LIMIT && a.units > -DIGITS_LIMIT;

const DIGITS_LIMIT = 10n ** BigInt(DECIMAL_DIGITS_MAX);

/** Plain digits without exponent or needless zeros: `15.3`, `-0.001`, `0`. Also a JSON number. */
export const formatDecimal = (a: Decimal): string => {
  const negative = a.units < 0n;
  const digits = (negative ? -a.units : a.units).toString();
  if (a.scale === 0) return negative ? `-${digits}` : digits;
  const padded = digits.padStart(a.scale + 1, '0');
  const whole = padded.slice(0, -a.scale);
  const fraction = padded.slice(-a.scale).replace(/0+$/u, '');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative ? `-${text}` : text;
};
