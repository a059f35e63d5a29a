import type { BucketWindow, MetricAnswer, MetricRequest, TimeWindow } from '../contract/metrics.ts';
import type { TrendRequest } from '../contract/trend.ts';
import { type Axis, axisOf } from './buckets.ts';
import type { Inquiry, Insight } from './insight.ts';
import { isoOf } from './instant.ts';
import { checkBy, intervalOf, isKeyed, type TimedDefinition, trendOf, zoneOf } from './metric-plan.ts';
import { metricTable } from './metric-table.ts';
import type { MetricSource, SavedMetric } from './ports.ts';
import { invalidAt } from './problem.ts';
import { parseSliding, stepsOf } from './sliding.ts';
import { bind, sql, toStatement } from './sql.ts';
import type { TimeRange } from './time-range.ts';
import { trendInsight } from './trend.ts';

/** A question about a metric that was looked up. Names of answers are made of it as JSON: with another definition it is another question. */
type BoundMetric = MetricRequest & { readonly saved: SavedMetric };

/** What is said of a metric that is not there. */
const unknownMetric = (name: string): string =>
  `There is no metric ${JSON.stringify(name)} in this project. GET /api/metric-definitions lists them.`;

/** Looks up the metric that a request asks for; other requests are given back. Throws ApiError `invalid_request` for one that is not there. */
export const bindMetric = async <Request extends { readonly kind: string }>(
  request: Request | MetricRequest,
  project: string,
  source: MetricSource,
): Promise<Request> => {
  if (!isMetric(request)) return request;
  const saved = await source.metricOf(project, request.metric);
  if (saved === undefined) throw invalidAt('metric', unknownMetric(request.metric));
  return { ...request, saved } satisfies BoundMetric as unknown as Request;
};

const isMetric = (request: { readonly kind: string }): request is MetricRequest => request.kind === 'metric';

/** A metric: the trend that it stands for, and of each window whether it can still change. */
export const metricInsight: Insight<MetricRequest, MetricAnswer> = {
  table: metricTable,
  async answer(request, inquiry) {
    const { saved } = request as BoundMetric;
    const { definition } = saved;
    if (isKeyed(definition.window)) throw new RangeError('metrics with such windows are not saved');
    return answerTimed(request, { ...definition, window: definition.window }, saved, inquiry);
  },
};

const answerTimed = async (
  request: MetricRequest,
  definition: TimedDefinition,
  saved: SavedMetric,
  inquiry: Inquiry,
): Promise<MetricAnswer> => {
  checkBy(definition, request);
  const timeZone = zoneOf(definition, request);
  const range = await inquiry.range(request.range, timeZone);
  const interval = intervalOf(definition, request, range);
  const { kind: _, ...trend } = await trendInsight.answer(
    trendOf(definition, request, { range, interval }),
    inquiry,
  );
  const stretches = stretchesOf(definition.window, { range, interval, timeZone });
  return {
    kind: 'metric',
    metric: {
      ...{ id: saved.id, name: definition.name, title: definition.title, unit: definition.unit },
      ...{ version: saved.version, window: definition.window },
    },
    ...trend,
    windows: await windowsOf(stretches, inquiry),
  };
};

interface Asked {
  readonly range: TimeRange;
  readonly interval: TrendRequest['interval'];
  readonly timeZone: string;
}

const endsOf = ({ starts, endMs }: Axis): number[] => [...starts.slice(1), endMs];

/** What the number of each bucket is measured over. */
const stretchesOf = (window: TimeWindow, { range, interval, timeZone }: Asked): TimeRange[] => {
  const axis = axisOf(interval, range, timeZone);
  const ends = endsOf(axis);
  const startMs = (bucketMs: number, index: number, steps: readonly number[] | undefined): number =>
    window.kind === 'cumulative' ? range.fromMs : (steps?.[index] ?? bucketMs);
  const steps =
    window.kind === 'sliding' ? stepsOf(axis, parseSliding(window.size, interval), timeZone) : undefined;
  return axis.starts.map((bucketMs, index) => ({
    fromMs: startMs(bucketMs, index, steps),
    toMs: ends[index] ?? axis.endMs,
  }));
};

/** Of each stretch whether events of it may still come. */
const windowsOf = async (stretches: readonly TimeRange[], inquiry: Inquiry): Promise<BucketWindow[]> => {
  const untilMs = await seenUntilMs(inquiry);
  return stretches.map(({ fromMs, toMs }) => {
    const closesAtMs = inquiry.closesAtMs(toMs);
    return {
      ...{ from: isoOf(fromMs), to: isoOf(toMs) },
      ...{ final: closesAtMs <= untilMs, closes_at: isoOf(closesAtMs) },
    };
  });
};

/** What was received before, the question sees. The log is in the order of receipt: as of a position that is until the next record came. */
const seenUntilMs = async (inquiry: Inquiry): Promise<number> => {
  const { asOf, loadedUntilMs } = inquiry;
  if (asOf === undefined || !inquiry.isBehind) return loadedUntilMs;
  const [row] = await inquiry.read<{ readonly at: number | string; readonly n: number | string }>(
    toStatement(sql`SELECT count() AS n, toUnixTimestamp64Milli(min(logged_at)) AS at
      FROM records WHERE position > ${bind('UInt64', asOf)}`),
  );
  return row === undefined || Number(row.n) === 0 ? loadedUntilMs : Math.min(loadedUntilMs, Number(row.at));
};
