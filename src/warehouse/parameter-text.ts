/**
 * The value of a query parameter, `{name:Type}`, as ClickHouse's HTTP interface takes it: numbers as they are, texts with what ends a value of TabSeparated escaped, lists as array literals whose texts are quoted.
 *
 * Source: ClickHouse, HTTP interface, "Queries with parameters" and "Tabs in URL parameters".
 */

const ESCAPED: Readonly<Record<string, string>> = {
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  "'": String.raw`\'`,
  '\\': String.raw`\\`,
};

const escaped = (text: string): string =>
  text.replaceAll(/[\t\n\r'\\]/g, (character) => ESCAPED[character] ?? character);

/** A value that a query parameter may have. */
export type QueryParameter = string | number | bigint | boolean | readonly QueryParameter[];

const isList = (value: QueryParameter): value is readonly QueryParameter[] => Array.isArray(value);

const numberText = (value: number | bigint): string => {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return '+inf';
  return value === Number.NEGATIVE_INFINITY ? '-inf' : String(value);
};

const elementText = (value: QueryParameter): string =>
  typeof value === 'string' ? `'${escaped(value)}'` : parameterText(value);

/** Throws TypeError for what no parameter may be. */
export const parameterText = (value: QueryParameter): string => {
  if (isList(value)) return `[${value.map(elementText).join(',')}]`;
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return String(Number(value));
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value);
  throw new TypeError(`a query parameter cannot be of the type ${typeof value}`);
};
