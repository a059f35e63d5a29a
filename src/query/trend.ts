import { isDeepStrictEqual } from 'node:util';
import type { Explanation } from '../contract/question.ts';
import type { TrendAnswer, TrendRequest, TrendSeries } from '../contract/trend.ts';
import { compareText } from '../lib/compare-text.ts';
import { eachAtATime } from '../lib/each-at-a-time.ts';
import { bucketLabels } from './buckets.ts';
import type { Derivations } from './derivations.ts';
import { groupOf } from './groups.ts';
import { explanationOf, type Inquiry, type Insight } from './insight.ts';
import { isoOf } from './instant.ts';
import { isPerCurrency } from './measure.ts';
import {
  completed,
  durationsOf,
  formulaLines,
  type Line,
  lineKey,
  type Lines,
  linesOf,
  movingAverage,
  perUser,
  toRate,
  type TrendRow,
} from './trend-lines.ts';
import {
  type ParsedTrend,
  parseTrend,
  type PeriodPlan,
  planTrend,
  type SeriesPlan,
  type TrendPlan,
} from './trend-plan.ts';
import type { SavedMetric } from './ports.ts';
import type { TrendSource } from './trend-source.ts';
import { trendTable } from './trend-table.ts';

/** Measures over time: one or several series, over one period or two, and what is computed from them. */
export const trendInsight: Insight<TrendRequest, TrendAnswer> = {
  table: trendTable,
  answer: (request, inquiry) => answerTrend(request, inquiry),
};

/** Answers a trend, or the trend that a metric stands for: from what is kept of that, where it answers the same. */
export const answerTrend = async (
  request: TrendRequest,
  inquiry: Inquiry,
  metric?: SavedMetric,
): Promise<TrendAnswer> => {
  const trend = parseTrend(request);
  const { timeZone } = trend;
  const asked = await inquiry.range(request.range, timeZone);
  inquiry.usesProperties(trend.keys);
  const { plan, periods } = await readTrend(
    (derived) => planTrend(trend, asked, inquiry.project, inquiry.context(timeZone), derived),
    inquiry,
    metric,
  );
  const { axis, range } = plan;
  const all = [plan, ...(plan.compared === undefined ? [] : [plan.compared])];
  const sources = new Set(all.flatMap(({ series }) => series.map(({ source }) => source)));
  return {
    kind: 'trend',
    source: SOURCES.find((source) => sources.has(source)) ?? 'events',
    ...inquiry.frame(range, timeZone, request.explain ? explanation(plan) : undefined),
    interval: axis.interval,
    buckets: bucketLabels(axis, timeZone),
    incomplete: { first: (axis.starts[0] ?? range.fromMs) < range.fromMs, last: axis.endMs > range.toMs },
    ...comparedPeriod(plan),
    series: assemble(plan, periods),
  };
};

/** Of several the one that is read slowest is told. */
const SOURCES: readonly TrendSource[] = ['events', 'rollup_metric', 'rollup_10s', 'rollup_15m'];

const explanation = ({ series, compared }: TrendPlan): Explanation | undefined => {
  const of = (period: string, plans: readonly SeriesPlan[]) =>
    plans.map(({ series: { id }, statement, sourceReason }) => ({
      of: `${id}${period}`,
      ...explanationOf(statement, sourceReason),
    }));
  const statements = [...of('', series), ...of(' compared', compared?.series ?? [])];
  const [first] = statements;
  if (first === undefined) return undefined;
  const { of: _, ...shown } = first;
  return statements.length === 1 ? shown : { ...shown, statements };
};

const comparedPeriod = ({ compared, trend }: TrendPlan): Pick<TrendAnswer, 'compared'> => {
  if (compared === undefined) return {};
  const labels = bucketLabels(compared.axis, trend.timeZone);
  return {
    compared: {
      from: isoOf(compared.range.fromMs),
      to: isoOf(compared.range.toMs),
      buckets: compared.places.map((place) => (place === undefined ? null : (labels[place] ?? null))),
    },
  };
};

/** The lines of a period by the letter of their series. */
type SeriesLines = Map<string, { readonly plan: SeriesPlan; readonly lines: Lines }>;

/** Statements of a trend that run at a time. */
const STATEMENTS_AT_A_TIME = 2;

const periodsOf = (plan: TrendPlan): PeriodPlan[] => [
  plan,
  ...(plan.compared === undefined ? [] : [plan.compared]),
];

/**
 * Reads the series of both periods, series by series. Each is planned by how far derived tables are filled when it is read: where a step comes between, it alone is planned and read again. The plan that is told has each
 * series as it was read.
 */
const readTrend = async (
  make: (derived: Derivations) => TrendPlan,
  inquiry: Inquiry,
  metric: SavedMetric | undefined,
): Promise<{ readonly plan: TrendPlan; readonly periods: SeriesLines[] }> => {
  const planFor = lastMade(make);
  const first = planFor(inquiry.derivations(metric));
  const wanted = [...first.series.keys()].flatMap((index) =>
    [...periodsOf(first).keys()].map((at) => ({ index, at })),
  );
  const read = await eachAtATime(wanted, STATEMENTS_AT_A_TIME, ({ index, at }) =>
    inquiry.steadily(async (derived) => {
      const one = periodsOf(planFor(derived))[at]?.series[index];
      return one && { one, at, rows: await inquiry.read<TrendRow>(one.statement) };
    }, metric),
  );
  const seriesOf = (period: number) => read.flatMap((each) => (each?.at === period ? [each] : []));
  const [current, other] = [0, 1].map((at) => seriesOf(at).map(({ one }) => one));
  const plan: TrendPlan = {
    ...first,
    series: current ?? [],
    compared: first.compared && { ...first.compared, series: other ?? [] },
  };
  const { cumulative } = plan.trend.request;
  const periods = periodsOf(plan).map(
    ({ steps }, at) =>
      new Map(
        seriesOf(at).map(({ one, rows }) => [
          one.series.id,
          { plan: one, lines: linesOf(one, rows, cumulative, steps !== undefined) },
        ]),
      ),
  );
  return { plan, periods };
};

/** The same again as long as it is asked for the same. */
const lastMade = (make: (derived: Derivations) => TrendPlan): ((derived: Derivations) => TrendPlan) => {
  let last: { readonly derived: Derivations; readonly plan: TrendPlan } | undefined;
  return (derived) => {
    if (last === undefined || !isDeepStrictEqual(last.derived, derived))
      last = { derived, plan: make(derived) };
    return last.plan;
  };
};

/** All groups that a series of either period has, and without break-down the one group that there always is. */
const allGroups = ({ by, users }: ParsedTrend, periods: readonly SeriesLines[]): Line[] => {
  const groups = periods.flatMap((period) =>
    [...period].flatMap(([id, { lines }]) => (id === users?.id ? [] : [...lines.values()])),
  );
  const whole = { currency: undefined, keys: [], values: [], total: null, exact: undefined };
  return by.length === 0 ? [whole, ...groups] : groups;
};

/** Series and formulas of a period by id, in the order of the answer. */
const computed = (plan: PeriodPlan, trend: ParsedTrend, read: SeriesLines, groups: readonly Line[]) => {
  const durations = durationsOf(plan, trend.request.cumulative);
  const users = trend.users === undefined ? undefined : read.get(trend.users.id)?.lines;
  const series: SeriesLines = new Map();
  for (const [id, { plan: one, lines }] of read) {
    if (id === trend.users?.id) continue;
    const measured = [...completed(one, lines, groups).values()]
      .map((line) => toRate(line, one.series, durations))
      .map((line) => (users === undefined ? line : perUser(line, users)));
    series.set(id, { plan: one, lines: new Map(measured.map((line) => [lineKey(line), line])) });
  }
  const formulas = trend.formulas.map((formula) => [formula.id, formulaLines(formula, series)] as const);
  const all = [...[...series].map(([id, { lines }]) => [id, lines] as const), ...formulas];
  return new Map(all.map(([id, lines]) => [id, smoothed(trend, lines)]));
};

const smoothed = ({ request }: ParsedTrend, lines: Lines): Lines => {
  const count = request.smooth?.moving_average;
  if (count === undefined) return lines;
  return new Map(
    [...lines].map(([key, line]) => [key, { ...line, values: movingAverage(line.values, count) }]),
  );
};

const assemble = (plan: TrendPlan, periods: readonly SeriesLines[]): TrendSeries[] => {
  const { trend, compared } = plan;
  const groups = allGroups(trend, periods);
  const [current = new Map<string, Lines>(), other] = [
    plan,
    ...(compared === undefined ? [] : [compared]),
  ].map((period, at) => computed(period, trend, periods[at] ?? new Map(), groups));
  return headsOf(plan).flatMap(({ id, isMoney, head }) =>
    [...(current.get(id)?.values() ?? [])]
      .map((line) => ({
        ...head,
        ...toSeries(trend, line, isMoney),
        ...comparedLine(compared?.places, other?.get(id)?.get(lineKey(line))),
      }))
      .sort(bySize),
  );
};

/** What each series of the answer says of itself; nothing where there is but one. */
const headsOf = ({ trend, series }: TrendPlan) => {
  const isSeveral = trend.request.series !== undefined || trend.formulas.length > 0;
  const isMoney = (letters: readonly string[]) =>
    trend.series.some(({ id, measure }) => letters.includes(id) && isPerCurrency(measure));
  const measured = trend.series.flatMap(({ id, name, hidden }, index) => {
    const source = series[index]?.source ?? 'events';
    return hidden ? [] : [{ id, isMoney: isMoney([id]), head: isSeveral ? { id, name, source } : {} }];
  });
  const formulas = trend.formulas.map(({ id, name, letters }) => ({
    ...{ id, isMoney: isMoney(letters), head: { id, name } },
  }));
  return [...measured, ...formulas];
};

const toSeries = ({ by, request }: ParsedTrend, line: Line, isMoney: boolean): TrendSeries => {
  const { keys, currency, total, exact, values } = line;
  return {
    ...groupOf(by, request.by, keys),
    ...(isMoney ? { currency: currency === undefined || currency === '' ? null : currency } : {}),
    total,
    ...(exact === undefined ? {} : { total_exact: exact }),
    values: [...values],
  };
};

const comparedLine = (
  places: readonly (number | undefined)[] | undefined,
  line: Line | undefined,
): Pick<TrendSeries, 'compared'> => {
  if (places === undefined || line === undefined) return {};
  const { total, exact, values } = line;
  return {
    compared: {
      total,
      ...(exact === undefined ? {} : { total_exact: exact }),
      values: places.map((place) => (place === undefined ? null : (values[place] ?? null))),
    },
  };
};

/** Currency by currency; in each the largest total first, "other" last. Ties by group, so that the order is always the same. */
const bySize = (a: TrendSeries, b: TrendSeries): number =>
  compareText(a.currency ?? '', b.currency ?? '') ||
  Number(a.other) - Number(b.other) ||
  (b.total ?? Number.NEGATIVE_INFINITY) - (a.total ?? Number.NEGATIVE_INFINITY) ||
  compareText(JSON.stringify(a.group), JSON.stringify(b.group));
