import type { TrendRequest } from '../contract/trend.ts';
import type { Field } from './fields.ts';
import { fieldsOfFilter, type ParsedFilter } from './filter.ts';
import { type KeptMetric, obstacleToKept } from './kept-metric.ts';
import { measureOfRollup, type ParsedMeasure } from './measure.ts';
import { invalidAt } from '../http/request-problem.ts';
import { COARSE_PANE_MS, type Filled, wholePanes } from './rollup-rows.ts';
import { PANE_MS, type TimeRange } from './time-range.ts';

/** What a trend is counted from. */
export type TrendSource = 'rollup_10s' | 'rollup_15m' | 'rollup_metric' | 'events';

/** Fields that the rollups keep apart. */
const ROLLUP_FIELDS: ReadonlySet<string> = new Set(['type', 'currency']);

/** From so many whole panes on `rollup_15m` is read without being asked for. Fewer are not worth counting what it does not hold yet. */
const COARSE_PANES_MIN = 24;

/** A question, as far as the choice of the source depends on it. */
export interface SourceQuestion {
  readonly asked: TrendRequest['source'];
  readonly measure: ParsedMeasure;
  readonly filter: ParsedFilter | undefined;
  readonly by: readonly Field[];
  /** All that is read. */
  readonly range: TimeRange;
  /** Where buckets within the range begin, milliseconds. */
  readonly bounds: readonly number[];
  readonly asOf: number | undefined;
  /** The rollup of 15 minutes, if there is one. */
  readonly coarse: Filled | undefined;
  /** What is kept of the metric that the question is about, and by what it narrows it. */
  readonly kept: KeptMetric | undefined;
  readonly narrowed: ParsedFilter | undefined;
}

/** A source, and why it was taken. */
export interface ChosenSource {
  readonly source: TrendSource;
  readonly filled: Filled | undefined;
  readonly reason: string;
}

/**
 * Takes a rollup exactly when it gives the same answer as the raw events: it must hold the measure, keep every field of the question apart, and no
 * bound may cut one of its panes. Of those that do, the one with fewer rows to read. Throws ApiError `invalid_request` if the request insists on another.
 */
export const chooseSource = (question: SourceQuestion): ChosenSource => {
  const { asked, coarse } = question;
  const obstacle = obstacleToRollups(question);
  const toFine = obstacle ?? obstacleToFine(question);
  const toCoarse = obstacle ?? obstacleToCoarse(question);
  const events = (reason: string): ChosenSource => ({ source: 'events', filled: undefined, reason });
  const fine: ChosenSource = {
    ...{ source: 'rollup_10s', filled: undefined },
    reason: 'The rollup of 10 seconds answers this exactly.',
  };
  const coarsely: ChosenSource = {
    ...{ source: 'rollup_15m', filled: coarse },
    reason: 'The rollup of 15 minutes answers this exactly.',
  };
  if (asked === 'events') return events('The request asks for raw events.');
  const insisted = asked === 'rollup_10s' ? toFine : asked === 'rollup_15m' ? toCoarse : undefined;
  if (insisted !== undefined) throw invalidAt('source', `"${asked}" does not answer this. ${insisted}`);
  if (asked === 'rollup_10s') return fine;
  if (toCoarse === undefined && (asked === 'rollup_15m' || toFine !== undefined || isWorthIt(question)))
    return coarsely;
  if (toFine === undefined) return fine;
  const toKept = obstacleToMetric(question);
  return toKept === undefined
    ? {
        source: 'rollup_metric',
        filled: undefined,
        reason: 'What is kept of the metric answers this exactly.',
      }
    : events(question.kept === undefined ? toFine : `${toFine} ${toKept}`);
};

const obstacleToMetric = ({
  kept,
  narrowed: filter,
  range,
  bounds,
  asOf,
}: SourceQuestion): string | undefined =>
  kept === undefined ? 'Nothing is kept.' : obstacleToKept(kept, { filter, range, bounds, asOf });

const obstacleToRollups = ({ measure, filter, by, range, bounds }: SourceQuestion): string | undefined => {
  if (measureOfRollup(measure) === undefined) return 'A rollup does not hold this measure.';
  const fields = [...by, ...fieldsOfFilter(filter)];
  const foreign = fields.find((field) => field.kind !== 'text' || !ROLLUP_FIELDS.has(field.name));
  if (foreign !== undefined) return `A rollup does not keep "${foreign.name}" apart.`;
  if ([range.fromMs, range.toMs, ...bounds].some((ms) => ms % PANE_MS !== 0))
    return 'The range or a bucket does not begin and end on a multiple of 10 seconds.';
  return undefined;
};

const obstacleToFine = ({ asOf }: SourceQuestion): string | undefined =>
  asOf === undefined
    ? undefined
    : 'The rollup of 10 seconds does not know at which position an event was loaded.';

const obstacleToCoarse = ({ range, bounds, asOf, coarse }: SourceQuestion): string | undefined => {
  if (coarse === undefined || coarse.covered === 0) return 'The rollup of 15 minutes is not filled yet.';
  if (bounds.some((ms) => ms % COARSE_PANE_MS !== 0))
    return 'A bucket does not begin on a multiple of 15 minutes.';
  const whole = wholePanes(range);
  if (whole.fromMs >= whole.toMs) return 'The range holds no whole pane of 15 minutes.';
  if (asOf !== undefined && coarse.covered > asOf + 1)
    return 'The rollup of 15 minutes holds events behind the position.';
  return undefined;
};

const isWorthIt = ({ range, coarse }: SourceQuestion): boolean => {
  const { fromMs, toMs } = wholePanes(range);
  return coarse?.isCurrent === true && toMs - fromMs >= COARSE_PANES_MIN * COARSE_PANE_MS;
};
