import { METRIC_LIMITS, type MetricDefinition, type MetricRequest } from '../contract/metrics.ts';
import type { Measure } from '../contract/question.ts';
import { parseFilter, type ParsedFilter } from './filter.ts';
import { parseGroupFields } from './groups.ts';
import { measuredField } from './measure.ts';
import { isKeyedMetric } from './metric-keyed.ts';
import { isTimed, stepOf, type TimedDefinition, trendOf } from './metric-plan.ts';
import { invalidAt } from '../http/request-problem.ts';
import { parseSelector } from './selector.ts';
import { parseSliding } from './sliding.ts';
import { parseTimeZone } from './time-range.ts';
import { parseMeasured, parseTrend } from './trend-plan.ts';
import { windowMetricOf } from './window-reading.ts';

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
  else checkKeyed(definition);
};

const checkTimed = (definition: TimedDefinition): void => {
  const { window } = definition;
  if (window.kind === 'sliding') parseSliding(window.size, window.every);
  const interval = stepOf(window);
  parseTrend(trendOf(definition, PLAIN, { range: { fromMs: 0, toMs: 1 }, interval }));
};

const KEYED_MEASURES: ReadonlySet<string> = new Set(['count', 'sum', 'avg', 'min', 'max']);

const kindOf = (measure: Measure): string => (typeof measure === 'string' ? measure : measure.kind);

const checkKeyed = (definition: MetricDefinition): void => {
  const { window, events, measures, formula, dimensions } = definition;
  const whose = `Windows of kind "${window.kind}"`;
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
  const saved = {
    id: '',
    project: '',
    version: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
    updatedBy: '',
    definition,
  };
  if (isKeyedMetric(saved)) windowMetricOf(saved);
};

const namesCohort = (filter: ParsedFilter): boolean => {
  if (filter.kind === 'cohort') return true;
  if (filter.kind === 'condition') return false;
  return filter.kind === 'not' ? namesCohort(filter.of) : filter.of.some(namesCohort);
};
