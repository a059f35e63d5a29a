import { quoteIdentifier, quoteString } from '../quote.ts';
import { EngineError } from './engine-error.ts';
import { scanSql, type Token } from './sql-scanner.ts';

/**
 * Query parameters, `{name:Type}`, replaced by literals as ClickHouse's `ReplaceQueryParameterVisitor` does. Done here because the engine's own
 * binding lets only one bound query run at a time in the whole process. Map is the one type that cannot be a parameter: the engine does not cast text to it.
 */

const UNKNOWN_PARAMETER_CODE = 456;
const BAD_PARAMETER_CODE = 457;

/** Types whose text form is parsed as a whole; all others are TSV-escaped by the protocol. */
const COMPOSITE = /^(Array|Tuple|Map|Nested|Variant|Dynamic|JSON|Object)\b/;
const NULLABLE = /^(LowCardinality\s*\(\s*)?Nullable\b/;

const TSV_ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  n: '\n',
  r: '\r',
  b: '\b',
  f: '\f',
  0: '\0',
};

/** Undoes TSV escaping: `\t` is a tab, `\'` a quote. A backslash at the very end stands for itself. */
const unescapeTsv = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_whole, letter: string) => TSV_ESCAPES[letter] ?? letter);

const literal = (name: string, type: string, value: string): string => {
  if (type === 'Identifier') {
    if (value === '')
      throw new EngineError(BAD_PARAMETER_CODE, `Substitution \`${name}\` is an empty identifier`);
    return unescapeTsv(value).split('.').map(quoteIdentifier).join('.');
  }
  if (value === '\\N') {
    if (NULLABLE.test(type)) return `_CAST(NULL, ${quoteString(type)})`;
    throw new EngineError(
      BAD_PARAMETER_CODE,
      `Value NULL cannot be parsed as ${type} for query parameter '${name}'`,
    );
  }
  const text = COMPOSITE.test(type) ? value : unescapeTsv(value);
  return type === 'String' ? quoteString(text) : `_CAST(${quoteString(text)}, ${quoteString(type)})`;
};

/** A parameter that begins at token `at` (its brace), with the index of its last token; undefined if the brace is something else. */
const parameterAt = (
  sql: string,
  tokens: readonly Token[],
  at: number,
): { name: string; type: string; last: number } | undefined => {
  const open = tokens[at];
  const name = tokens[at + 1];
  const colon = tokens[at + 2];
  const isOne = open?.kind === 'symbol' && sql[open.start] === '{' && name?.kind === 'word';
  if (!isOne || colon?.kind !== 'symbol' || sql[colon.start] !== ':') return undefined;
  const closes = (token: Token): boolean =>
    token.kind === 'symbol' && sql[token.start] === '}' && token.depth === open.depth + 1;
  const last = tokens.findIndex((token, index) => index > at && closes(token));
  const close = tokens[last];
  if (close === undefined) return undefined;
  return { name: sql.slice(name.start, name.end), type: sql.slice(colon.end, close.start).trim(), last };
};

/** A parameter in the text of a statement, braces included. */
export interface ParameterSpan {
  readonly name: string;
  readonly type: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The literal for a value as the protocol writes it. Throws EngineError for one that its type cannot have. */
  readonly literalOf: (value: string) => string;
}

/** Every `{name:Type}` outside strings and comments, in order. */
export function* parameterSpans(sql: string): Generator<ParameterSpan> {
  if (!sql.includes('{')) return;
  const tokens = [...scanSql(sql)];
  for (let at = 0; at < tokens.length; at += 1) {
    const parameter = parameterAt(sql, tokens, at);
    if (parameter === undefined) continue;
    const { name, type, last } = parameter;
    const start = tokens[at]?.start ?? 0;
    const end = tokens[last]?.end ?? sql.length;
    yield { name, type, start, end, literalOf: (value) => literal(name, type, value) };
    at = last;
  }
}

/** The statement with every parameter replaced. Throws EngineError for a parameter that is not given. */
export const substituteParameters = (sql: string, values: ReadonlyMap<string, string>): string => {
  let out = '';
  let copied = 0;
  for (const { name, start, end, literalOf } of parameterSpans(sql)) {
    const value = values.get(name);
    if (value === undefined)
      throw new EngineError(UNKNOWN_PARAMETER_CODE, `Substitution \`${name}\` is not set`);
    out += sql.slice(copied, start) + literalOf(value);
    copied = end;
  }
  return out + sql.slice(copied);
};
