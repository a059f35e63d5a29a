import type { Selector } from '../contract/question.ts';
import type { Field } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter, parseFilter } from './filter.ts';
import { bind, joinSql, type Sql, sql } from './sql.ts';

/** A selector whose filter is read. Without types and filter it means every event. */
export interface ParsedSelector {
  readonly types: readonly string[] | undefined;
  readonly filter: ParsedFilter | undefined;
}

/** Reads a selector; `path` is where in the request it stands. Throws ApiError `invalid_request`. */
export const parseSelector = (selector: Selector, path: string): ParsedSelector => {
  if (typeof selector === 'string') return { types: [selector], filter: undefined };
  const { types, filter } = selector;
  return { types, filter: filter === undefined ? undefined : parseFilter(filter, `${path}.filter`) };
};

/** The conditions that a row must meet, joined by AND: none for every event. Each is 0 or 1 for every row, never NULL. */
export const selectorConditions = ({ types, filter }: ParsedSelector, context: FilterContext): Sql[] => [
  ...(types === undefined ? [] : [sql`type IN ${bind('Array(String)', types)}`]),
  ...(filter === undefined ? [] : [filterSql(filter, context)]),
];

/** The selector as one condition that is 0 or 1 for every row, never NULL. */
export const selectorSql = (selector: ParsedSelector, context: FilterContext): Sql => {
  const conditions = selectorConditions(selector, context);
  return conditions.length === 0 ? sql`1` : sql`(${joinSql(conditions, ' AND ')})`;
};

/** Fields that a selector reads, `type` aside. */
export const fieldsOfSelector = ({ filter }: ParsedSelector): Field[] => fieldsOfFilter(filter);
