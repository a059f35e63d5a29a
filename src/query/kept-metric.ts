import type { Field } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter } from './filter.ts';
import { keySql } from './groups.ts';
import {
  measuredField,
  measureOfEvents,
  measureOfStates,
  type MeasureSql,
  type ParsedMeasure,
} from './measure.ts';
import { noPropertyColumns } from './ports.ts';
import { bindPane, type Filled, paneOf, SEAM_MOVED } from './rollup-rows.ts';
import { seenEvents } from './seen.ts';
import { bind, bindInstant, identifier, joinSql, type Sql, sql, type Statement, toStatement } from './sql.ts';
import type { TimeRange } from './time-range.ts';

/**
 * What is kept ready of a metric: a table of its own with panes, its dimensions, and of each of its measures the state of the function that trends take of events. Derived in the background from the events, and read
 * like the rollup of 15 minutes: what is in it, and behind that the same made of the events. So its answers are those of the events.
 */

/** A measure of a metric. */
export interface KeptMeasure {
  readonly measure: ParsedMeasure;
  /** Lists of types: an event must be of one in each. */
  readonly types: readonly (readonly string[])[];
  readonly filter: ParsedFilter | undefined;
}

/** How a metric is kept. */
export interface KeptLayout {
  readonly table: string;
  readonly project: string;
  readonly paneMs: number;
  readonly dimensions: readonly Field[];
  readonly measures: readonly KeptMeasure[];
  /** Currencies are kept apart. */
  readonly hasCurrency: boolean;
}

const SECOND_MS = 1_000;

/** Nothing in a kept metric depends on when it is asked. */
const CONTEXT: FilterContext = { columns: noPropertyColumns, nowMs: 0, asOf: undefined, timeZone: 'UTC' };

const stateOf = (measure: number, part: number): Sql => identifier(`s${measure}_${part}`);
const countOf = (measure: number): Sql => identifier(`n${measure}`);
const dimensionOf = (index: number): Sql => identifier(`d${index}`);

/** Columns of the keys of a row. */
const keysOf = ({ dimensions, hasCurrency }: KeptLayout): Sql[] => [
  sql`pane`,
  ...(hasCurrency ? [sql`currency`] : []),
  ...dimensions.map((_, index) => dimensionOf(index)),
];

/** Columns of events that the measures and dimensions are made of. */
const columnsOf = ({ dimensions, measures }: KeptLayout): Sql[] => {
  const measured = measures.flatMap(({ measure }) => measuredField(measure) ?? []);
  const fields = [...dimensions, ...measured, ...measures.flatMap(({ filter }) => fieldsOfFilter(filter))];
  const names = fields.map((field) => (field.kind === 'property' ? 'properties' : field.name));
  return [...new Set(['time', 'type', 'currency', 'value', ...names])].map(identifier);
};

/** The condition of a measure, 0 or 1. */
const conditionOf = ({ measure, types, filter }: KeptMeasure): Sql => {
  const { where } = measureOfEvents(measure, CONTEXT.columns);
  const parts = [
    ...types.map((some) => sql`type IN ${bind('Array(String)', some)}`),
    ...(filter === undefined ? [] : [filterSql(filter, CONTEXT)]),
    ...(where === undefined ? [] : [where]),
  ];
  return parts.length === 0 ? sql`1` : sql`(${joinSql(parts, ' AND ')})`;
};

/** One row of nothing but the last position of a step goes in with those of events: it tells how far the step went, and has the types that columns have in a union. */
const keptSelect = (layout: KeptLayout, measures: readonly number[], rows: Sql, position: Sql): Sql => {
  const columns = columnsOf(layout);
  const plain = joinSql(columns, ', ');
  const any = joinSql(
    columns.map((column) => sql`any(${column}) AS ${column}`),
    ', ',
  );
  const dimensions = layout.dimensions.map(
    (field, index) => sql`${keySql(field, CONTEXT)} AS ${dimensionOf(index)}`,
  );
  const counted = measures.flatMap((index) => {
    const kept = layout.measures[index];
    if (kept === undefined) return [];
    const condition = sql`(mark = 0 AND ${conditionOf(kept)})`;
    const { aggregates } = measureOfEvents(kept.measure, CONTEXT.columns);
    return [
      sql`countIf(${condition}) AS ${countOf(index)}`,
      ...aggregates.map(({ stateIf }, part) => sql`${stateIf(condition)} AS ${stateOf(index, part)}`),
    ];
  });
  const some = joinSql(
    measures.map((index) => sql`${countOf(index)} > 0`),
    ' OR ',
  );
  const selected = joinSql(
    [
      sql`${paneOf(layout.paneMs)} AS pane`,
      ...(layout.hasCurrency ? [sql`toString(currency) AS currency`] : []),
      ...dimensions,
      ...counted,
      sql`max(source.position) AS position`,
      sql`max(mark) AS marked`,
    ],
    ', ',
  );
  return sql`SELECT * EXCEPT (marked) FROM (SELECT ${selected}
      FROM (SELECT ${plain}, position, toUInt8(0) AS mark FROM events WHERE ${rows}
        UNION ALL SELECT ${any}, toUInt64(${position}) AS position, toUInt8(1) AS mark FROM events WHERE 0) AS source
      GROUP BY ${joinSql(keysOf(layout), ', ')}) WHERE marked = 1 OR ${some}`;
};

const allOf = ({ measures }: KeptLayout): number[] => measures.map((_, index) => index);

/** What a step puts into the table, with the places of its rows and its end as `DerivedDefinition` names them. */
export const keptInsert = (layout: KeptLayout): Statement =>
  toStatement(
    sql`SELECT * FROM (${keptSelect(layout, allOf(layout), sql`{rows}`, sql`{to:UInt64} - 1`)}) ORDER BY position`,
  );

/** The same of no rows: its columns are those of the table. */
export const keptShape = (layout: KeptLayout): Statement =>
  toStatement(keptSelect(layout, allOf(layout), sql`0`, sql`0`));

/** A kept metric, as far as it is filled when a question is planned. */
export interface KeptMetric {
  readonly layout: KeptLayout;
  readonly filled: Filled;
}

/** What a series of a question about a metric is read by. */
export interface KeptSeries extends KeptMetric {
  /** Which measure of the metric it is. */
  readonly index: number;
}

/** The columns that properties are exposed as. */
export const keptColumns = ({ dimensions }: KeptLayout): FilterContext['columns'] => ({
  columnOf: (key) => {
    const index = dimensions.findIndex((field) => field.kind === 'property' && field.path[0] === key);
    return index < 0 ? undefined : `dimension_${index}`;
  },
  asked: () => undefined,
});

/** Characters of the mark in front of the text of a property that is there. */
const MARK_CHARACTERS = 1;

/** The part of a range that is whole panes. */
export const wholeKeptPanes = ({ fromMs, toMs }: TimeRange, { paneMs }: KeptLayout): TimeRange => ({
  fromMs: Math.ceil(fromMs / paneMs) * paneMs,
  toMs: Math.floor(toMs / paneMs) * paneMs,
});

/** A statement to read from, in brackets: panes with the dimensions by their names, and the states of one measure. */
export const keptRows = (
  { layout, filled, index }: KeptSeries,
  range: TimeRange,
  context: FilterContext,
): Sql => {
  const whole = wholeKeptPanes(range, layout);
  const kept = layout.measures[index];
  const covered = bind('UInt64', filled.covered);
  const parts = measureOfKept({ layout, filled, index }).aggregates.map((_, part) => stateOf(index, part));
  const stored = joinSql([...keysOf(layout), countOf(index), ...parts], ', ');
  const ofEvents = (stretch: TimeRange, ...more: readonly Sql[]): Sql => {
    const time = sql`time >= ${bindInstant(stretch.fromMs)} AND time < ${bindInstant(stretch.toMs)}`;
    const condition = kept === undefined ? sql`0` : conditionOf(kept);
    const rows = joinSql([seenEvents(layout.project, context), time, ...more, condition], ' AND ');
    return sql`SELECT ${stored} FROM (${keptSelect(layout, [index], rows, sql`0`)})`;
  };
  const edges = [
    { fromMs: range.fromMs, toMs: whole.fromMs },
    { fromMs: whole.toMs, toMs: range.toMs },
  ].filter(({ fromMs, toMs }) => fromMs < toMs);
  const all = joinSql(
    [
      sql`SELECT ${stored} FROM ${identifier(layout.table)} WHERE pane >= ${bindPane(whole.fromMs)} AND pane < ${bindPane(whole.toMs)} AND NOT throwIf(position >= ${covered}, ${bind('String', SEAM_MOVED)})`,
      ...(filled.hasTail ? [ofEvents(whole, sql`position >= ${covered}`)] : []),
      ...edges.map((edge) => ofEvents(edge)),
    ],
    ' UNION ALL ',
  );
  const dimensions = layout.dimensions.map((field, at) => {
    const key = dimensionOf(at);
    return field.kind === 'text'
      ? sql`${key} AS ${identifier(field.name)}`
      : sql`if(${key} = '', NULL, substring(${key}, ${bind('UInt64', MARK_CHARACTERS + 1)})) AS ${identifier(`dimension_${at}`)}`;
  });
  const currency = layout.hasCurrency && !layout.dimensions.some(({ name }) => name === 'currency');
  const shown = [sql`pane`, ...(currency ? [sql`currency`] : []), ...dimensions, countOf(index), ...parts];
  return sql`(SELECT ${joinSql(shown, ', ')} FROM (${all}))`;
};

/** The measure out of what is kept. */
export const measureOfKept = ({ layout, index }: KeptSeries): MeasureSql => {
  const kept = layout.measures[index];
  const measure = measureOfEvents(kept?.measure ?? { kind: 'count' }, CONTEXT.columns);
  const columns = measure.aggregates.map((_, part) => stateOf(index, part));
  return { ...measureOfStates(measure, columns), where: sql`${countOf(index)} > 0` };
};

/** Whether a filter is about a cohort. */
export const namesCohort = (filter: ParsedFilter): boolean => {
  if (filter.kind === 'cohort') return true;
  if (filter.kind === 'condition') return false;
  return filter.kind === 'not' ? namesCohort(filter.of) : filter.of.some(namesCohort);
};

/** Why a question that narrows a metric by a filter cannot be answered from what is kept; undefined: it can. */
export const obstacleToKept = (
  { layout, filled }: KeptMetric,
  question: {
    readonly filter: ParsedFilter | undefined;
    readonly range: TimeRange;
    readonly bounds: readonly number[];
    readonly asOf: number | undefined;
  },
): string | undefined => {
  const { filter, range, bounds, asOf } = question;
  if (filled.covered === 0) return 'What is kept of the metric is not filled yet.';
  // Nearly all would be read from the events anyway, and again each time that a step comes between.
  if (!filled.isHalf) return 'What is kept of the metric is not half filled yet.';
  if (filter !== undefined && namesCohort(filter)) return 'What is kept of the metric knows no cohorts.';
  const names = new Set(layout.dimensions.map(({ name }) => name));
  const foreign = fieldsOfFilter(filter).find(({ name }) => !names.has(name));
  if (foreign !== undefined) return `What is kept of the metric does not have "${foreign.name}".`;
  if (bounds.some((ms) => ms % layout.paneMs !== 0))
    return `A bucket does not begin on a multiple of ${layout.paneMs / SECOND_MS} seconds.`;
  if ([range.fromMs, range.toMs].some((ms) => ms % SECOND_MS !== 0))
    return 'The range does not begin and end with a second.';
  const whole = wholeKeptPanes(range, layout);
  if (whole.fromMs >= whole.toMs) return 'The range is shorter than what is kept of the metric.';
  if (asOf !== undefined && filled.covered > asOf + 1)
    return 'What is kept of the metric holds events behind the position.';
  return undefined;
};
