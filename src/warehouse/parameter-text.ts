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

const scalarText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(value);
  return typeof value === 'boolean' ? String(Number(value)) : undefined;
};

const numberText = (value: number | bigint): string => {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return '+inf';
  return value === Number.NEGATIVE_INFINITY ? '-inf' : String(value);
};

const elementText = (value: unknown): string =>
  typeof value === 'string' ? `'${escaped(value)}'` : parameterText(value);

/** Of a text, a number, a boolean, or a list of them, lists of lists included. Throws TypeError for anything else. */
export const parameterText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(elementText).join(',')}]`;
  const text = scalarText(value);
  if (text === undefined) throw new TypeError(`a query parameter cannot be of the type ${typeof value}`);
  return text;
};
