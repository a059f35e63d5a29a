/** What the standard offers and TypeScript's library does not know yet. */
interface RawJson {
  /** Something that is written as this text by `JSON.stringify`. */
  readonly rawJSON?: (text: string) => unknown;
}

/** More digits than this a number of JavaScript may not hold. */
const DIGITS_KEPT = 15;
const LONG_NUMBER = /\d{16}|\d\.\d{15}|\d{8}\.\d{8}/;

const digitsOf = (source: string): number => source.replace(/[eE].*$/, '').replace(/\D/g, '').length;

const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || digitsOf(source) <= DIGITS_KEPT) return value;
  const { rawJSON } = JSON as RawJson;
  return rawJSON === undefined || JSON.stringify(value) === source ? value : rawJSON(source);
};

/**
 * Parses JSON so that `JSON.stringify` gives back every digit: a number that JavaScript cannot hold becomes an object that stands for its text. Where the
 * browser does not know how, it is rounded as usual.
 */
export const parseExact = (text: string): unknown =>
  LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
