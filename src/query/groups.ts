import { type Field, parseField, textOf } from './fields.ts';
import type { FilterContext } from './filter.ts';
import { invalidAt } from '../http/request-problem.ts';
import { bind, joinSql, type Sql, sql } from './sql.ts';

/** Reads the fields of a break-down. Throws ApiError `invalid_request`. */
export const parseGroupFields = (names: readonly string[] = [], path = 'by'): Field[] => {
  const fields = names.map((name, index) => parseGroupField(name, `${path}.${index}`));
  fields.forEach((field, index) => {
    if (fields.findIndex(({ name }) => name === field.name) < index)
      throw invalidAt(`${path}.${index}`, 'The fields of a break-down must differ.');
  });
  return fields;
};

const parseGroupField = (name: string, path: string): Field => {
  const field = parseField(name, path);
  if (field.kind === 'time')
    throw invalidAt(path, `"${name}" is a time. Use "interval" to break down by time.`);
  return field;
};

/** Marks a property that is there, so that an empty text and absence are two groups. */
const PRESENT = '=';

/** The field as one text that is a key of a group: see `groupValue`. */
export const keySql = (field: Field, context: FilterContext): Sql =>
  keyOfText(textOf(field, context.columns));

/** The same from the field as text: another text, another key. */
export const keyOfText = ({ text, nullable }: { readonly text: Sql; readonly nullable: boolean }): Sql =>
  nullable
    ? sql`if(isNull(${text}), '', concat(${bind('String', PRESENT)}, assumeNotNull(${text})))`
    : sql`toString(${text})`;

/** The value of a group's field from its key: null where absent. */
export const groupValue = (field: Field, key: string): string | null => {
  if (key === '') return null;
  return field.kind === 'text' ? key : key.slice(PRESENT.length);
};

/** Which group the keys of a row are of, as answers say it; `names` are those that the request gave the fields. Groups that are not named have no keys. */
export const groupOf = (
  fields: readonly Field[],
  names: readonly string[] | undefined,
  keys: readonly string[],
): { readonly group: Record<string, string | null> | null; readonly other: boolean } => ({
  group:
    keys.length === 0
      ? null
      : Object.fromEntries(
          fields.map((field, index) => [names?.[index] ?? field.name, groupValue(field, keys[index] ?? '')]),
        ),
  other: keys.length < fields.length,
});

/** The keys of a row as an array: those of one of the `top` groups that most of the rows `from` are of, ties by keys; none where it is of another group. */
export const topGroupSql = (keys: readonly Sql[], from: Sql, top: number): Sql => {
  if (keys.length === 0) return sql`emptyArrayString()`;
  const all = joinSql(keys, ', ');
  const named = sql`SELECT ${all} FROM ${from} GROUP BY ${all} ORDER BY count() DESC, ${all} LIMIT ${bind('UInt64', top)}`;
  return sql`if((${all}) IN (${named}), [${all}], emptyArrayString())`;
};
