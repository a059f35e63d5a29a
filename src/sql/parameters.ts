import { parameterSpans } from '../warehouse/engine/parameters.ts';
import type { SqlParameter } from '../contract/sql.ts';
import { refused, type Span, SqlProblem } from './problem.ts';

/**
 * A statement with its parameters put in as literals, and the way back from places in it to places in what the user wrote. Literals before judging: what is judged is what is run.
 */
export interface BoundSql {
  readonly text: string;
  /** The span of what was given that a span of `text` came from. */
  originOf(span: Span): Span;
}

interface Piece {
  readonly given: Span;
  readonly put: Span;
}

/** Puts parameters in. Throws SqlProblem for one that is missing, or of a type that is no value. */
export const bindParameters = (sql: string, values: Readonly<Record<string, SqlParameter>>): BoundSql => {
  const texts = new Map(Object.entries(values).map(([name, value]) => [name, protocolText(value)]));
  const pieces: Piece[] = [];
  let text = '';
  let copied = 0;
  for (const { name, type, start, end, literalOf } of parameterSpans(sql)) {
    const given = { start, end };
    if (/^\s*identifier\s*$/i.test(type))
      throw refused('A parameter is a value, not a name: Identifier may not be its type.', given);
    const value = texts.get(name);
    if (value === undefined)
      throw new SqlProblem(
        'invalid',
        `The parameter "${name}" has no value: give it under "parameters".`,
        given,
      );
    text += sql.slice(copied, start);
    const literal = literalIn(literalOf, value, given);
    pieces.push({ given, put: { start: text.length, end: text.length + literal.length } });
    text += literal;
    copied = end;
  }
  text += sql.slice(copied);
  return {
    text,
    originOf: (span) => ({ start: given(pieces, span.start, 'start'), end: given(pieces, span.end, 'end') }),
  };
};

const literalIn = (literalOf: (value: string) => string, value: string, span: Span): string => {
  try {
    return literalOf(value);
  } catch (error) {
    throw new SqlProblem('invalid', error instanceof Error ? `${error.message}.` : String(error), span);
  }
};

const given = (pieces: readonly Piece[], at: number, side: keyof Span): number => {
  const inside = pieces.find(({ put }) => at >= put.start && (side === 'end' ? at <= put.end : at < put.end));
  if (inside !== undefined) return inside.given[side];
  const before = pieces.findLast(({ put }) => put.end <= at);
  return before === undefined ? at : at - before.put.end + before.given.end;
};

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
  '\0': '\\0',
  "'": "\\'",
};

const escaped = (text: string): string =>
  text.replaceAll(/[\\\t\n\r\b\f\0']/g, (char) => ESCAPES[char] ?? char);

/** A value as ClickHouse's protocol writes that of a parameter. */
const protocolText = (value: SqlParameter): string => {
  if (value === null) return '\\N';
  if (typeof value === 'string') return escaped(value);
  return Array.isArray(value) ? `[${value.map(elementText).join(',')}]` : String(value);
};

const elementText = (value: string | number | boolean | null): string => {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `'${escaped(value)}'` : String(value);
};
