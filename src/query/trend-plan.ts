import { QUERY_LIMITS, type Measure, type RateUnit } from '../contract/question.ts';
import { type Compare, type RequestedSeries, SERIES_LETTERS, type TrendRequest } from '../contract/trend.ts';
import { type Axis, axisOf } from './buckets.ts';
import { type Comparison, comparisonOf } from './compare.ts';
import { type Field, propertyKeys } from './fields.ts';
import { fieldsOfFilter, type FilterContext, type ParsedFilter, parseFilter } from './filter.ts';
import { type Expression, lettersOf, parseFormula } from './formula.ts';
import { parseGroupFields } from './groups.ts';
import { isPerCurrency, measuredField, type ParsedMeasure, parseMeasure } from './measure.ts';
import { invalidAt } from '../http/request-problem.ts';
import { type Derivations, NOTHING_DERIVED } from './derivations.ts';
import { keptColumns } from './kept-metric.ts';
import { type Sliding, parseSliding, stepsOf, wholeSteps } from './sliding.ts';
import { type Statement, toStatement } from './sql.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { type ChosenSource, chooseSource, type TrendSource } from './trend-source.ts';
import { type CountedSeries, type Grouping, seriesSql } from './trend-sql.ts';

/** One series of a trend whose parts are read and checked. */
export interface ParsedSeries {
  /** The letter that formulas name it by; `users` for the divisor of `per`. */
  readonly id: string;
  readonly name: string;
  readonly hidden: boolean;
  readonly measure: ParsedMeasure;
  /** The unit of time that it is divided by. */
  readonly rate: RateUnit | undefined;
  /** Lists of types: an event must be of one in each. */
  readonly types: readonly (readonly string[])[];
  readonly filter: ParsedFilter | undefined;
}

/** A formula that is read and whose letters are there. */
export interface ParsedFormula {
  readonly id: string;
  readonly name: string;
  readonly expression: Expression;
  readonly letters: readonly string[];
}

/** A trend whose parts are read and checked; without a range, which may need the warehouse. */
export interface ParsedTrend {
  readonly request: TrendRequest;
  readonly series: readonly [ParsedSeries, ...ParsedSeries[]];
  readonly formulas: readonly ParsedFormula[];
  /** Distinct users, to divide by: with `per`. */
  readonly users: ParsedSeries | undefined;
  readonly sliding: Sliding | undefined;
  readonly by: readonly Field[];
  readonly timeZone: string;
  /** Keys of `properties` that it reads. */
  readonly keys: readonly string[];
}

/** A series over one period: everything needed to ask the warehouse, and to make sense of its rows. */
export interface SeriesPlan {
  readonly series: ParsedSeries;
  readonly axis: Axis;
  readonly source: TrendSource;
  readonly sourceReason: string;
  readonly statement: Statement;
}

/** A period of a trend with its series. */
export interface PeriodPlan {
  readonly range: TimeRange;
  readonly axis: Axis;
  /** With a sliding window: where the steps begin that the windows are made of. */
  readonly steps: readonly number[] | undefined;
  readonly series: readonly SeriesPlan[];
}

/** All statements of a trend. */
export interface TrendPlan extends PeriodPlan {
  readonly trend: ParsedTrend;
  readonly compared: (PeriodPlan & Pick<Comparison, 'places'>) | undefined;
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
  const shared = request.filter === undefined ? undefined : parseFilter(request.filter);
  const series = parseSeries(request, shared);
  const by = parseGroupFields(request.by);
  if (request.cumulative && request.window !== undefined)
    throw invalidAt(
      'window',
      'A sliding window forgets, a cumulative trend does not: ask for one of the two.',
    );
  return {
    request,
    series,
    formulas: parseFormulas(request, series),
    users: request.per === undefined ? undefined : activeUsers(shared),
    sliding: request.window === undefined ? undefined : parseSliding(request.window, request.interval),
    by,
    timeZone: parseTimeZone(request.timezone),
    keys: propertyKeys([...by, ...series.flatMap(fieldsOf)]),
  };
};

const fieldsOf = ({ measure, filter }: ParsedSeries): Field[] => {
  const measured = measuredField(measure);
  const conditions = fieldsOfFilter(filter);
  return [...conditions, ...(measured === undefined ? [] : [measured])];
};

const parseSeries = (
  request: TrendRequest,
  shared: ParsedFilter | undefined,
): [ParsedSeries, ...ParsedSeries[]] => {
  const types = request.types === undefined ? [] : [request.types];
  const base = { hidden: false, types, filter: shared };
  const single = { ...base, id: 'A', name: 'A', ...parseMeasured(request.measure, 'measure') };
  const [first, ...rest] = (request.series ?? []).map((series, index) =>
    parseOneOf(series, index, { types, shared }),
  );
  if (first === undefined) return [single];
  if (request.measure !== 'count')
    throw invalidAt('measure', 'stands in each of "series" when there are any.');
  return [first, ...rest];
};

const parseOneOf = (
  { name, measure, types, filter, hidden }: RequestedSeries,
  index: number,
  base: { readonly types: readonly (readonly string[])[]; readonly shared: ParsedFilter | undefined },
): ParsedSeries => {
  const id = SERIES_LETTERS[index] ?? '';
  const path = `series.${index}`;
  const own = filter === undefined ? undefined : parseFilter(filter, `${path}.filter`);
  return {
    ...{ id, name: name ?? id, hidden },
    ...parseMeasured(measure, `${path}.measure`),
    types: types === undefined ? base.types : [...base.types, types],
    filter: both(base.shared, own),
  };
};

const both = (a: ParsedFilter | undefined, b: ParsedFilter | undefined): ParsedFilter | undefined =>
  a === undefined || b === undefined ? (a ?? b) : { kind: 'all', of: [a, b] };

/** Reads a measure of trends: rates are a count or a sum by time. Throws ApiError `invalid_request`. */
export const parseMeasured = (measure: Measure, path: string): Pick<ParsedSeries, 'measure' | 'rate'> => {
  if (typeof measure === 'string' || measure.kind !== 'rate')
    return { measure: parseMeasure(measure, path), rate: undefined };
  const counted: Measure = measure.of === undefined ? { kind: 'count' } : { kind: 'sum', of: measure.of };
  return { measure: parseMeasure(counted, path), rate: measure.per };
};

/** Who was there at all, whatever they did. */
const activeUsers = (filter: ParsedFilter | undefined): ParsedSeries => ({
  ...{ id: 'users', name: 'users', hidden: true, rate: undefined, types: [], filter },
  measure: parseMeasure('unique_users'),
});

const parseFormulas = (request: TrendRequest, series: readonly ParsedSeries[]): ParsedFormula[] =>
  (request.formula ?? []).map((formula, index) => {
    const [text, name, path] =
      typeof formula === 'string'
        ? [formula, undefined, `formula.${index}`]
        : [formula.formula, formula.name, `formula.${index}.formula`];
    const expression = parseFormula(text, path);
    const letters = lettersOf(expression);
    if (letters.length === 0) throw invalidAt(path, 'names no series. The first is "A".');
    const unknown = letters.find((letter) => series.every(({ id }) => id !== letter));
    if (unknown !== undefined)
      throw invalidAt(
        path,
        `There is no series ${unknown}: the request has ${series.map(({ id }) => id).join(', ')}.`,
      );
    return { id: `formula_${index + 1}`, name: name ?? text, expression, letters };
  });

/** Chooses the source of each series and writes the statements. Throws ApiError `invalid_request` where limits would be exceeded. */
export const planTrend = (
  trend: ParsedTrend,
  asked: TimeRange,
  project: string,
  context: FilterContext,
  derived: Derivations = NOTHING_DERIVED,
): TrendPlan => {
  const { request, timeZone } = trend;
  const narrowed = request.filter === undefined ? undefined : parseFilter(request.filter);
  const place: Place = { project, context, narrowed, ...derived };
  const axis = axisOf(request.interval, asked, timeZone);
  const range = trend.sliding === undefined ? asked : wholeSteps(asked, axis);
  checkCells(trend, axis);
  const planned = (period: Period) => planPeriod(trend, period, place);
  const current = periodOf(trend, range, axis);
  const comparison = compare(request.compare, { range, axis, timeZone, nowMs: context.nowMs });
  const grouping = groupingOf(trend, current, place);
  return {
    trend,
    ...planned({ ...current, grouping }),
    compared:
      comparison === undefined
        ? undefined
        : {
            ...planned({ ...periodOf(trend, comparison.range, comparison.axis), grouping }),
            places: comparison.places,
          },
  };
};

const compare = (
  asked: Compare | undefined,
  context: Parameters<typeof comparisonOf>[1],
): Comparison | undefined => (asked === undefined ? undefined : comparisonOf(asked, context));

interface Place extends Derivations {
  readonly project: string;
  readonly context: FilterContext;
  /** The filter of the question as a whole. */
  readonly narrowed: ParsedFilter | undefined;
}

type PeriodTime = Pick<PeriodPlan, 'range' | 'axis' | 'steps'>;
type Period = PeriodTime & { readonly grouping: Grouping };

const periodOf = ({ sliding, timeZone }: ParsedTrend, range: TimeRange, axis: Axis): PeriodTime => {
  if (sliding === undefined) return { range, axis, steps: undefined };
  return { range: wholeSteps(range, axis), axis, steps: stepsOf(axis, sliding, timeZone) };
};

const boundsOf = ({ axis, steps }: Pick<PeriodTime, 'axis' | 'steps'>): readonly number[] =>
  (steps ?? axis.starts).slice(1);

const sourceOf = (
  { request, by }: ParsedTrend,
  series: ParsedSeries,
  { range, axis, steps }: PeriodTime,
  { context, coarse, kept, narrowed }: Place,
): ChosenSource =>
  chooseSource({
    asked: request.source,
    measure: series.measure,
    filter: series.filter,
    by,
    range: { fromMs: steps?.[0] ?? range.fromMs, toMs: range.toMs },
    bounds: boundsOf({ axis, steps }),
    ...{ asOf: context.asOf, coarse, kept, narrowed },
  });

const counted = (
  trend: ParsedTrend,
  series: ParsedSeries,
  { range, bounds, source, filled }: Pick<CountedSeries, 'range' | 'bounds' | 'source' | 'filled'>,
  { project, context, kept, narrowed }: Place,
): CountedSeries => {
  const rows = { by: trend.by, range, bounds, source, filled, project };
  if (source !== 'rollup_metric' || kept === undefined) return { ...rows, series, context, kept: undefined };
  return {
    ...rows,
    // The table holds the events of the metric only, with what questions may narrow it by.
    series: { measure: series.measure, types: [], filter: narrowed },
    context: { ...context, columns: keptColumns(kept.layout) },
    kept: { ...kept, index: trend.series.indexOf(series) },
  };
};

/** How all statements of a trend tell groups apart: by what the first series counts over the range of the question. */
const groupingOf = (trend: ParsedTrend, period: PeriodTime, place: Place): Grouping => {
  const [first] = trend.series;
  const { source, filled } = sourceOf(trend, first, period, place);
  const isAlone = trend.series.length === 1 && trend.users === undefined;
  return {
    ranking: counted(trend, first, { range: period.range, bounds: boundsOf(period), source, filled }, place),
    top: trend.request.top,
    // Several series must have the same groups, whatever their currencies.
    isByCurrency: isAlone && isPerCurrency(first.measure),
  };
};

const planPeriod = (trend: ParsedTrend, period: Period, place: Place): PeriodPlan => {
  const { range, axis, steps, grouping } = period;
  const all = trend.users === undefined ? trend.series : [...trend.series, trend.users];
  const { cumulative } = trend.request;
  return {
    ...{ range, axis, steps },
    series: all.map((series) => {
      const { source, filled, reason } = sourceOf(trend, series, period, place);
      const read = { fromMs: steps?.[0] ?? range.fromMs, toMs: range.toMs };
      const rows = counted(trend, series, { range: read, bounds: boundsOf(period), source, filled }, place);
      const statement = toStatement(seriesSql(rows, { axis, steps, cumulative, grouping }));
      return { series, axis, source, sourceReason: reason, statement };
    }),
  };
};

const say = (count: number): string => count.toLocaleString('en');

const checkCells = (trend: ParsedTrend, axis: Axis): void => {
  const { request, by, series, formulas, users, sliding } = trend;
  const groups = by.length === 0 ? 1 : request.top + 1;
  const lines = series.length + formulas.length + (users === undefined ? 0 : 1);
  const periods = request.compare === undefined ? 1 : 2;
  const cells = groups * (axis.starts.length + 1) * lines * periods;
  if (cells > QUERY_LIMITS.cellsMax) {
    const times = `${lines > 1 ? ` of ${lines} series` : ''}${periods > 1 ? ' in two periods' : ''}`;
    const buckets = `${say(axis.starts.length)} buckets${times}`;
    throw invalidAt(
      by.length === 0 ? 'interval' : 'top',
      `${by.length === 0 ? '' : `${say(groups)} groups in `}${buckets} would be ${say(cells)} numbers; at most ${say(QUERY_LIMITS.cellsMax)} are answered. Take fewer ${by.length === 0 ? 'series' : 'groups'}, a coarser interval or a shorter range.`,
    );
  }
  const windowCells = cells * (sliding?.steps ?? 1);
  if (windowCells > QUERY_LIMITS.windowCellsMax)
    throw invalidAt(
      'window',
      `${say(cells)} windows of ${say(sliding?.steps ?? 1)} steps would be ${say(windowCells)} parts to put together; at most ${say(QUERY_LIMITS.windowCellsMax)} are. Take a coarser interval, fewer groups or a shorter range.`,
    );
};
