import type { Selector } from '../contract/question.ts';
import type { WindowKind, WindowMetric } from '../window/metric.ts';
import { type Field, numberOf, textOf } from './fields.ts';
import { conditionsOf, type FilterContext } from './filter.ts';
import { noPropertyColumns } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { type Sight, seenEvents } from './seen.ts';
import { parseSelector, type ParsedSelector, selectorConditions } from './selector.ts';
import { bind, joinSql, type Sql, sql, toStatement } from './sql.ts';

/**
 * The events of a metric with session or count windows, and windows made of them, in SQL. The processor reads events by this in steps of positions; a question as of a position that the kept windows
 * do not tell of is answered by windows that are made here. It is one statement, so both mean the same.
 */

/** What the windows of a metric are made of. */
export interface WindowDefinition {
  readonly project: string;
  readonly window: WindowKind;
  readonly events: Selector;
  /** Windows are of each value of this field; undefined: over all events. */
  readonly by: Field | undefined;
  /** What is measured: `value` (money, by currency) or a property; undefined: events are only counted. */
  readonly of: Field | undefined;
  readonly timeZone: string;
}

/** Which events: those seen for which all conditions hold. They may name `key`. */
export interface WindowScope extends Sight {
  readonly conditions: readonly Sql[];
}

/** The one factor between a number and what is stored of it. */
const MICRO = sql`1000000`;
/** Numbers beyond this are not measured: no stored value is. */
const NUMBER_MAX = sql`1000000000000`;

/** Promoted columns come and go; a statement that is kept reads what is always there. */
const contextOf = ({ timeZone }: WindowDefinition): FilterContext => ({
  ...{ columns: noPropertyColumns, nowMs: 0, timeZone, asOf: undefined },
});

const amountSql = ({ of }: WindowDefinition, context: FilterContext): Sql => {
  if (of === undefined) return sql`CAST(NULL, 'Nullable(Int64)')`;
  if (of.kind === 'value') return sql`toInt64(toDecimal128(value, 6) * ${MICRO})`;
  const number = numberOf(of, context.columns);
  return sql`if(abs(${number}) < ${NUMBER_MAX}, toInt64(round(${number} * ${MICRO})), NULL)`;
};

const keySql = ({ by }: WindowDefinition, context: FilterContext): Sql => {
  if (by === undefined) return sql`''`;
  const { text, nullable } = textOf(by, context.columns);
  return nullable ? sql`ifNull(${text}, '')` : text;
};

/** Rows (key, t, position, id, currency, amount), one an event. */
const eventsSql = (definition: WindowDefinition, { conditions, asOf }: WindowScope): Sql => {
  const context = contextOf(definition);
  const parsed: ParsedSelector = parseSelector(definition.events, 'events');
  const key = keySql(definition, context);
  const all = [
    seenEvents(definition.project, { asOf }),
    ...conditions,
    ...selectorConditions(parsed, context),
    ...(definition.by === undefined ? [] : [sql`${key} != ''`]),
  ];
  return sql`SELECT ${key} AS key, toUnixTimestamp64Milli(time) AS t, position, id,
      ${definition.of?.kind === 'value' ? sql`toString(currency)` : sql`''`} AS currency, ${amountSql(definition, context)} AS amount
    FROM events WHERE ${joinSql(all, ' AND ')}`;
};

/** Puts the events of a key in order: `e` are tuples (t, position, id, currency, amount). */
const groupsSql = ({ window }: WindowDefinition): Sql => {
  if (window.kind === 'count') {
    const every = bind('UInt64', window.every);
    return sql`arrayMap(i -> arraySlice(sorted, i * ${every} + 1, ${every}), range(intDiv(length(sorted) + ${every} - 1, ${every})))`;
  }
  const gap = bind('Int64', String(window.gapMs));
  return sql`arraySplit((e, before) -> e.1 - before.1 > ${gap}, sorted, arrayPushFront(arrayPopBack(sorted), sorted[1]))`;
};

const orderSql = ({ window }: WindowDefinition): Sql =>
  window.kind === 'count' ? sql`arraySort(e -> (e.2, e.1, e.3), all)` : sql`arraySort(e -> e.1, all)`;

/**
 * Windows of the events in scope, as rows of `metric_windows`: key, window (its number, of counts), start and end (milliseconds), events, first_position, position, complete, and currencies, counts, sums, mins and
 * maxs, which belong together.
 */
export const windowsOfEvents = (definition: WindowDefinition, scope: WindowScope): Sql => {
  const tuple = definition.window.kind === 'count' ? sql`id` : sql`''`;
  const complete =
    definition.window.kind === 'count'
      ? sql`toUInt8(length(g) = ${bind('UInt64', definition.window.every)})`
      : sql`toUInt8(0)`;
  return sql`SELECT key, number - 1 AS window,
      arrayMin(e -> e.1, g) AS start, arrayMax(e -> e.1, g) AS end, toUInt64(length(g)) AS events,
      arrayMin(e -> e.2, g) AS first_position, arrayMax(e -> e.2, g) AS position, ${complete} AS complete,
      arrayFilter(e -> isNotNull(e.5), g) AS measured,
      arraySort(arrayDistinct(arrayMap(e -> e.4, measured))) AS currencies,
      arrayMap(c -> arrayMap(e -> toInt128(assumeNotNull(e.5)), arrayFilter(e -> e.4 = c, measured)), currencies) AS amounts,
      arrayMap(a -> toUInt64(length(a)), amounts) AS counts, arrayMap(a -> arraySum(a), amounts) AS sums,
      arrayMap(a -> arrayMin(a), amounts) AS mins, arrayMap(a -> arrayMax(a), amounts) AS maxs
    FROM (SELECT key, ${orderSql(definition)} AS sorted, ${groupsSql(definition)} AS groups
      FROM (SELECT key, groupArray((t, position, ${tuple}, currency, amount)) AS all FROM (${eventsSql(definition, scope)}) GROUP BY key))
    ARRAY JOIN groups AS g, arrayEnumerate(groups) AS number`;
};

const STEP: WindowScope = {
  asOf: undefined,
  conditions: [sql`position >= {from:UInt64} AND position < {to:UInt64}`],
};

const texts = (column: Sql): Sql => sql`arrayMap(x -> toString(x), ${column})`;

/** What the processor is told of a metric. Throws ApiError `invalid_request` where its events cannot be told from others by the event alone. */
export const windowMetric = (
  definition: WindowDefinition,
  { metric, version }: { readonly metric: string; readonly version: number },
): WindowMetric => {
  refuseMoving(definition);
  const { project, window } = definition;
  const statement =
    window.kind === 'count'
      ? sql`SELECT key, t AS start, t AS end, 1 AS events, position AS first_position, position, 
          if(isNull(amount), [], [currency]) AS currencies, if(isNull(amount), [], [1]) AS counts,
          if(isNull(amount), [], [toString(assumeNotNull(amount))]) AS sums, sums AS mins, sums AS maxs
        FROM (${eventsSql(definition, STEP)}) ORDER BY position, t, id`
      : sql`SELECT key, start, end, events, first_position, position, currencies, counts,
          ${texts(sql`sums`)} AS sums, ${texts(sql`mins`)} AS mins, ${texts(sql`maxs`)} AS maxs
        FROM (${windowsOfEvents(definition, STEP)})`;
  return { project, metric, version, window, statement: toStatement(statement) };
};

const MOVING = /now/iu;

/** Windows are kept: which events are in them may not depend on when they are looked at. */
const refuseMoving = ({ events }: WindowDefinition): void => {
  const { filter } = parseSelector(events, 'events');
  if (filter === undefined) return;
  for (const { condition, field, path } of conditionsOf(filter)) {
    const values = 'values' in condition ? condition.values : 'value' in condition ? [condition.value] : [];
    if (field.kind === 'time' && values.some((value) => typeof value === 'string' && MOVING.test(value)))
      throw invalidAt(
        path,
        'must stand still: windows are kept. Name an instant such as "2026-11-20T12:00:00Z", not one relative to now.',
      );
  }
};
