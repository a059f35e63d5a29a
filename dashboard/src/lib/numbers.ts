/**
 * How numbers are written: by the rules of the reader's locale (separators, grouping, where the signs of currencies and of percent stand), with the words and units of the page, which is in English. Digits are those that its times, SQL and files have.
 */
export interface Numbers {
  /** With as many decimals as it has, `most` at the most: `1,234.5`. */
  readonly upTo: (value: number, most: number) => string;
  /** With so many decimals: `1,234.50`. */
  readonly fixed: (value: number, decimals: number) => string;
  /** With so many significant digits at the most; what is next to nothing in powers of ten. */
  readonly significant: (value: number, digits: number) => string;
  /** With three significant digits and `K`, `M`, `B` or `T`: `2.5K`. */
  readonly compact: (value: number) => string;
  /** A written number with the sign of percent: `12%`, `12 %`. */
  readonly withPercent: (written: string) => string;
  /** An amount by the rules of its currency: `€1,234.50`. Undefined where that is none: three letters. */
  readonly money: (value: number, currency: string) => string | undefined;
  /** An amount as short as `compact`: `€1.23K`. */
  readonly compactMoney: (value: number, currency: string) => string | undefined;
}

/** What is written outside of a browser, and where none of its languages is known. */
const FALLBACK = 'en';

/** Currencies times the ways to write them; made anew when there are more. */
const KEPT_MAX = 200;

const SIZES = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
] as const;

/** Below this, decimals would be zeros mostly. */
const POWERS_BELOW = 1e-6;

const isKnown = (tag: string): boolean => {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    // No tag of a language, such as Chromium's `en-US@posix`.
    return false;
  }
};

/** The locale to write numbers by: the first of those that somebody prefers that is known. */
export const localeOf = (preferred: readonly string[]): string => preferred.find(isKnown) ?? FALLBACK;

type Formats = (name: string, options: Intl.NumberFormatOptions) => Intl.NumberFormat;

/** Formats by name: to make one is dear, to use it is not. */
const formatsOf = (locale: string): Formats => {
  const tag = new Intl.Locale(locale, { numberingSystem: 'latn' });
  const kept = new Map<string, Intl.NumberFormat>();
  return (name, options) => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    if (kept.size >= KEPT_MAX) kept.clear();
    // What rounds to nothing has no sign.
    const made = new Intl.NumberFormat(tag, { signDisplay: 'negative', ...options });
    kept.set(name, made);
    return made;
  };
};

/** A number as a few digits and what it is counted in: 2,512 as 2.51 and `K`. */
const scaled = (value: number): readonly [number, string] => {
  const size = Math.abs(Number(value.toPrecision(3)));
  const [unit, suffix] = SIZES.find(([each]) => size >= each) ?? [1, ''];
  return [value / unit, suffix];
};

/** What stands before and behind the digits where a locale writes percent. */
const percentSigns = (formats: Formats): readonly [string, string] => {
  const parts = formats('percent', { style: 'percent' }).formatToParts(0);
  const at = parts.findIndex(({ type }) => type === 'integer');
  const textOf = (some: Intl.NumberFormatPart[]): string => some.map(({ value }) => value).join('');
  return [textOf(parts.slice(0, at)), textOf(parts.slice(at + 1))];
};

/** Puts a suffix behind the last digit, before the sign of a currency that follows it. */
const withSuffix = (parts: readonly Intl.NumberFormatPart[], suffix: string): string => {
  const last = parts.findLastIndex(({ type }) => type === 'integer' || type === 'fraction');
  return parts.map(({ value }, at) => (at === last ? value + suffix : value)).join('');
};

/** Numbers as a locale writes them. */
export const numbersIn = (locale: string): Numbers => {
  const formats = formatsOf(locale);
  const [before, behind] = percentSigns(formats);
  const moneyFormat = (
    way: string,
    currency: string,
    options: Intl.NumberFormatOptions,
  ): Intl.NumberFormat | undefined => {
    try {
      return formats(`${way} ${currency}`, { style: 'currency', currency, ...options });
    } catch {
      // Not three letters: no currency that is known.
      return undefined;
    }
  };
  const significant = (value: number, digits: number): string =>
    value !== 0 && Math.abs(value) < POWERS_BELOW
      ? formats(`power ${digits}`, {
          notation: 'scientific',
          maximumSignificantDigits: digits,
        }).format(value)
      : formats(`significant ${digits}`, { maximumSignificantDigits: digits }).format(value);
  return {
    upTo: (value, most) => formats(`up to ${most}`, { maximumFractionDigits: most }).format(value),
    fixed: (value, decimals) =>
      formats(`fixed ${decimals}`, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      }).format(value),
    significant,
    compact: (value) => {
      const [digits, suffix] = scaled(value);
      return formats('compact', { maximumSignificantDigits: 3 }).format(digits) + suffix;
    },
    withPercent: (written) => before + written + behind,
    money: (value, currency) => moneyFormat('money', currency, {})?.format(value),
    compactMoney: (value, currency) => {
      const [digits, suffix] = scaled(value);
      const parts = moneyFormat('compact', currency, { maximumSignificantDigits: 3 })?.formatToParts(digits);
      return parts === undefined ? undefined : withSuffix(parts, suffix);
    },
  };
};

/** Numbers as the reader's browser prefers them. */
export const NUMBERS = numbersIn(
  localeOf(typeof document === 'undefined' ? [FALLBACK] : navigator.languages),
);
