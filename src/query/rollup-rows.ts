import type { Field } from './fields.ts';
import { fieldsOfFilter, type FilterContext, filterSql, type ParsedFilter } from './filter.ts';
import type { ParsedMeasure } from './measure.ts';
import { type PaneRun, paneRuns } from './pane-runs.ts';
import { PANE_LEVELS } from './ports.ts';
import { seenEvents } from './seen.ts';
import { bind, bindInstant, joinSql, type Sql, sql } from './sql.ts';
import type { TimeRange } from './time-range.ts';
import { PANE_MS } from './time-range.ts';

/**
 * The rows of the rollup of 15 minutes, whole and as fresh as all others: the panes that lie in the range from `rollup_15m` as far as that is filled, the widest that lie in one bucket, of the same time what is behind that
 * from the events, and what the range has before its first pane and behind its last from `rollup_10s` (as of a position from the events). Each event is in one of them.
 */

/** Width of the narrowest panes of `rollup_15m`. */
export const COARSE_PANE_MS = 900_000;

/** What is counted of which events. */
export interface CoarseQuestion {
  readonly series: {
    readonly measure: ParsedMeasure;
    readonly types: readonly (readonly string[])[];
    readonly filter: ParsedFilter | undefined;
  };
  readonly by: readonly Field[];
  readonly range: TimeRange;
  /** Where buckets within the range begin, milliseconds, ascending: on multiples of 15 minutes. */
  readonly bounds: readonly number[];
  readonly project: string;
  readonly context: FilterContext;
}

/** How far a derived table is filled. */
export interface Filled {
  /** Events of governed records before this are in it, and at the moment no others. */
  readonly covered: number;
  /** There is nothing behind that, or no more than comes between two steps. */
  readonly isCurrent: boolean;
  /** At least half of the records that the question sees is in it. */
  readonly isHalf: boolean;
  /** Events may be loaded that are not in it. */
  readonly hasTail: boolean;
}

/** What a statement fails with that read rows of a step which came after it was planned. */
export const SEAM_MOVED = 'the table was filled further meanwhile';

const MS_PER_SECOND = 1_000;

/** The begin of a pane. */
export const bindPane = (ms: number): Sql =>
  sql`fromUnixTimestamp64Second(${bind('Int64', String(ms / MS_PER_SECOND))}, 'UTC')`;

/** The pane of so many milliseconds that an event lies in. */
export const paneOf = (widthMs: number): Sql => {
  const ms = sql`toUnixTimestamp64Milli(time)`;
  const width = bind('Int64', String(widthMs));
  return sql`toDateTime64(intDiv(${ms} - positiveModulo(${ms}, ${width}), 1000), 0, 'UTC')`;
};

/** The part of a range that is whole panes; empty where there is none. */
export const wholePanes = ({ fromMs, toMs }: TimeRange): TimeRange => ({
  fromMs: Math.ceil(fromMs / COARSE_PANE_MS) * COARSE_PANE_MS,
  toMs: Math.floor(toMs / COARSE_PANE_MS) * COARSE_PANE_MS,
});

/** A column of the rollup, and the same made from events. */
interface RollupColumn {
  readonly name: Sql;
  readonly ofEvents: Sql;
}

const COUNT: RollupColumn = { name: sql`events`, ofEvents: sql`count()` };
const USERS: RollupColumn = { name: sql`users`, ofEvents: sql`uniqStateIf(user_id, user_id != '')` };
const SESSIONS: RollupColumn = {
  name: sql`sessions`,
  ofEvents: sql`uniqStateIf(session_id, session_id != '')`,
};
const VALUE: readonly RollupColumn[] = [
  { name: sql`value_sum`, ofEvents: sql`sum(ifNull(toDecimal128(value, 6), toDecimal128(0, 6)))` },
  { name: sql`value_count`, ofEvents: sql`count(value)` },
];

/** What a measure reads of the rollup, and nothing else: states of distinct users are large. */
const columnsOf = (measure: ParsedMeasure): readonly RollupColumn[] => {
  if (measure.kind === 'count') return [COUNT];
  if (measure.kind === 'unique') return [measure.of.name === 'user_id' ? USERS : SESSIONS];
  return VALUE;
};

/** Rows are few, but states in them large: without this a single thread would read and merge them. */
const FEW_LARGE_ROWS = sql`SETTINGS merge_tree_min_rows_for_concurrent_read = 16, merge_tree_min_bytes_for_concurrent_read = 1`;

/** Whether the question tells types apart: else it is answered by the panes of all types together. */
const tellsTypes = ({ series, by }: CoarseQuestion): boolean =>
  series.types.length > 0 || [...by, ...fieldsOfFilter(series.filter)].some(({ name }) => name === 'type');

/** The panes that a question is answered by. */
const storedPanes = (question: CoarseQuestion): Sql => {
  const isOfTypes = tellsTypes(question);
  // The narrowest are there of each type only.
  const levels = PANE_LEVELS.filter(
    ({ isOfAllTypes, seconds }) => seconds * MS_PER_SECOND === COARSE_PANE_MS || isOfAllTypes !== isOfTypes,
  );
  const runs = Map.groupBy(
    paneRuns(
      wholePanes(question.range),
      question.bounds,
      levels.map(({ seconds }) => seconds * MS_PER_SECOND),
    ),
    ({ widthMs }) => widthMs,
  );
  const chosen = levels.flatMap(({ isOfAllTypes, seconds }) => {
    const ofLevel: readonly PaneRun[] = runs.get(seconds * MS_PER_SECOND) ?? [];
    if (ofLevel.length === 0) return [];
    const within = joinSql(
      ofLevel.map((run) => sql`(${panes(run)})`),
      ' OR ',
    );
    return [
      sql`(all_types = ${bind('UInt64', Number(isOfAllTypes))} AND width = ${bind('UInt64', seconds)} AND (${within}))`,
    ];
  });
  return sql`(${joinSql(chosen, ' OR ')})`;
};

/** A statement to read from, in brackets: rows as those of `rollup_10s`, of the series' types and filter. */
export const coarseRows = (question: CoarseQuestion, { covered, hasTail }: Filled): Sql => {
  const { series, range, project, context } = question;
  const whole = wholePanes(range);
  const columns = columnsOf(series.measure);
  const conditions = [
    ...series.types.map((types) => sql`type IN ${bind('Array(String)', types)}`),
    ...(series.filter === undefined ? [] : [filterSql(series.filter, context)]),
  ];
  const where = (...more: readonly Sql[]): Sql => joinSql([...more, ...conditions], ' AND ');
  const stored = joinSql([sql`pane, type, currency`, ...columns.map(({ name }) => name)], ', ');
  const ofEvents = (paneMs: number, ...more: readonly Sql[]): Sql => {
    const counts = columns.map(({ name, ofEvents: of }) => sql`${of} AS ${name}`);
    return sql`SELECT ${paneOf(paneMs)} AS pane, type, currency, ${joinSql(counts, ', ')} FROM events WHERE ${where(seenEvents(project, context), ...more)} GROUP BY pane, type, currency`;
  };
  const ofProject = sql`project = ${bind('String', project)}`;
  const edges = [
    { fromMs: range.fromMs, toMs: whole.fromMs },
    { fromMs: whole.toMs, toMs: range.toMs },
  ].filter(({ fromMs, toMs }) => fromMs < toMs);
  const edgesBy = (condition: (edge: TimeRange) => Sql): Sql =>
    sql`(${joinSql(
      edges.map((edge) => sql`(${condition(edge)})`),
      ' OR ',
    )})`;
  const ofEdges = (): Sql =>
    context.asOf === undefined
      ? sql`SELECT ${stored} FROM rollup_10s WHERE ${where(ofProject, edgesBy(panes))}`
      : ofEvents(PANE_MS, edgesBy(instants));
  // The rows of a step that came after the question was planned have its positions: then the tail would hold the same events.
  const isOfStep = sql`NOT throwIf(position >= ${bind('UInt64', covered)}, ${bind('String', SEAM_MOVED)})`;
  const parts = [
    sql`SELECT ${stored} FROM rollup_15m WHERE ${where(ofProject, storedPanes(question), isOfStep)} ${FEW_LARGE_ROWS}`,
    ...(hasTail
      ? [ofEvents(COARSE_PANE_MS, sql`position >= ${bind('UInt64', covered)}`, instants(whole))]
      : []),
    ...(edges.length === 0 ? [] : [ofEdges()]),
  ];
  return sql`(${joinSql(parts, ' UNION ALL ')})`;
};

const panes = ({ fromMs, toMs }: TimeRange): Sql =>
  sql`pane >= ${bindPane(fromMs)} AND pane < ${bindPane(toMs)}`;

const instants = ({ fromMs, toMs }: TimeRange): Sql =>
  sql`time >= ${bindInstant(fromMs)} AND time < ${bindInstant(toMs)}`;
