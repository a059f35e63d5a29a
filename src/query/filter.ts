import { type CohortCondition, type Condition, type Filter, QUERY_LIMITS } from '../contract/question.ts';
import { formatDecimal, parseDecimal } from '../lib/decimal.ts';
import { type Field, numberOf, parseField, textOf, timeColumn } from './fields.ts';
import { type InstantContext, parseInstant } from './instant.ts';
import type { PropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { Sight } from './seen.ts';
import { bind, bindInstant, joinSql, type Sql, sql } from './sql.ts';

/** A filter whose fields are read; `path` says where in the request each part stands. */
export type ParsedFilter =
  | { readonly kind: 'all' | 'any'; readonly of: readonly ParsedFilter[] }
  | { readonly kind: 'not'; readonly of: ParsedFilter }
  | {
      readonly kind: 'condition';
      readonly field: Field;
      readonly condition: Condition;
      readonly path: string;
    }
  | { readonly kind: 'cohort'; readonly membership: Membership | undefined; readonly path: string };

/** Who belongs to a cohort: known once the cohort was looked up. */
export interface Membership {
  /** Ids of users, as a sub-query in brackets that is confined to the project. */
  sql(context: FilterContext): Sql;
}

/** A condition whose cohort was looked up: what `cohorts.ts` makes of the one of a request. */
export type BoundCohort = CohortCondition & { readonly membership: Membership };

/** Reads the fields of a filter and checks its limits. Throws ApiError `invalid_request`. */
export const parseFilter = (filter: Filter, path = 'filter'): ParsedFilter => {
  const parsed = parseNode(filter, path, 1);
  const conditions = [...conditionsOf(parsed)].length;
  if (conditions > QUERY_LIMITS.conditionsMax) {
    throw invalidAt(
      path,
      `has ${conditions} conditions; at most ${QUERY_LIMITS.conditionsMax} are taken. "in" replaces many "eq".`,
    );
  }
  return parsed;
};

const parseNode = (filter: Filter, path: string, depth: number): ParsedFilter => {
  if (depth > QUERY_LIMITS.filterDepthMax)
    throw invalidAt(path, `is nested deeper than ${QUERY_LIMITS.filterDepthMax} levels.`);
  const list = (of: readonly Filter[], name: string) =>
    of.map((part, index) => parseNode(part, `${path}.${name}.${index}`, depth + 1));
  if ('and' in filter) return { kind: 'all', of: list(filter.and, 'and') };
  if ('or' in filter) return { kind: 'any', of: list(filter.or, 'or') };
  if ('not' in filter) return { kind: 'not', of: parseNode(filter.not, `${path}.not`, depth + 1) };
  if (filter.op === 'in_cohort')
    return { kind: 'cohort', membership: (filter as Partial<BoundCohort>).membership, path };
  return { kind: 'condition', field: parseField(filter.field, `${path}.field`), condition: filter, path };
};

/** Every condition of a filter. That of a cohort counts as one on the user of the event. */
export function* conditionsOf(filter: ParsedFilter): Generator<ParsedFilter & { kind: 'condition' }> {
  if (filter.kind === 'condition') yield filter;
  else if (filter.kind === 'cohort') yield { ...ON_USER, path: filter.path };
  else if (filter.kind === 'not') yield* conditionsOf(filter.of);
  else for (const part of filter.of) yield* conditionsOf(part);
}

const ON_USER = {
  kind: 'condition',
  field: { kind: 'text', name: 'user_id' },
  condition: { field: 'user_id', op: 'exists' },
} as const;

/** Fields that a filter reads. */
export const fieldsOfFilter = (filter: ParsedFilter | undefined): Field[] =>
  filter === undefined ? [] : [...conditionsOf(filter)].map(({ field }) => field);

/** What compiling a filter may depend on. */
export interface FilterContext extends Sight {
  readonly columns: PropertyColumns;
  readonly nowMs: number;
  readonly timeZone: string;
}

/** The filter as SQL that is 0 or 1 for every row, never NULL: so `not` means what it says. */
export const filterSql = (filter: ParsedFilter, context: FilterContext): Sql => {
  switch (filter.kind) {
    case 'all':
      return sql`(${joinSql(
        filter.of.map((part) => filterSql(part, context)),
        ' AND ',
      )})`;
    case 'any':
      return sql`(${joinSql(
        filter.of.map((part) => filterSql(part, context)),
        ' OR ',
      )})`;
    case 'not':
      return sql`NOT (${filterSql(filter.of, context)})`;
    case 'condition':
      return conditionSql(filter, context);
    case 'cohort':
      if (filter.membership === undefined) throw invalidAt(filter.path, 'Cohorts cannot be used here.');
      return sql`(user_id IN ${filter.membership.sql(context)})`;
  }
};

type Node = ParsedFilter & { kind: 'condition' };

const conditionSql = (node: Node, context: FilterContext): Sql => {
  const { condition, field } = node;
  switch (condition.op) {
    case 'eq':
      return equalSql(node, condition.value, context);
    case 'neq':
      return sql`NOT (${equalSql(node, condition.value, context)})`;
    case 'in':
      return memberSql(node, condition.values, context);
    case 'not_in':
      return sql`NOT (${memberSql(node, condition.values, context)})`;
    case 'contains':
      return containsSql(node, condition.value, context);
    case 'exists':
      return existsSql(field, context);
    case 'not_exists':
      return sql`NOT (${existsSql(field, context)})`;
    default:
      return comparisonSql(node, condition.op, condition.value, context);
  }
};

/** A piece that may be NULL, as 0 or 1. */
const twoValued = (piece: Sql, nullable: boolean): Sql =>
  nullable ? sql`ifNull(${piece}, 0)` : sql`(${piece})`;

type Scalar = string | number | boolean;

const equalSql = (node: Node, value: Scalar, context: FilterContext): Sql => {
  const { field } = node;
  if (field.kind === 'time') return sql`(${timeColumn(field)} = ${instantSql(node, value, context)})`;
  if (field.kind === 'value') return twoValued(sql`value = ${decimalSql(node, value)}`, true);
  if (typeof value === 'number')
    return twoValued(sql`${numberOf(field, context.columns)} = ${bind('Float64', value)}`, true);
  const { text, nullable } = textOf(field, context.columns);
  return twoValued(sql`${text} = ${bind('String', String(value))}`, nullable);
};

/** Numbers compare as numbers, everything else as text, all of a kind in one go. */
const memberSql = (node: Node, values: readonly Scalar[], context: FilterContext): Sql => {
  const { field } = node;
  if (field.kind === 'time' || field.kind === 'value') {
    return sql`(${joinSql(
      values.map((value) => equalSql(node, value, context)),
      ' OR ',
    )})`;
  }
  const numbers = values.filter((value) => typeof value === 'number');
  const texts = values.filter((value) => typeof value !== 'number').map(String);
  const { text, nullable } = textOf(field, context.columns);
  const pieces = [
    ...(texts.length === 0 ? [] : [twoValued(sql`${text} IN ${bind('Array(String)', texts)}`, nullable)]),
    ...(numbers.length === 0
      ? []
      : [twoValued(sql`${numberOf(field, context.columns)} IN ${bind('Array(Float64)', numbers)}`, true)]),
  ];
  return sql`(${joinSql(pieces, ' OR ')})`;
};

const containsSql = (node: Node, needle: string, context: FilterContext): Sql => {
  if (node.field.kind === 'time')
    throw invalidAt(`${node.path}.op`, '"contains" does not apply to a time. Use gte and lt.');
  const { text, nullable } = textOf(node.field, context.columns);
  return twoValued(sql`position(${text}, ${bind('String', needle)}) > 0`, nullable);
};

const existsSql = (field: Field, context: FilterContext): Sql => {
  if (field.kind === 'time') return sql`1`;
  if (field.kind === 'value') return sql`isNotNull(value)`;
  const { text, nullable } = textOf(field, context.columns);
  return nullable ? sql`isNotNull(${text})` : sql`(${text} != '')`;
};

type Comparison = 'gt' | 'gte' | 'lt' | 'lte';

const compareSql = (left: Sql, op: Comparison, right: Sql): Sql => {
  switch (op) {
    case 'gt':
      return sql`${left} > ${right}`;
    case 'gte':
      return sql`${left} >= ${right}`;
    case 'lt':
      return sql`${left} < ${right}`;
    case 'lte':
      return sql`${left} <= ${right}`;
  }
};

const comparisonSql = (node: Node, op: Comparison, value: string | number, context: FilterContext): Sql => {
  const { field } = node;
  if (field.kind === 'time')
    return sql`(${compareSql(timeColumn(field), op, instantSql(node, value, context))})`;
  if (field.kind === 'value') return twoValued(compareSql(sql`value`, op, decimalSql(node, value)), true);
  if (typeof value === 'number') {
    return twoValued(compareSql(numberOf(field, context.columns), op, sql`${bind('Float64', value)}`), true);
  }
  const { text, nullable } = textOf(field, context.columns);
  const compared = twoValued(compareSql(text, op, sql`${bind('String', value)}`), nullable);
  return nullable ? compared : sql`(${existsSql(field, context)} AND ${compared})`;
};

const instantSql = (node: Node, value: Scalar, context: FilterContext): Sql => {
  const path = `${node.path}.value`;
  if (typeof value === 'boolean')
    throw invalidAt(path, 'A time compares with an instant, not with a boolean.');
  const instant: InstantContext = { path, nowMs: context.nowMs, timeZone: context.timeZone };
  return bindInstant(parseInstant(value, instant));
};

/** Digits behind the point of a decimal parameter: more than a stored value has, so that nothing is rounded onto one. */
const DECIMAL_SCALE = 18;
/** Beyond this no stored value lies, and a parameter would not fit. */
const DECIMAL_INTEGER_DIGITS_MAX = 18;

const decimalSql = (node: Node, value: Scalar): Sql => {
  const parsed = typeof value === 'boolean' ? undefined : parseDecimal(String(value));
  const text = parsed === undefined ? '' : formatDecimal(parsed);
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (text === '' || whole.length > DECIMAL_INTEGER_DIGITS_MAX || fraction.length > DECIMAL_SCALE) {
    throw invalidAt(
      `${node.path}.value`,
      `"value" compares with a number of at most ${DECIMAL_SCALE} digits before and after the point.`,
    );
  }
  return sql`${bind('Decimal(38, 18)', text)}`;
};
