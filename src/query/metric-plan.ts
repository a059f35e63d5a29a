import {
  type KeyedWindow,
  METRIC_LIMITS,
  type MetricDefinition,
  type MetricRequest,
  type TimeWindow,
} from '../contract/metrics.ts';
import { type Filter, type Interval, INTERVALS, type Measure } from '../contract/question.ts';
import type { RequestedSeries, TrendRequest } from '../contract/trend.ts';
import { autoInterval } from './buckets.ts';
import { parseDuration } from './duration.ts';
import { parseField } from './fields.ts';
import { parseFilter, type ParsedFilter } from './filter.ts';
import { parseGroupFields } from './groups.ts';
import { measuredField } from './measure.ts';
import { invalidAt } from './problem.ts';
import { parseSelector } from './selector.ts';
import { parseSliding } from './sliding.ts';
import { parseTimeZone, type TimeRange } from './time-range.ts';
import { parseMeasured, parseTrend } from './trend-plan.ts';

/** A definition whose windows are those of the clock. */
export type TimedDefinition = MetricDefinition & { readonly window: TimeWindow };

/** Whether the events themselves make the windows of a metric. */
export const isKeyed = (window: MetricDefinition['window']): window is KeyedWindow =>
  window.kind === 'session' || window.kind === 'count';

const isTimed = (definition: MetricDefinition): definition is TimedDefinition => !isKeyed(definition.window);

/** The finest interval that a metric has numbers of. */
const stepOf = (window: TimeWindow): Interval => (window.kind === 'tumbling' ? window.size : window.every);

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

/** What a question is asked with that names only its metric. */
const PLAIN: MetricRequest = {
  ...{ kind: 'metric', metric: 'it', range: 'last 24 hours', top: 1, source: 'auto', explain: false },
};

/** Throws ApiError `invalid_request` for a definition that no question could be asked of. Cohorts that it names are not looked for. */
export const checkMetric = (definition: MetricDefinition): void => {
  const { events, measures, dimensions, formula, timezone } = definition;
  const text = JSON.stringify(definition);
  if (text.length > METRIC_LIMITS.definitionMax)
    throw invalidAt(
      '',
      `The metric has ${text.length.toLocaleString('en')} characters; at most ${METRIC_LIMITS.definitionMax.toLocaleString('en')} are taken. Put lists of values into a property of the events, or into a cohort.`,
    );
  parseSelector(events, 'events');
  measures.forEach(({ measure, filter }, index) => {
    parseMeasured(measure, `measures.${index}.measure`);
    if (filter !== undefined) parseFilter(filter, `measures.${index}.filter`);
  });
  parseGroupFields(dimensions, 'dimensions');
  parseTimeZone(timezone);
  if (formula === undefined && measures.every(({ hidden }) => hidden))
    throw invalidAt('measures', 'are all hidden, and no formula is there to show: show one.');
  if (isTimed(definition)) checkTimed(definition);
  else {
    checkKeyed(definition);
    throw invalidAt(
      'window.kind',
      'Windows of sessions and counts are not kept by this version: use "tumbling", "sliding" or "cumulative".',
    );
  }
};

const checkTimed = (definition: TimedDefinition): void => {
  const { window } = definition;
  if (window.kind === 'sliding') parseSliding(window.size, window.every);
  const interval = stepOf(window);
  parseTrend(trendOf(definition, PLAIN, { range: { fromMs: 0, toMs: 1 }, interval }));
};

const KEYED_MEASURES: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max']);

const kindOf = (measure: Measure): string => (typeof measure === 'string' ? measure : measure.kind);

const checkKeyed = ({ window, events, measures, formula, dimensions }: MetricDefinition): void => {
  const whose = `Windows of kind "${window.kind}"`;
  if (window.kind === 'session')
    parseDuration(window.gap, 'window.gap', { min: METRIC_LIMITS.gapMin, max: METRIC_LIMITS.gapMax });
  if (formula !== undefined) throw invalidAt('formula', `${whose} take no formulas.`);
  if (dimensions.length > 0)
    throw invalidAt('dimensions', `${whose} have none: a window holds events of several values.`);
  const { filter } = parseSelector(events, 'events');
  if (filter !== undefined && namesCohort(filter))
    throw invalidAt(
      'events.filter',
      `${whose} take no cohorts: who belongs to one changes, a window does not.`,
    );
  const fields = new Set<string>();
  measures.forEach(({ measure, types, filter: own }, index) => {
    const path = `measures.${index}`;
    if (!KEYED_MEASURES.has(kindOf(measure)))
      throw invalidAt(`${path}.measure`, `${whose} take count, sum, avg, min and max.`);
    if (types !== undefined || own !== undefined)
      throw invalidAt(path, `${whose} measure all of their events: put types and filter into "events".`);
    const field = measuredField(parseMeasured(measure, `${path}.measure`).measure);
    if (field !== undefined) fields.add(field.name);
    if (fields.size > 1)
      throw invalidAt(
        `${path}.measure.of`,
        `${whose} measure one field: ${[...fields].join(', ')} are several.`,
      );
  });
};

const namesCohort = (filter: ParsedFilter): boolean => {
  if (filter.kind === 'cohort') return true;
  if (filter.kind === 'condition') return false;
  return filter.kind === 'not' ? namesCohort(filter.of) : filter.of.some(namesCohort);
};
