import { type Field, parseField, textOf } from './fields.ts';
import type { FilterContext } from './filter.ts';
import { invalidAt } from './problem.ts';
import { bind, type Sql, sql } from './sql.ts';

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
export const keySql = (field: Field, context: FilterContext): Sql => {
  const { text, nullable } = textOf(field, context.columns);
  return nullable
    ? sql`if(isNull(${text}), '', concat(${bind('String', PRESENT)}, assumeNotNull(${text})))`
    : sql`toString(${text})`;
};

/** The value of a group's field from its key: null where absent. */
export const groupValue = (field: Field, key: string): string | null => {
  if (key === '') return null;
  return field.kind === 'text' ? key : key.slice(PRESENT.length);
};
