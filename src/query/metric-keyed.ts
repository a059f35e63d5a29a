import type { MetricAnswer, MetricRequest } from '../contract/metrics.ts';
import type { Explanation } from '../contract/question.ts';
import { SERIES_LETTERS, type TrendSeries } from '../contract/trend.ts';
import { compareText } from '../lib/compare-text.ts';
import { axisOf, bucketLabels } from './buckets.ts';
import { explanationOf, type Inquiry } from './insight.ts';
import { checkBy, isKeyed, zoneOf } from './metric-plan.ts';
import { askedMetric, endsOf, type KeyedMetric, windowsOf } from './metric-windows.ts';
import type { SavedMetric } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { type Reading, readWindowSeries, type WindowSeries } from './window-reading.ts';

/** Whether the events themselves make the windows of a metric. */
export const isKeyedMetric = (metric: SavedMetric): metric is KeyedMetric =>
  isKeyed(metric.definition.window);

/** What cannot be asked of windows that are there already. */
const NOT_OF_WINDOWS = ['filter', 'compare', 'smooth'] as const;

const checkRequest = ({ definition }: KeyedMetric, request: MetricRequest): void => {
  checkBy(definition, request);
  const named = NOT_OF_WINDOWS.find((name) => request[name] !== undefined);
  const wrong = named ?? (request.source === 'events' ? 'source' : undefined);
  if (wrong !== undefined)
    throw invalidAt(
      wrong,
      `is not for windows of kind "${definition.window.kind}": what "${definition.name}" holds is in its definition.`,
    );
};

const SECOND_MS = 1_000;

/** A metric of session or count windows: those that begin in each bucket, put together. */
export const keyedAnswer = async (
  request: MetricRequest,
  metric: KeyedMetric,
  inquiry: Inquiry,
): Promise<MetricAnswer> => {
  checkRequest(metric, request);
  const timeZone = zoneOf(metric.definition, request);
  const range = await inquiry.range(request.range, timeZone);
  const axis = axisOf(request.interval ?? 'auto', range, timeZone);
  const { summary = 'avg' } = request;
  const reading = await readWindowSeries({ metric, range, axis, summary }, inquiry);
  const ends = endsOf(axis);
  const stretches = axis.starts.map((fromMs, index) => ({ fromMs, toMs: ends[index] ?? axis.endMs }));
  const windows = await windowsOf(stretches, inquiry, reading.asOf);
  const open = new Set(reading.result.counts.filter((each) => each.open > 0).map(({ bucket }) => bucket));
  return {
    kind: 'metric',
    metric: askedMetric(metric),
    source: reading.source,
    ...inquiry.frame(range, timeZone, request.explain ? explanation(reading, inquiry) : undefined),
    as_of: reading.asOf < 0 ? null : String(reading.asOf),
    interval: axis.interval,
    buckets: bucketLabels(axis, timeZone),
    incomplete: { first: (axis.starts[0] ?? range.fromMs) < range.fromMs, last: axis.endMs > range.toMs },
    windows: windows.map((window, index) => ({ ...window, final: window.final && !open.has(index) })),
    series: seriesOf(metric, reading.result, axis.starts.length),
  };
};

const explanation = ({ source }: Reading<unknown>, inquiry: Inquiry): Explanation | undefined => {
  const reason =
    source === 'events'
      ? 'The windows that are kept do not tell of this position: they are made of the events.'
      : 'The windows are kept as events come.';
  const statements = inquiry.statements.map((statement) => ({
    of: 'windows',
    ...explanationOf(statement, reason),
  }));
  const [first] = statements;
  if (first === undefined) return undefined;
  const { of: _, ...shown } = first;
  return { ...shown, statements };
};

type Numbers = readonly { readonly bucket: number | null; readonly value: number | null }[];

interface Head {
  readonly id: string;
  readonly name: string;
  readonly currency?: string | null;
}

/** Numbers by bucket as a series; `empty` is that of buckets without windows. */
const lineOf = (head: Head, numbers: Numbers, buckets: number, empty: 0 | null): TrendSeries => {
  const byPlace = new Map(numbers.map(({ bucket, value }) => [bucket, value]));
  const at = (place: number | null): number | null =>
    byPlace.has(place) ? (byPlace.get(place) ?? null) : empty;
  const values = Array.from({ length: buckets }, (_, index) => at(index));
  return { ...head, group: null, other: false, total: at(null), values };
};

const seriesOf = (
  { definition: { measures } }: KeyedMetric,
  { counts, durations, values }: WindowSeries,
  buckets: number,
): TrendSeries[] => {
  const measured = measures.flatMap(({ name, hidden }, measure) => {
    if (hidden) return [];
    const id = SERIES_LETTERS[measure] ?? '';
    const own = values.filter((each) => each.measure === measure);
    const currencies = [...new Set(own.map(({ currency }) => currency))].sort((a, b) =>
      compareText(a ?? '', b ?? ''),
    );
    const of = (currency: string | undefined): Head => ({
      ...{ id, name: name ?? id },
      ...(currency === undefined ? {} : { currency: currency === '' ? null : currency }),
    });
    // Without any windows there is no currency either.
    return (currencies.length === 0 ? [undefined] : currencies).map((currency) =>
      lineOf(
        of(currency),
        own.filter((each) => each.currency === currency),
        buckets,
        null,
      ),
    );
  });
  const lengths = durations.map(({ bucket, ms }) => ({ bucket, value: ms / SECOND_MS }));
  return [
    lineOf(
      { id: 'windows', name: 'windows' },
      counts.map(({ bucket, windows }) => ({ bucket, value: windows })),
      buckets,
      0,
    ),
    lineOf({ id: 'duration', name: 'duration' }, lengths, buckets, null),
    ...measured,
  ];
};
