import type { MetricRequest } from '../contract/metrics.ts';
import type { Field } from './fields.ts';
import { fieldsOfFilter } from './filter.ts';
import { type KeptLayout, type KeptMeasure, namesCohort } from './kept-metric.ts';
import { parseGroupFields } from './groups.ts';
import { isPerCurrency, measureOfRollup } from './measure.ts';
import { isTimed, stepOf, trendOf } from './metric-plan.ts';
import type { SavedMetric } from './ports.ts';
import { parseTrend } from './trend-plan.ts';

/** What tables of metrics are called. */
export const KEPT_PREFIX = 'rollup_metric_';

/** Widths of panes: the coarsest that the windows of a metric are made of. */
const PANES_MS = { coarse: 900_000, minute: 60_000, fine: 10_000 } as const;
const FINE: ReadonlySet<string> = new Set(['10s', '30s']);
const MINUTES: ReadonlySet<string> = new Set(['1m', '5m']);

const PLAIN: MetricRequest = {
  ...{ kind: 'metric', metric: 'it', range: 'last 24 hours', top: 1, source: 'auto', explain: false },
};

/** How a metric would be kept, or why it cannot or need not be. */
export const keptLayout = ({ id, version, project, definition }: SavedMetric): KeptLayout | string => {
  if (!isTimed(definition)) return 'Windows of sessions and counts are kept by themselves.';
  const interval = stepOf(definition.window);
  const trend = parseTrend(trendOf(definition, PLAIN, { range: { fromMs: 0, toMs: 1 }, interval }));
  const dimensions = parseGroupFields(definition.dimensions, 'dimensions');
  const measures = trend.series.map(({ measure, types, filter }) => ({ measure, types, filter }));
  const conditions = measures.flatMap(({ filter }) => fieldsOfFilter(filter));
  if (measures.some(({ filter }) => filter !== undefined && namesCohort(filter)))
    return 'It is about a cohort: who belongs to one changes.';
  if (conditions.some(({ kind }) => kind === 'time')) return 'Its filter is about time, which goes on.';
  const nested = dimensions.find((field) => !isKeepable(field));
  if (nested !== undefined)
    return `The dimension "${nested.name}" is not kept: it is no text of the first level.`;
  if (isHeldByRollups({ measures, fields: [...dimensions, ...conditions] }))
    return 'The rollups of all events answer it already.';
  return {
    table: `${KEPT_PREFIX}${id}_${version}`,
    project,
    paneMs: FINE.has(interval) ? PANES_MS.fine : MINUTES.has(interval) ? PANES_MS.minute : PANES_MS.coarse,
    ...{ dimensions, measures },
    hasCurrency: measures.some(({ measure }) => isPerCurrency(measure)),
  };
};

const isKeepable = (field: Field): boolean =>
  field.kind === 'text' || (field.kind === 'property' && field.path.length === 1);

const isHeldByRollups = ({
  measures,
  fields,
}: {
  readonly measures: readonly KeptMeasure[];
  readonly fields: readonly Field[];
}): boolean =>
  measures.every(({ measure }) => measureOfRollup(measure) !== undefined) &&
  fields.every(({ kind, name }) => kind === 'text' && (name === 'type' || name === 'currency'));
