import { QUERY_LIMITS } from '../contract/question.ts';
import { type Axis, startsBefore } from './buckets.ts';
import { invalidAt } from '../http/request-problem.ts';
import type { TimeRange } from './time-range.ts';

/** A sliding window, in steps of the interval of the trend. */
export interface Sliding {
  readonly steps: number;
}

const PATH = 'window';
const HELP = 'Use for example "5m" with the interval "30s", "7d" with "1d", "3M" with "1M".';

const LENGTH = /^(\d{1,6})([smhdwM])$/u;

/** Lengths in the unit that they are counted in. Days are not seconds: some have 23 or 25 hours. */
const UNITS: Readonly<Record<string, readonly [unit: 'second' | 'day' | 'month', amount: number]>> = {
  s: ['second', 1],
  m: ['second', 60],
  h: ['second', 3_600],
  d: ['day', 1],
  w: ['day', 7],
  M: ['month', 1],
};

const lengthOf = (text: string): readonly [unit: string, amount: number] | undefined => {
  const [, digits, unit = ''] = LENGTH.exec(text) ?? [];
  const known = UNITS[unit];
  return known === undefined ? undefined : [known[0], Number(digits) * known[1]];
};

/** Reads a window against the step. Throws ApiError `invalid_request`. */
export const parseSliding = (window: string, interval: string): Sliding => {
  if (interval === 'auto' || interval === 'total')
    throw invalidAt(
      'interval',
      'A sliding window moves by steps: say which, for example "interval": "30s" with "window": "5m".',
    );
  const length = lengthOf(window);
  if (length === undefined) throw invalidAt(PATH, `"${window}" is not a length of time. ${HELP}`);
  const [unit, amount] = length;
  const [stepUnit, step] = lengthOf(interval) ?? ['', 1];
  const steps = amount / step;
  if (unit !== stepUnit || !Number.isInteger(steps) || steps < 1)
    throw invalidAt(PATH, `"${window}" is not a multiple of the interval, "${interval}". ${HELP}`);
  if (steps > QUERY_LIMITS.windowStepsMax)
    throw invalidAt(
      PATH,
      `"${window}" is ${steps.toLocaleString('en')} steps of "${interval}"; at most ${QUERY_LIMITS.windowStepsMax} are taken. Take a coarser interval.`,
    );
  return { steps };
};

/** The steps that the windows of an axis are made of: those of the axis, and as many before as the first window reaches back. */
export const stepsOf = (axis: Axis, { steps }: Sliding, timeZone: string): number[] => [
  ...startsBefore(axis, steps - 1, timeZone),
  ...axis.starts,
];

/** The range of whole steps that a range lies in: a window ends where a step ends. */
export const wholeSteps = (range: TimeRange, axis: Axis): TimeRange => ({
  fromMs: axis.starts[0] ?? range.fromMs,
  toMs: axis.endMs,
});
