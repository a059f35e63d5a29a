import type { StatementValue } from '../lib/statement-value.ts';

/**
 * SQL that cannot be injected into. A statement is made only of text written in this program's sources and of parameters; a text of a user has no way in but as
 * the value of a parameter, which the engine binds by type. `sql` accepts nothing else, at compile time and at run time.
 */

/** Types that parameters may have. */
export type SqlType =
  | 'String'
  | 'Int64'
  | 'UInt64'
  | 'Float64'
  | 'Decimal(38, 18)'
  | 'Array(String)'
  | 'Array(Float64)'
  | 'Array(UInt64)';

/** A value to be bound by the engine. Made by `bind`. */
class Parameter {
  readonly type: SqlType;
  readonly value: StatementValue;
  constructor(type: SqlType, value: StatementValue) {
    this.type = type;
    this.value = value;
  }
}

/** A piece of a statement. Made by `sql`, `joinSql`, `identifier` and `integerArray` only. */
export class Sql {
  readonly parts: readonly (string | Parameter)[];
  constructor(parts: readonly (string | Parameter)[]) {
    this.parts = parts;
  }
}

/** A statement as it is sent: text with `{p0:Type}` and the values by name. */
export interface Statement {
  readonly text: string;
  readonly params: Readonly<Record<string, StatementValue>>;
}

/** A value of a user (or any other) as a parameter. */
export const bind = (type: SqlType, value: StatementValue): Parameter => new Parameter(type, value);

/** Milliseconds since the epoch as an instant with milliseconds, the type of `time` columns. */
export const bindInstant = (ms: number): Sql =>
  sql`fromUnixTimestamp64Milli(${bind('Int64', String(ms))}, 'UTC')`;

/**
 * A piece of SQL. Between the literal parts may stand other pieces and parameters, nothing else.
 *
 * @example sql`SELECT count() FROM events WHERE project = ${bind('String', project)}`
 */
export const sql = (literals: TemplateStringsArray, ...values: readonly (Sql | Parameter)[]): Sql => {
  const parts: (string | Parameter)[] = [];
  literals.forEach((literal, index) => {
    parts.push(literal);
    const value = values[index];
    if (value instanceof Sql) parts.push(...value.parts);
    else if (value instanceof Parameter) parts.push(value);
    else if (value !== undefined) throw new TypeError('only pieces of SQL and parameters may stand in SQL');
  });
  return new Sql(parts);
};

/** Pieces with a separator between them, for example `' AND '`. The separator comes from this program. */
export const joinSql = (pieces: readonly Sql[], separator: ' AND ' | ' OR ' | ', ' | ' UNION ALL '): Sql =>
  new Sql(pieces.flatMap((piece, index) => (index === 0 ? piece.parts : [separator, ...piece.parts])));

/** The name of a column, quoted. For names that this program made but that stem from data, such as promoted columns. */
export const identifier = (name: string): Sql => {
  if (name === '' || name.includes('\0')) throw new RangeError('not the name of a column');
  return new Sql([`\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``]);
};

/** Integers as a literal array: a list computed here that would be too long for a parameter. */
export const integerArray = (values: readonly number[]): Sql => {
  if (!values.every(Number.isSafeInteger)) throw new RangeError('not an integer');
  return new Sql([`CAST([${values.join(',')}] AS Array(Int64))`]);
};

/** The statement with its parameters named p0, p1, … in order; equal parameters share one name. */
export const toStatement = (piece: Sql): Statement => {
  const names = new Map<string, string>();
  const params: Record<string, StatementValue> = {};
  const text = piece.parts.map((part) => {
    if (typeof part === 'string') return part;
    const key = `${part.type} ${JSON.stringify(part.value)}`;
    const name = names.get(key) ?? `p${names.size}`;
    names.set(key, name);
    params[name] = part.value;
    return `{${name}:${part.type}}`;
  });
  return {
    text: text
      .join('')
      .replace(/\s*\n\s*/gu, '\n')
      .trim(),
    params,
  };
};
