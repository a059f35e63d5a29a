import { CH } from './json-scanner.ts';
import { byteAt, DECIMAL_SCALE } from './layout.ts';

/** Digits before the decimal point that a value may have: Decimal(18, 6). */
const WHOLE_DIGITS_MAX = 12;
/** A number of this many signs has at most 10 digits: times 10^6 that is a multiple of 64 below 2^54, so a double holds it exactly. */
const SHORT_SIGNS_MAX = 10;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The value of a JSON number's text, times 10^6, exact; beyond 6 decimals rounded half away from zero. A safe integer comes as a number, a larger one as a bigint.
 * Undefined when it has more than 12 digits before the point (|value| >= 10^12). NaN when the text is not a number as in JSON.
 */
export const parseDecimal = (bytes: Uint8Array, start: number, end: number): number | bigint | undefined => {
  const quick = parseShort(bytes, start, end);
  return Number.isNaN(quick) ? parseAny(Buffer.from(bytes.subarray(start, end)).toString('latin1')) : quick;
};

/** Numbers as they mostly are: a few digits, at most 6 of them decimals. NaN for all others. */
const parseShort = (bytes: Uint8Array, start: number, end: number): number => {
  const negative = bytes[start] === CH.minus;
  const first = negative ? start + 1 : start;
  if (end - first > SHORT_SIGNS_MAX || first >= end) return Number.NaN;
  if (end - first > 1 && byteAt(bytes, first) === CH.zero && byteAt(bytes, first + 1) !== CH.dot)
    return Number.NaN;
  let digits = 0;
  let point = -1;
  for (let at = first; at < end; at++) {
    const byte = byteAt(bytes, at);
    if (byte === CH.dot && point < 0 && at > first) point = at;
    else if (byte >= CH.zero && byte <= CH.nine) digits = digits * 10 + (byte - CH.zero);
    else return Number.NaN;
  }
  const decimals = point < 0 ? 0 : end - point - 1;
  if (point >= 0 && (decimals === 0 || decimals > DECIMAL_SCALE)) return Number.NaN;
  const scaled = digits * 10 ** (DECIMAL_SCALE - decimals);
  return negative && scaled > 0 ? -scaled : scaled;
};

const parseAny = (text: string): number | bigint | undefined => {
  if (!NUMBER.test(text)) return Number.NaN;
  const negative = text.startsWith('-');
  const [mantissa = '', exponentText = '0'] = text.slice(negative ? 1 : 0).split(/[eE]/);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0;
  // Where the point stands within `digits`. An exponent beyond the safe integers is as good as infinite.
  const point = digits.length - fraction.length + Number(exponentText);
  if (point > WHOLE_DIGITS_MAX) return undefined;
  if (point < -DECIMAL_SCALE) return 0;
  const kept = point + DECIMAL_SCALE;
  const magnitude =
    BigInt(digits.slice(0, kept).padEnd(kept, '0') || '0') + ((digits[kept] ?? '0') >= '5' ? 1n : 0n);
  if (magnitude >= 10n ** BigInt(WHOLE_DIGITS_MAX + DECIMAL_SCALE)) return undefined;
  return negative ? -magnitude : magnitude;
};
