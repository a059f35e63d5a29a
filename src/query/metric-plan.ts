import type { KeyedWindow, MetricDefinition, MetricRequest, TimeWindow } from '../contract/metrics.ts';
import { type Filter, type Interval, INTERVALS } from '../contract/question.ts';
import type { RequestedSeries, TrendRequest } from '../contract/trend.ts';
import { autoInterval } from './buckets.ts';
import { parseField } from './fields.ts';
import { parseGroupFields } from './groups.ts';
import { invalidAt } from '../http/request-problem.ts';
import { parseSliding } from './sliding.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';

/** A definition whose windows are those of the clock. */
export type TimedDefinition = MetricDefinition & { readonly window: TimeWindow };

/** Whether the events themselves make the windows of a metric. */
export const isKeyed = (window: MetricDefinition['window']): window is KeyedWindow =>
  window.kind === 'session' || window.kind === 'count';

/** Whether the clock makes the windows of a metric. */
export const isTimed = (definition: MetricDefinition): definition is TimedDefinition =>
  !isKeyed(definition.window);

/** The finest interval that a metric has numbers of. */
export const stepOf = (window: TimeWindow): Interval =>
  window.kind === 'tumbling' ? window.size : window.every;

const both = (a: Filter | undefined, b: Filter | undefined): Filter | undefined =>
  a === undefined || b === undefined ? (a ?? b) : { and: [a, b] };

/** The measures of a metric as series of a trend: each with the filter that all have. */
const seriesOf = ({ events, measures }: MetricDefinition): RequestedSeries[] => {
  const shared = typeof events === 'string' ? undefined : events.filter;
  return measures.map((measure) => ({ ...measure, filter: both(shared, measure.filter) }));
};

const typesOf = ({ events }: MetricDefinition): string[] | undefined =>
  typeof events === 'string' ? [events] : events.types;

/** The trend that a metric stands for, over a range and in buckets of an interval. */
export const trendOf = (
  definition: TimedDefinition,
  request: MetricRequest,
  { range, interval }: { readonly range: TimeRange; readonly interval: TrendRequest['interval'] },
): TrendRequest => {
  const { window, formula } = definition;
  const { filter, by, top, source, smooth, compare, as_of, explain } = request;
  return {
    ...{ kind: 'trend', measure: 'count', types: typesOf(definition), filter, by, top, interval, source },
    range: { from: range.fromMs, to: range.toMs },
    timezone: zoneOf(definition, request),
    ...{ series: seriesOf(definition), formula },
    window: window.kind === 'sliding' ? window.size : undefined,
    cumulative: window.kind === 'cumulative',
    ...{ smooth, compare, as_of, explain },
  };
};

/** Whose days a question means. Throws ApiError `invalid_request`. */
export const zoneOf = (definition: MetricDefinition, { timezone }: MetricRequest): string =>
  parseTimeZone(timezone ?? definition.timezone);

const fits = (window: TimeWindow, interval: Interval): boolean => {
  if (window.kind !== 'sliding') return true;
  try {
    parseSliding(window.size, interval);
    return true;
  } catch {
    return false;
  }
};

/** The interval of a question: that of the window, or a longer one. Throws ApiError `invalid_request`. */
export const intervalOf = (
  { window, name }: TimedDefinition,
  { interval: asked }: MetricRequest,
  range: TimeRange,
): Interval | 'total' => {
  const step = stepOf(window);
  const choices = INTERVALS.slice(INTERVALS.indexOf(step)).filter((interval) => fits(window, interval));
  if (asked === undefined) return step;
  if (asked === 'auto') return autoInterval(range, choices);
  if (asked === 'total') {
    if (window.kind !== 'sliding') return asked;
    throw invalidAt('interval', `"${name}" slides: ask for one of ${choices.join(', ')}.`);
  }
  if (!choices.includes(asked))
    throw invalidAt(
      'interval',
      `"${name}" has no windows of ${asked}: ask for one of ${choices.join(', ')}${window.kind === 'sliding' ? '' : ', total'}, or define another metric.`,
    );
  return asked;
};

/** Whether a question may be broken down as it asks. Throws ApiError `invalid_request`. */
export const checkBy = ({ dimensions, name }: MetricDefinition, { by = [] }: MetricRequest): void => {
  const known = new Set(dimensions.map((dimension) => parseField(dimension, 'dimensions').name));
  parseGroupFields(by).forEach((field, index) => {
    if (known.has(field.name)) return;
    const has = known.size === 0 ? 'It has none' : `Its dimensions are ${[...known].join(', ')}`;
    throw invalidAt(
      `by.${index}`,
      `"${field.name}" is no dimension of "${name}". ${has}. Add it to the metric, or filter by it.`,
    );
  });
};
