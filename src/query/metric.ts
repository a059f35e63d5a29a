import type { MetricAnswer, MetricRequest, TimeWindow } from '../contract/metrics.ts';
import type { MetricWindowsRequest } from '../contract/metric-windows.ts';
import type { TrendRequest } from '../contract/trend.ts';
import { axisOf } from './buckets.ts';
import type { Inquiry, Insight } from './insight.ts';
import { isKeyedMetric, keyedAnswer } from './metric-keyed.ts';
import { askedMetric, endsOf, windowsOf } from './metric-windows.ts';
import { checkBy, intervalOf, type TimedDefinition, trendOf, zoneOf } from './metric-plan.ts';
import { metricTable } from './metric-table.ts';
import type { MetricSource, SavedMetric } from './ports.ts';
import { invalidAt } from '../http/request-problem.ts';
import { parseSliding, stepsOf } from './sliding.ts';
import type { TimeRange } from './time-range.ts';
import { answerTrend } from './trend.ts';

/** A question about a metric that was looked up. Names of answers are made of it as JSON: with another definition it is another question. */
type BoundMetric = MetricRequest & { readonly saved: SavedMetric };

/** Kinds of questions that name a metric. */
type AboutMetric = MetricRequest | MetricWindowsRequest;

/** What is said of a metric that is not there. */
const unknownMetric = (name: string): string =>
  `There is no metric ${JSON.stringify(name)} in this project. GET /api/metric-definitions lists them.`;

/** Looks up the metric that a request asks for; other requests are given back. Throws ApiError `invalid_request` for one that is not there. */
export const bindMetric = async <Request extends { readonly kind: string }>(
  request: Request | AboutMetric,
  project: string,
  source: MetricSource,
): Promise<Request> => {
  if (!isMetric(request)) return request;
  const saved = await source.metricOf(project, request.metric);
  if (saved === undefined) throw invalidAt('metric', unknownMetric(request.metric));
  return { ...request, saved } as unknown as Request;
};

/** The metric that a request was found to ask for. */
export const metricOf = (request: { readonly kind: string }): SavedMetric | undefined =>
  isMetric(request) ? (request as BoundMetric).saved : undefined;

const isMetric = (request: { readonly kind: string }): request is AboutMetric =>
  request.kind === 'metric' || request.kind === 'metric_windows';

/** A metric: the trend that it stands for, and of each window whether it can still change. */
export const metricInsight: Insight<MetricRequest, MetricAnswer> = {
  table: metricTable,
  async answer(request, inquiry) {
    const { saved } = request as BoundMetric;
    const { definition } = saved;
    if (isKeyedMetric(saved)) return keyedAnswer(request, saved, inquiry);
    return answerTimed(request, definition as TimedDefinition, saved, inquiry);
  },
};

const answerTimed = async (
  request: MetricRequest,
  definition: TimedDefinition,
  saved: SavedMetric,
  inquiry: Inquiry,
): Promise<MetricAnswer> => {
  checkBy(definition, request);
  if (request.summary !== undefined)
    throw invalidAt(
      'summary',
      `is for windows of sessions and counts: "${definition.name}" has one number a window.`,
    );
  const timeZone = zoneOf(definition, request);
  const range = await inquiry.range(request.range, timeZone);
  const interval = intervalOf(definition, request, range);
  const { kind: _, ...trend } = await answerTrend(
    trendOf(definition, request, { range, interval }),
    inquiry,
    saved,
  );
  const stretches = stretchesOf(definition.window, { range, interval, timeZone });
  return {
    kind: 'metric',
    metric: askedMetric(saved),
    ...trend,
    windows: await windowsOf(stretches, inquiry),
  };
};

interface Asked {
  readonly range: TimeRange;
  readonly interval: TrendRequest['interval'];
  readonly timeZone: string;
}

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
