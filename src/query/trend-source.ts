import type { TrendRequest } from '../contract/trend.ts';
import type { Field } from './fields.ts';
import { fieldsOfFilter, type ParsedFilter } from './filter.ts';
import { measureOfRollup, type ParsedMeasure } from './measure.ts';
import { PANE_MS } from './time-range.ts';

/** What a trend is counted from. */
export type TrendSource = 'rollup_10s' | 'events';

/** Fields that the rollup keeps apart. */
const ROLLUP_FIELDS: ReadonlySet<string> = new Set(['type', 'currency']);

/** A question, as far as the choice of the source depends on it. */
export interface SourceQuestion {
  readonly asked: TrendRequest['source'];
  readonly measure: ParsedMeasure;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  /** Where the range and its buckets begin and end, milliseconds; a first bucket that begins before the range does not matter. */
  readonly bounds: readonly number[];
  readonly asOf: number | undefined;
}

/**
 * Takes the rollup exactly when it gives the same answer as the raw events: it must hold the measure, keep every field of the question apart, and no
 * bound may cut one of its panes.
 */
export const chooseSource = (
  question: SourceQuestion,
): { readonly source: TrendSource; readonly reason: string } => {
  const obstacle = obstacleToRollup(question);
  return obstacle === undefined
    ? { source: 'rollup_10s', reason: 'The rollup answers this exactly.' }
    : { source: 'events', reason: obstacle };
};

const obstacleToRollup = (question: SourceQuestion): string | undefined => {
  const { asked, measure, filter, by, bounds, asOf } = question;
  if (asked === 'events') return 'The request asks for raw events.';
  if (asOf !== undefined) return 'The rollup does not know at which position an event was loaded.';
  if (measureOfRollup(measure) === undefined) return 'The rollup does not hold this measure.';
  const fields = [...by, ...fieldsOfFilter(filter)];
  const foreign = fields.find((field) => field.kind !== 'text' || !ROLLUP_FIELDS.has(field.name));
  if (foreign !== undefined) return `The rollup does not keep "${foreign.name}" apart.`;
  if (bounds.some((ms) => ms % PANE_MS !== 0))
    return 'The range or a bucket does not begin and end on a multiple of 10 seconds.';
  return undefined;
};
