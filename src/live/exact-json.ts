/** Reviver and maker of exact numbers (ECMAScript 2026), which the compiler's library does not know yet. */
interface ExactJson {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
const exactJson = JSON as unknown as ExactJson;

/** A number of so many digits, or with an exponent, may be more than a double holds. */
const MAY_BE_INEXACT = /[\d.]{16}|\d[eE]/;

/** JSON as a value that `JSON.stringify` writes with every number as it was. Throws SyntaxError. */
export const parseExactly = (text: string): unknown =>
  MAY_BE_INEXACT.test(text)
    ? exactJson.parse(text, (_key, value, { source }) =>
        typeof value === 'number' && source !== undefined && String(value) !== source
          ? exactJson.rawJSON(source)
          : value,
      )
    : JSON.parse(text);
