import { QUERY_LIMITS } from '../contract/question.ts';
import type { TrendRequest } from '../contract/trend.ts';
import { type Axis, axisOf } from './buckets.ts';
import { type Field, propertyKeys } from './fields.ts';
import { conditionsOf, type FilterContext, type ParsedFilter, filterSql, parseFilter } from './filter.ts';
import { keySql, parseGroupFields } from './groups.ts';
import {
  isExact,
  isPerCurrency,
  measuredField,
  measureOfEvents,
  measureOfRollup,
  type MeasureSql,
  type ParsedMeasure,
  parseMeasure,
} from './measure.ts';
import { invalidAt } from './problem.ts';
import {
  bind,
  bindInstant,
  integerArray,
  joinSql,
  type Sql,
  sql,
  type Statement,
  toStatement,
} from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { chooseSource, type TrendSource } from './trend-source.ts';

/** A trend whose parts are read and checked; without a range, which may need the warehouse. */
export interface ParsedTrend {
  readonly request: TrendRequest;
  readonly measure: ParsedMeasure;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  readonly timeZone: string;
  /** Keys of `properties` that it reads. */
  readonly keys: readonly string[];
}

/** Everything needed to ask the warehouse, and to make sense of its rows. */
export interface TrendPlan {
  readonly trend: ParsedTrend;
  readonly range: TimeRange;
  readonly axis: Axis;
  readonly source: TrendSource;
  readonly sourceReason: string;
  readonly statement: Statement;
}

/** Reads the fields of a trend and checks its limits. Throws ApiError `invalid_request`. */
export const parseTrend = (request: TrendRequest): ParsedTrend => {
  const characters = JSON.stringify(request).length;
  if (characters > QUERY_LIMITS.textTotalMax) {
    throw invalidAt(
      '',
      `The request has ${characters} characters; at most ${QUERY_LIMITS.textTotalMax} are taken.`,
    );
  }
  const measure = parseMeasure(request.measure);
  const filter = request.filter === undefined ? undefined : parseFilter(request.filter);
  const by = parseGroupFields(request.by);
  const measured = measuredField(measure);
  const conditions = filter === undefined ? [] : [...conditionsOf(filter)].map(({ field }) => field);
  const keys = propertyKeys([...by, ...conditions, ...(measured === undefined ? [] : [measured])]);
  return { request, measure, filter, by, timeZone: parseTimeZone(request.timezone), keys };
};

/** Chooses the source and writes the statement. Throws ApiError `invalid_request` where limits would be exceeded. */
export const planTrend = (
  trend: ParsedTrend,
  range: TimeRange,
  project: string,
  context: FilterContext,
): TrendPlan => {
  const { request, measure, filter, by } = trend;
  const axis = axisOf(request.interval, range, trend.timeZone);
  checkCells(request, by, axis);
  const choice = chooseSource({ asked: request.source, measure, filter, by, range, axis });
  const fromRollup = choice.source === 'rollup_10s' ? measureOfRollup(measure) : undefined;
  const measured = fromRollup ?? measureOfEvents(measure, context.columns);
  const statement = toStatement(
    trendSql({ trend, range, axis, project, context, source: choice.source, measured }),
  );
  return { trend, range, axis, source: choice.source, sourceReason: choice.reason, statement };
};

const checkCells = (request: TrendRequest, by: readonly Field[], axis: Axis): void => {
  const groups = by.length === 0 ? 1 : request.top + 1;
  const cells = groups * (axis.starts.length + 1);
  if (cells <= QUERY_LIMITS.cellsMax) return;
  throw invalidAt(
    'top',
    `${groups.toLocaleString('en')} groups in ${axis.starts.length.toLocaleString('en')} buckets would be ${cells.toLocaleString('en')} numbers; at most ${QUERY_LIMITS.cellsMax.toLocaleString('en')} are answered. Take fewer groups, a coarser interval or a shorter range.`,
  );
};

interface SqlContext {
  readonly trend: ParsedTrend;
  readonly range: TimeRange;
  readonly axis: Axis;
  readonly project: string;
  readonly context: FilterContext;
  readonly source: TrendSource;
  readonly measured: MeasureSql;
}

/**
 * One row a group and bucket, and one a group over the whole range (`whole` = 1). `g` is the group: [currency]?, then one text a field of the
 * break-down, or none of them for "other". `m` is the measure, `x` its exact text.
 */
const trendSql = (question: SqlContext): Sql => {
  const { trend, source, measured } = question;
  const from = source === 'rollup_10s' ? sql`rollup_10s` : sql`events`;
  const where = joinSql(conditions(question), ' AND ');
  const exact = isExact(trend.measure) ? sql`, toString(${measured.aggregate}) AS x` : sql``;
  return sql`SELECT ${groupSql(question, from, where)} AS g, ${bucketSql(question)} AS b, grouping(b) AS whole, ${measured.aggregate} AS m${exact}
    FROM ${from}
    WHERE ${where}
    GROUP BY g, b WITH ROLLUP
    HAVING grouping(g) = 0`;
};

const conditions = ({ trend, range, project, context, source, measured }: SqlContext): Sql[] => {
  const { request, filter } = trend;
  const time =
    source === 'rollup_10s'
      ? sql`pane >= ${bindPane(range.fromMs)} AND pane < ${bindPane(range.toMs)}`
      : sql`time >= ${bindInstant(range.fromMs)} AND time < ${bindInstant(range.toMs)}`;
  return [
    sql`project = ${bind('String', project)}`,
    ...(request.types === undefined ? [] : [sql`type IN ${bind('Array(String)', request.types)}`]),
    time,
    ...(measured.where === undefined ? [] : [measured.where]),
    ...(filter === undefined ? [] : [filterSql(filter, context)]),
  ];
};

const MS_PER_SECOND = 1_000;

const bindPane = (ms: number): Sql =>
  sql`fromUnixTimestamp64Second(${bind('Int64', String(ms / MS_PER_SECOND))}, 'UTC')`;

/** Which bucket a row belongs to: its number where all are equally wide, its first instant (in the unit of the source) where not. */
const bucketSql = ({ axis, source }: SqlContext): Sql => {
  const unitMs = source === 'rollup_10s' ? MS_PER_SECOND : 1;
  const at = source === 'rollup_10s' ? sql`toUnixTimestamp64Second(pane)` : sql`toUnixTimestamp64Milli(time)`;
  if (axis.widthMs === undefined)
    return sql`roundDown(${at}, ${integerArray(axis.starts.map((ms) => ms / unitMs))})`;
  const origin = bind('Int64', String((axis.starts[0] ?? 0) / unitMs));
  return sql`intDiv(${at} - ${origin}, ${bind('Int64', String(axis.widthMs / unitMs))})`;
};

const groupSql = (question: SqlContext, from: Sql, where: Sql): Sql => {
  const { trend, context, measured } = question;
  const currency = isPerCurrency(trend.measure) ? [sql`toString(currency)`] : [];
  const keys = trend.by.map((field) => keySql(field, context));
  if (keys.length === 0)
    return currency.length === 0 ? sql`emptyArrayString()` : sql`[${joinSql(currency, ', ')}]`;
  const all = joinSql([...currency, ...keys], ', ');
  const rank = sql`${measured.aggregate} DESC NULLS LAST, ${all}`;
  const limit = sql`LIMIT ${bind('UInt64', trend.request.top)}${currency.length === 0 ? sql`` : sql` BY toString(currency)`}`;
  const top = sql`SELECT ${all} FROM ${from} WHERE ${where} GROUP BY ${all} ORDER BY ${rank} ${limit}`;
  const rest = currency.length === 0 ? sql`emptyArrayString()` : sql`[${joinSql(currency, ', ')}]`;
  return sql`if((${all}) IN (${top}), [${all}], ${rest})`;
};
