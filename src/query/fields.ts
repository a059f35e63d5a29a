import { EVENTS } from '../event/columns.ts';
import { didYouMean } from '../lib/nearest.ts';
import type { PropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bind, identifier, joinSql, type Sql, sql } from './sql.ts';

/** A field of an event as a question names it. */
export type Field =
  /** A column of text; empty means absent. */
  | { readonly kind: 'text'; readonly name: string }
  /** The exact decimal `value`. */
  | { readonly kind: 'value'; readonly name: 'value' }
  | { readonly kind: 'time'; readonly name: 'timestamp' | 'received_at' }
  /** A path into the JSON of `properties`. */
  | { readonly kind: 'property'; readonly name: string; readonly path: readonly [string, ...string[]] };

/** Columns of text that a question may name. */
const TEXT_COLUMNS: ReadonlySet<string> = new Set(
  EVENTS.columns
    .filter(({ name, kind }) => kind === 'string' && name !== 'project' && name !== 'properties')
    .map(({ name }) => name),
);

/** Names of all fields, for messages. */
const FIELD_NAMES: readonly string[] = [...TEXT_COLUMNS, 'value', 'timestamp', 'received_at'];

const PROPERTIES = 'properties';

/** Levels of a property path. */
const PATH_LEVELS_MAX = 16;

/** A step of a property path: `.key`, or `["any key"]` with the key as a JSON string. */
const PATH_STEP = /\.([^.[\]"]+)|\[("(?:[^"\\]|\\.)*")\]/uy;

/** Reads the name of a field. `path` is where in the request it stands. Throws ApiError `invalid_request`. */
export const parseField = (name: string, path: string): Field => {
  const plain = name.startsWith('context.') ? name.slice('context.'.length) : name;
  if (TEXT_COLUMNS.has(plain)) return { kind: 'text', name: plain };
  if (name === 'value') return { kind: 'value', name };
  if (name === 'timestamp' || name === 'time') return { kind: 'time', name: 'timestamp' };
  if (name === 'received_at') return { kind: 'time', name };
  if (name.startsWith(PROPERTIES)) return { kind: 'property', name, path: parsePath(name, path) };
  throw invalidAt(
    path,
    `"${name}" is not a field.${didYouMean(name, FIELD_NAMES)} Fields are ${FIELD_NAMES.join(', ')}; everything else is a property: "properties.${name}".`,
  );
};

const parsePath = (name: string, path: string): [string, ...string[]] => {
  const steps: string[] = [];
  PATH_STEP.lastIndex = PROPERTIES.length;
  while (PATH_STEP.lastIndex < name.length) {
    const match = PATH_STEP.exec(name);
    const key = match?.[1] ?? parseKey(match?.[2]);
    if (key === undefined) {
      throw invalidAt(
        path,
        `"${name}" is not a property. Use "properties.plan", "properties.cart.total" or, for a key with special characters, "properties[\\"cart.total\\"]".`,
      );
    }
    steps.push(key);
  }
  const [first, ...rest] = steps;
  if (first === undefined) throw invalidAt(path, 'A property needs a key: "properties.plan".');
  if (steps.length > PATH_LEVELS_MAX)
    throw invalidAt(path, `A property may be at most ${PATH_LEVELS_MAX} levels deep.`);
  return [first, ...rest];
};

const parseKey = (quoted: string | undefined): string | undefined => {
  if (quoted === undefined) return undefined;
  try {
    return JSON.parse(quoted) as string; // the pattern admits JSON strings only
  } catch {
    return undefined;
  }
};

/** Keys of the first level of `properties` that the fields read. */
export const propertyKeys = (fields: Iterable<Field>): string[] => [
  ...new Set([...fields].flatMap((field) => (field.kind === 'property' ? [field.path[0]] : []))),
];

const propertyText = (path: readonly [string, ...string[]], columns: PropertyColumns): Sql => {
  const column = path.length === 1 ? columns.columnOf(path[0]) : undefined;
  if (column !== undefined) return identifier(column);
  const keys = joinSql(
    path.map((step) => sql`${bind('String', step)}`),
    ', ',
  );
  return sql`if(${mayHaveKey(path[0])}, JSONExtract(properties, ${keys}, 'Nullable(String)'), NULL)`;
};

/** JSON in which a key is not seen, nor anything that could be it in disguise, does not have it. Looking is several times as fast as reading JSON, which the engine then only does where it must. */
export const mayHaveKey = (key: string): Sql =>
  sql`multiSearchAny(properties, ${bind('Array(String)', [`"${key}"`, '\\'])})`;

/**
 * The field as text, and whether it can be NULL. Text columns are empty where absent; a property is NULL where absent or null, the text of a string, or
 * else its JSON (`5`, `true`, `{"a":1}`).
 */
export const textOf = (
  field: Field,
  columns: PropertyColumns,
): { readonly text: Sql; readonly nullable: boolean } => {
  switch (field.kind) {
    case 'text':
      return { text: identifier(field.name), nullable: false };
    case 'value':
      return { text: sql`toString(value)`, nullable: true };
    case 'time':
      return { text: sql`toString(${timeColumn(field)})`, nullable: false };
    case 'property':
      return { text: propertyText(field.path, columns), nullable: true };
  }
};

/** The field as a finite number, NULL where it is none. Texts that are numbers count as numbers. */
export const numberOf = (field: Field, columns: PropertyColumns): Sql => {
  if (field.kind === 'value') return sql`toFloat64(value)`;
  const number = sql`toFloat64OrNull(${textOf(field, columns).text})`;
  // The texts "inf" and "nan" would pass as numbers.
  return sql`if(isFinite(${number}), ${number}, NULL)`;
};

/** The column of a time field. */
export const timeColumn = (field: Field & { kind: 'time' }): Sql =>
  field.name === 'timestamp' ? sql`time` : sql`received_at`;
