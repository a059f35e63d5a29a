import { isDeepStrictEqual } from 'node:util';
import type { Axis } from './buckets.ts';
import { type Field, textOf } from './fields.ts';
import { type FilterContext, filterSql, type ParsedFilter } from './filter.ts';
import { keyOfText, keySql } from './groups.ts';
import {
  directSql,
  isExact,
  isPerCurrency,
  measureOfEvents,
  measureOfRollup,
  type MeasureSql,
  type ParsedMeasure,
} from './measure.ts';
import { seenEvents } from './seen.ts';
import { type KeptSeries, keptRows, measureOfKept } from './kept-metric.ts';
import { bindPane, coarseRows, type Filled } from './rollup-rows.ts';
import { bind, bindInstant, integerArray, joinSql, type Sql, sql } from './sql.ts';
import type { TimeRange } from './time-range.ts';
import type { TrendSource } from './trend-source.ts';

/** Which rows of which table a series counts, and what of them. */
export interface CountedSeries {
  readonly series: {
    readonly measure: ParsedMeasure;
    readonly types: readonly (readonly string[])[];
    readonly filter: ParsedFilter | undefined;
  };
  readonly by: readonly Field[];
  readonly range: TimeRange;
  /** Where buckets within the range begin, milliseconds. */
  readonly bounds: readonly number[];
  readonly source: TrendSource;
  /** How far the source is filled, if it is one that is derived in the background. */
  readonly filled: Filled | undefined;
  /** What is kept of the metric, if it is read. */
  readonly kept: KeptSeries | undefined;
  readonly project: string;
  readonly context: FilterContext;
}

/** Which groups are named. */
export interface Grouping {
  /** What the groups with the largest totals are chosen by. */
  readonly ranking: CountedSeries;
  readonly top: number;
  /** Whether each currency has named groups of its own; if not, those that are large in one are named in all. */
  readonly isByCurrency: boolean;
}

/** How a series is laid out in time. */
export interface Layout {
  readonly axis: Axis;
  /** With a sliding window: where its steps begin. The last ones are those of the axis. */
  readonly steps: readonly number[] | undefined;
  readonly cumulative: boolean;
  readonly grouping: Grouping;
}

/**
 * One row a group and bucket, and one a group over the whole range (`whole` = 1; cumulative series have none: their last bucket is the whole). `g` is the group: [currency]?, then
 * one text a field of the break-down, or none of them for "other". `m` is the measure, `x` its exact text.
 */
export const seriesSql = (counted: CountedSeries, layout: Layout): Sql => {
  if (layout.steps !== undefined) return slidingSql(counted, layout, layout.steps);
  if (layout.cumulative) return cumulativeSql(counted, layout);
  if (!isRankedBySelf(counted, layout)) return bucketsSql(counted, layout);
  if (layout.axis.starts.length === 1) return rankedSql(counted, layout);
  // Few groups, since a rollup keeps few fields: their buckets can be held beside each other.
  return counted.filled === undefined ? bucketsSql(counted, layout) : rankedBucketsSql(counted, layout);
};

const isRollup = (source: TrendSource): boolean => source !== 'events';

const tableSql = (counted: CountedSeries): Sql => {
  const { filled, kept, range, context } = counted;
  if (filled !== undefined) return coarseRows(counted, filled);
  if (kept !== undefined) return keptRows(kept, range, context);
  return isRollup(counted.source) ? sql`rollup_10s` : sql`events`;
};

const measureSql = ({ series, source, context, kept }: CountedSeries): MeasureSql =>
  (kept === undefined ? undefined : measureOfKept(kept)) ??
  (isRollup(source) ? measureOfRollup(series.measure) : undefined) ??
  measureOfEvents(series.measure, context.columns);

const exactSql = ({ series }: CountedSeries, aggregate: Sql): Sql =>
  isExact(series.measure) ? sql`, toString(${aggregate}) AS x` : sql``;

const bucketsSql = (counted: CountedSeries, { axis, grouping }: Layout): Sql => {
  const aggregate = directSql(measureSql(counted));
  return sql`SELECT ${groupSql(counted, grouping)} AS g, ${bucketSql(counted, axis)} AS b, grouping(b) AS whole, ${aggregate} AS m${exactSql(counted, aggregate)}
    FROM ${tableSql(counted)}
    WHERE ${whereSql(counted)}
    GROUP BY g, b WITH ROLLUP
    HAVING grouping(g) = 0`;
};

/** Whether the groups that are named follow from the numbers of the series itself: then it is read once. */
const isRankedBySelf = (counted: CountedSeries, { grouping: { ranking } }: Layout): boolean =>
  counted.by.length > 0 &&
  !isPerCurrency(counted.series.measure) &&
  isDeepStrictEqual({ ...counted, context: undefined }, { ...ranking, context: undefined });

/** Every group of a break-down by names, its states, and its keys made of the names. */
const groupsOf = (counted: CountedSeries) => {
  const { aggregates } = measureSql(counted);
  const states = aggregates.map(({ state }, index) => sql`${state} AS ${STATES[index] ?? sql`s`}`);
  const texts = counted.by.map((field) => textOf(field, counted.context.columns));
  const names = texts.map((_, index) => KEYS[index] ?? sql`top`);
  const keys = texts.map(({ nullable }, index) => keyOfText({ text: names[index] ?? sql`top`, nullable }));
  return { states, texts, names, keys };
};

/** What `bucketsSql` answers, read once: all groups with their buckets first, then the named ones and the others together. */
const rankedBucketsSql = (counted: CountedSeries, { axis, grouping }: Layout): Sql => {
  const { states, texts, names, keys } = groupsOf(counted);
  const all = joinSql(names, ', ');
  const merged = mergedSql(counted, sql``);
  return sql`SELECT if(place <= ${bind('UInt64', grouping.top)}, keys, emptyArrayString()) AS g, part AS b, grouping(b) AS whole, ${merged} AS m${exactSql(counted, merged)}
    FROM (SELECT *, dense_rank() OVER (ORDER BY total DESC NULLS LAST, keys) AS place
      FROM (SELECT *, [${joinSql(keys, ', ')}] AS keys, ${mergedSql(counted, sql` OVER (PARTITION BY ${all})`)} AS total
        FROM (SELECT ${joinSql(
          texts.map(({ text }, index) => sql`${text} AS ${names[index] ?? sql`top`}`),
          ', ',
        )}, ${bucketSql(counted, axis)} AS part, ${joinSql(states, ', ')}
          FROM ${tableSql(counted)}
          WHERE ${whereSql(counted)}
          GROUP BY ${all}, part)))
    GROUP BY g, b WITH ROLLUP
    HAVING grouping(g) = 0`;
};

/** What `bucketsSql` answers where there is one bucket: all groups first, then the named ones and the others together. */
const rankedSql = (counted: CountedSeries, { axis, grouping }: Layout): Sql => {
  const { combine } = measureSql(counted);
  const { states, texts, names, keys } = groupsOf(counted);
  const total = combine(states.map((_, index) => sql`finalizeAggregation(${STATES[index] ?? sql`s`})`));
  const first = Math.floor((axis.starts[0] ?? 0) / unitMsOf(counted.source));
  const merged = mergedSql(counted, sql``);
  return sql`SELECT if(place <= ${bind('UInt64', grouping.top)}, keys, emptyArrayString()) AS g, ${bind('Int64', String(axis.widthMs === undefined ? first : 0))} AS b, arrayJoin([0, 1]) AS whole, ${merged} AS m${exactSql(counted, merged)}
    FROM (SELECT *, [${joinSql(keys, ', ')}] AS keys, row_number() OVER (ORDER BY ${total} DESC NULLS LAST, keys) AS place
      FROM (SELECT ${joinSql(
        texts.map(({ text }, index) => sql`${text} AS ${names[index] ?? sql`top`}`),
        ', ',
      )}, ${joinSql(states, ', ')}
        FROM ${tableSql(counted)}
        WHERE ${whereSql(counted)}
        GROUP BY ${joinSql(names, ', ')}))
    GROUP BY g`;
};

const STATES = [sql`s0`, sql`s1`] as const;

/** The parts that running and sliding measures are put together from: one row a group and bucket. */
const partsSql = (counted: CountedSeries, bucket: Sql, grouping: Grouping): Sql => {
  const states = measureSql(counted).aggregates.map(
    ({ state }, index) => sql`${state} AS ${STATES[index] ?? sql`s`}`,
  );
  return sql`SELECT ${groupSql(counted, grouping)} AS g, ${bucket} AS part, ${joinSql(states, ', ')}
    FROM ${tableSql(counted)}
    WHERE ${whereSql(counted)}
    GROUP BY g, part`;
};

/** The measure out of parts; `over` follows each function. */
const mergedSql = (counted: CountedSeries, over: Sql): Sql => {
  const { aggregates, combine } = measureSql(counted);
  return combine(aggregates.map(({ merge }, index) => sql`${merge}(${STATES[index] ?? sql`s`})${over}`));
};

/** Buckets without events have no row: they show what the one before them does. */
const cumulativeSql = (counted: CountedSeries, { axis, grouping }: Layout): Sql => {
  const running = mergedSql(counted, sql` OVER running`);
  return sql`SELECT g, part AS b, 0 AS whole, ${running} AS m${exactSql(counted, running)}
    FROM (${partsSql(counted, bucketSql(counted, axis), grouping)})
    WINDOW running AS (PARTITION BY g ORDER BY part ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
};

/** Every part is put into each window that it lies in, and those of the range into the whole (-1) too. */
const slidingSql = (counted: CountedSeries, { axis, grouping }: Layout, steps: readonly number[]): Sql => {
  const before = bind('Int64', String(steps.length - axis.starts.length));
  const windows = bind('Int64', String(axis.starts.length));
  const merged = mergedSql(counted, sql``);
  return sql`SELECT g, arrayJoin(arrayConcat(range(greatest(part - ${before}, toInt64(0)), least(part + 1, ${windows})), if(part >= ${before}, [toInt64(-1)], []))) AS b, b < 0 AS whole, ${merged} AS m${exactSql(counted, merged)}
    FROM (${partsSql(counted, stepSql(counted, steps), grouping)})
    GROUP BY g, b`;
};

const whereSql = (counted: CountedSeries): Sql => joinSql(conditions(counted), ' AND ');

const conditions = (counted: CountedSeries): Sql[] => {
  const { series, range, source, project, context, filled } = counted;
  const { where } = measureSql(counted);
  if (filled !== undefined) return [where ?? sql`1`];
  if (counted.kept !== undefined)
    return [
      ...(where === undefined ? [] : [where]),
      ...(series.filter === undefined ? [] : [filterSql(series.filter, context)]),
    ];
  const time = isRollup(source)
    ? sql`pane >= ${bindPane(range.fromMs)} AND pane < ${bindPane(range.toMs)}`
    : sql`time >= ${bindInstant(range.fromMs)} AND time < ${bindInstant(range.toMs)}`;
  return [
    seenEvents(project, context),
    ...series.types.map((types) => sql`type IN ${bind('Array(String)', types)}`),
    time,
    ...(where === undefined ? [] : [where]),
    ...(series.filter === undefined ? [] : [filterSql(series.filter, context)]),
  ];
};

const MS_PER_SECOND = 1_000;

/** Milliseconds in the unit of the source's time. */
export const unitMsOf = (source: TrendSource): number => (isRollup(source) ? MS_PER_SECOND : 1);

const timeSql = ({ source }: CountedSeries): Sql =>
  isRollup(source) ? sql`toUnixTimestamp64Second(pane)` : sql`toUnixTimestamp64Milli(time)`;

/** Which bucket a row belongs to: its number where all are equally wide, its first instant (in the unit of the source) where not. */
const bucketSql = (counted: CountedSeries, axis: Axis): Sql => {
  const unitMs = unitMsOf(counted.source);
  const at = timeSql(counted);
  if (axis.widthMs === undefined)
    return sql`roundDown(${at}, ${integerArray(axis.starts.map((ms) => ms / unitMs))})`;
  const origin = bind('Int64', String((axis.starts[0] ?? 0) / unitMs));
  return sql`intDiv(${at} - ${origin}, ${bind('Int64', String(axis.widthMs / unitMs))})`;
};

/** The number of the step that a row belongs to. */
const stepSql = (counted: CountedSeries, steps: readonly number[]): Sql => {
  const starts = integerArray(steps.map((ms) => ms / unitMsOf(counted.source)));
  const numbers = integerArray(steps.map((_, index) => index));
  return sql`transform(roundDown(${timeSql(counted)}, ${starts}), ${starts}, ${numbers}, toInt64(0))`;
};

const CURRENCY = sql`toString(currency)`;

const groupSql = (counted: CountedSeries, grouping: Grouping): Sql => {
  const currency = isPerCurrency(counted.series.measure) ? [CURRENCY] : [];
  const keys = counted.by.map((field) => keySql(field, counted.context));
  const rest = currency.length === 0 ? sql`emptyArrayString()` : sql`[${joinSql(currency, ', ')}]`;
  if (keys.length === 0) return rest;
  const all = joinSql([...currency, ...keys], ', ');
  const compared = grouping.isByCurrency ? all : joinSql(keys, ', ');
  return sql`if((${compared}) IN (${namedSql(grouping)}), [${all}], ${rest})`;
};

const KEYS = [sql`top_0`, sql`top_1`] as const;

/** The groups that are named: those with the largest totals, in each currency. */
const namedSql = ({ ranking, top, isByCurrency }: Grouping): Sql => {
  const currency = isPerCurrency(ranking.series.measure) ? [CURRENCY] : [];
  const keys = ranking.by.map((field) => keySql(field, ranking.context));
  const all = joinSql([...currency, ...keys], ', ');
  const limit = sql`LIMIT ${bind('UInt64', top)}${currency.length === 0 ? sql`` : sql` BY ${CURRENCY}`}`;
  const names = keys.map((_, index) => KEYS[index] ?? sql`top`);
  const selected = joinSql(
    [...currency, ...keys.map((key, index) => sql`${key} AS ${names[index] ?? sql`top`}`)],
    ', ',
  );
  const chosen = sql`SELECT ${selected} FROM ${tableSql(ranking)} WHERE ${whereSql(ranking)} GROUP BY ${all} ORDER BY ${directSql(measureSql(ranking))} DESC NULLS LAST, ${all} ${limit}`;
  return isByCurrency || currency.length === 0
    ? chosen
    : sql`SELECT ${joinSql(names, ', ')} FROM (${chosen})`;
};
