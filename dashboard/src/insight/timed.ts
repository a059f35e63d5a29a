import type { Display } from '../../../src/contract/insights.ts';
import type { LifecycleAnswer } from '../../../src/contract/lifecycle.ts';
import type { MetricAnswer } from '../../../src/contract/metrics.ts';
import type { Interval, Measure } from '../../../src/contract/question.ts';
import type { RevenueAnswer, RevenueFigure } from '../../../src/contract/revenue.ts';
import type { SessionNumbers, SessionsAnswer } from '../../../src/contract/sessions.ts';
import type { StickinessAnswer } from '../../../src/contract/stickiness.ts';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import type { Incomplete, Line } from '../chart/lines.ts';
import { OTHER_KEY } from '../chart/series.ts';
import { lastEnd } from './bucket-end.ts';
import type { Question } from './display.ts';
import type { Group } from './group.ts';
import type { Unit } from '../chart/units.ts';
import { groupWords, measureWords } from './words.ts';
import { shareText } from '../lib/format.ts';

/** A line of an answer, and which part of the answer it is. */
export interface AnswerLine extends Line {
  readonly group: Group;
  readonly isOther: boolean;
}

/** Numbers over time, whatever was asked: what line charts, numbers and tables are made of. */
export interface Timed {
  /** One number a line: there is no time axis. */
  readonly isTotal: boolean;
  /** Where buckets begin and the last one ends, in seconds since 1970. */
  readonly starts: readonly number[];
  readonly endSeconds: number;
  readonly beforeStarts: readonly (number | null)[] | undefined;
  readonly incomplete: Incomplete;
  readonly lines: readonly AnswerLine[];
}

/** A number's unit, unless the display says another. */
const unitBy = (display: Display, unit: Unit): Unit =>
  display.unit === '' && display.decimals === undefined
    ? unit
    : { kind: 'named', unit: display.unit, decimals: display.decimals };

const measureUnit = (measure: Measure | undefined): Unit => {
  if (measure === undefined || typeof measure === 'string') return { kind: 'count' };
  return measure.kind === 'count' || measure.kind === 'unique' ? { kind: 'count' } : { kind: 'number' };
};

const moneyOr = (currency: string | null | undefined, unit: Unit): Unit =>
  typeof currency === 'string' ? { kind: 'money', currency } : unit;

/** Gives lines their looks: in their order; what is not named is grey. */
const withSlots = (lines: readonly Omit<AnswerLine, 'slot'>[]): AnswerLine[] => {
  let slot = 0;
  return lines.map((line) => {
    if (line.isOther) return { ...line, slot: 0 };
    slot += 1;
    return { ...line, slot };
  });
};

const seconds = (at: string): number => Date.parse(at) / 1000;

interface Axis {
  readonly interval: Interval | 'total';
  readonly buckets: readonly string[];
  readonly incomplete: Incomplete;
  readonly range: { readonly to: string };
  readonly compared?: { readonly buckets: readonly (string | null)[] } | undefined;
}

const axisOf = ({ interval, buckets, incomplete, range, compared }: Axis): Omit<Timed, 'lines'> => ({
  isTotal: interval === 'total',
  starts: buckets.map(seconds),
  endSeconds: lastEnd(buckets.at(-1), { interval, to: range.to, isOpen: incomplete.last }),
  beforeStarts: compared?.buckets.map((bucket) => (bucket === null ? null : seconds(bucket))),
  incomplete,
});

type Trend = Extract<Question, { kind: 'trend' }>;

const LETTERS = 'ABCDEFGHIJ';

const trendUnit = (question: Question, id: string | undefined): Unit => {
  if (question.kind === 'metric') return { kind: 'number' };
  const { series, measure, per } = question as Trend;
  if (per !== undefined || id?.startsWith('formula') === true) return { kind: 'number' };
  return measureUnit(id === undefined ? measure : series?.[LETTERS.indexOf(id)]?.measure);
};

/** The name of a series: its own, that of its group, and its currency where there are several. */
const nameOf = (question: Question, series: TrendAnswer['series'][number], hasMany: Many): string => {
  const own = series.name ?? (question.kind === 'trend' ? measureWords(question.measure) : 'Value');
  const parts = [
    ...(hasMany.names || (series.group === null && !series.other) ? [own] : []),
    ...(series.group === null && !series.other ? [] : [groupWords(series.group, series.other)]),
    ...(hasMany.currencies ? [series.currency ?? 'no currency'] : []),
  ];
  return parts.join(' · ');
};

interface Many {
  readonly names: boolean;
  readonly currencies: boolean;
}

const manyOf = (series: TrendAnswer['series']): Many => ({
  names: new Set(series.map(({ id }) => id)).size > 1,
  currencies: new Set(series.map(({ currency }) => currency ?? null)).size > 1,
});

const keyOf = (parts: readonly unknown[], isOther: boolean): string =>
  `${isOther ? OTHER_KEY : ''}${JSON.stringify(parts)}`;

const seriesTimed = (question: Question, answer: TrendAnswer | MetricAnswer, display: Display): Timed => {
  const many = manyOf(answer.series);
  const lines = answer.series.map((series) => ({
    key: keyOf([series.id, series.group, series.currency], series.other),
    name: nameOf(question, series, many),
    unit: unitBy(display, moneyOr(series.currency, trendUnit(question, series.id))),
    total: series.total,
    values: series.values,
    before: series.compared,
    group: series.group,
    isOther: series.other,
  }));
  return { ...axisOf(answer), lines: withSlots(lines) };
};

/** Numbers about sessions, what they are called and how they are written. */
export const SESSION_FIGURES: Readonly<Record<keyof SessionNumbers, readonly [string, Unit]>> = {
  sessions: ['Sessions', { kind: 'count' }],
  with_views: ['With a view', { kind: 'count' }],
  bounces: ['Bounces', { kind: 'count' }],
  bounce_rate: ['Bounce rate', { kind: 'share' }],
  duration_avg_ms: ['Average duration', { kind: 'time' }],
  duration_median_ms: ['Median duration', { kind: 'time' }],
  duration_p90_ms: [`${shareText(0.9)} shorter than`, { kind: 'time' }],
  events_per_session: ['Events a session', { kind: 'number' }],
  views_per_session: ['Views a session', { kind: 'number' }],
};

/** Figures about revenue, what they are called, and whether they are money. */
export const REVENUE_FIGURES: Readonly<Record<RevenueFigure, readonly [string, boolean]>> = {
  revenue: ['Revenue', true],
  gross: ['Gross', true],
  refunded: ['Refunded', true],
  orders: ['Orders', false],
  refunds: ['Refunds', false],
  buyers: ['Buyers', false],
  average_order: ['Average order', true],
  arpu: ['Revenue a user', true],
  arppu: ['Revenue a buyer', true],
};

/** The figure that a display draws: the one that it names, if the answer has it. */
export const figureOf = <Name extends string>(
  display: Display,
  figures: Readonly<Record<Name, unknown>>,
  usual: NoInfer<Name>,
): Name => {
  const { measure } = display;
  return measure !== undefined && measure in figures ? (measure as Name) : usual;
};

const sessionsTimed = (answer: SessionsAnswer, display: Display): Timed => {
  const figure = figureOf(display, SESSION_FIGURES, 'sessions');
  const [name, unit] = SESSION_FIGURES[figure];
  const lines = answer.series.map(({ group, other, total, values }) => ({
    key: keyOf([group], other),
    name: group === null && !other ? name : groupWords(group, other),
    unit: unitBy(display, unit),
    total: total[figure],
    values: values[figure],
    group,
    isOther: other,
  }));
  return { ...axisOf(answer), lines: withSlots(lines) };
};

const revenueTimed = (answer: RevenueAnswer, display: Display): Timed => {
  const figure = figureOf(display, REVENUE_FIGURES, 'revenue');
  const [name, isMoney] = REVENUE_FIGURES[figure];
  const lines = answer.series.map(({ group, other, currency, total, values }) => {
    const money: Unit = currency === null ? { kind: 'number' } : { kind: 'money', currency };
    const own = group === null && !other ? name : groupWords(group, other);
    return {
      key: keyOf([group, currency], other),
      name: `${own} · ${currency ?? 'no currency'}`,
      unit: unitBy(display, isMoney ? money : { kind: 'count' }),
      total: total[figure],
      values: values[figure],
      group,
      isOther: other,
    };
  });
  return { ...axisOf(answer), lines: withSlots(lines) };
};

const PERIOD_INTERVALS = { day: '1d', week: '1w', month: '1M' } as const;

const periodAxis = ({
  starts,
  complete,
  range,
  period,
}: Pick<LifecycleAnswer, 'starts' | 'complete' | 'range' | 'period'>): Omit<Timed, 'lines'> =>
  axisOf({
    interval: PERIOD_INTERVALS[period],
    buckets: starts,
    incomplete: { first: false, last: complete.at(-1) === false },
    range,
  });

/** The parts of a lifecycle with the colour of each: the same in every chart of one. */
export const LIFECYCLE_PARTS = [
  { key: 'new', name: 'New', slot: 1, sign: 1 },
  { key: 'returning', name: 'Returning', slot: 3, sign: 1 },
  { key: 'resurrecting', name: 'Resurrecting', slot: 5, sign: 1 },
  { key: 'dormant', name: 'Dormant', slot: 6, sign: -1 },
] as const;

const PLAIN = { total: null, group: null, isOther: false } as const;

const lifecycleTimed = (answer: LifecycleAnswer, display: Display): Timed => ({
  ...periodAxis(answer),
  lines: LIFECYCLE_PARTS.map(({ key, name, slot, sign }) => ({
    ...PLAIN,
    key,
    name,
    slot,
    unit: unitBy(display, { kind: 'count' }),
    values: answer.actors[key].map((count) => (count === 0 ? 0 : sign * count)),
  })),
});

const stickinessTimed = (answer: StickinessAnswer, display: Display): Timed => ({
  ...periodAxis(answer),
  lines: answer.windows.map(({ periods, ratios, ratio }, index) => ({
    ...PLAIN,
    key: String(periods),
    name: `Of those active in ${periods} ${answer.period}s`,
    slot: index + 1,
    unit: unitBy(display, { kind: 'share' }),
    total: ratio,
    values: ratios,
  })),
});

/** Answers with numbers over time. */
export type TimedAnswer =
  | TrendAnswer
  | MetricAnswer
  | SessionsAnswer
  | RevenueAnswer
  | LifecycleAnswer
  | StickinessAnswer;

/** The numbers of an answer over time. */
export const timedOf = (question: Question, answer: TimedAnswer, display: Display): Timed => {
  switch (answer.kind) {
    case 'trend':
    case 'metric':
      return seriesTimed(question, answer, display);
    case 'sessions':
      return sessionsTimed(answer, display);
    case 'revenue':
      return revenueTimed(answer, display);
    case 'lifecycle':
      return lifecycleTimed(answer, display);
    case 'stickiness':
      return stickinessTimed(answer, display);
  }
};

/** Lines of one unit each: numbers of different units have no common axis. */
export const byUnit = <L extends Line>(lines: readonly L[]): L[][] => [
  ...Map.groupBy(lines, ({ unit }) => JSON.stringify(unit)).values(),
];
