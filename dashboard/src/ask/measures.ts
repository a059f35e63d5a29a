import type { Measure, RateUnit } from '../../../src/contract/question.ts';
import { fieldText } from './fields.ts';

/** What can be measured, as it stands in the picker. */
export const MEASURE_CHOICES = [
  'count',
  'unique_users',
  'unique_sessions',
  'unique',
  'sum',
  'avg',
  'median',
  'quantile',
  'min',
  'max',
  'rate',
] as const;
export type MeasureChoice = (typeof MEASURE_CHOICES)[number];

/** What a measure is called. */
export const MEASURE_TEXTS: Readonly<Record<MeasureChoice, string>> = {
  count: 'Number of events',
  unique_users: 'Distinct users',
  unique_sessions: 'Distinct sessions',
  unique: 'Distinct values of',
  sum: 'Sum of',
  avg: 'Average of',
  median: 'Median of',
  quantile: 'Percentile of',
  min: 'Least',
  max: 'Largest',
  rate: 'Events per',
};

const MEDIAN = 0.5;
const HIGH = 0.9;

/** The entry of the picker that a measure is. */
export const choiceOf = (measure: Measure): MeasureChoice => {
  if (typeof measure === 'string') return measure;
  if (measure.kind === 'quantile') return measure.level === MEDIAN ? 'median' : 'quantile';
  if (measure.kind === 'unique' && measure.of === 'user_id') return 'unique_users';
  return measure.kind === 'unique' && measure.of === 'session_id' ? 'unique_sessions' : measure.kind;
};

/** The field that a measure is of. */
export const fieldOfMeasure = (measure: Measure): string | undefined =>
  typeof measure === 'object' && 'of' in measure ? measure.of : undefined;

/** What a field of a measure must be. */
export const fieldUseOf = (choice: MeasureChoice): 'number' | 'unique' | undefined => {
  if (choice === 'count' || choice === 'unique_users' || choice === 'unique_sessions' || choice === 'rate')
    return undefined;
  return choice === 'unique' ? 'unique' : 'number';
};

/** The measure of an entry, with the field that was chosen, if it still suits. */
export const measureOf = (
  choice: MeasureChoice,
  field: string | undefined,
  { level = HIGH, per = 'minute' }: { readonly level?: number; readonly per?: RateUnit } = {},
): Measure => {
  switch (choice) {
    case 'count':
    case 'unique_users':
    case 'unique_sessions':
      return choice;
    case 'unique':
      return { kind: 'unique', of: field ?? 'page' };
    case 'median':
      return { kind: 'quantile', of: field ?? 'value', level: MEDIAN };
    case 'quantile':
      return { kind: 'quantile', of: field ?? 'value', level: level === MEDIAN ? HIGH : level };
    case 'rate':
      return { kind: 'rate', per };
    default:
      return { kind: choice, of: field ?? 'value' };
  }
};

/** In words: `Distinct users`, `Average of cart.total`, `90th percentile of Value`. */
export const measureWords = (measure: Measure): string => {
  const choice = choiceOf(measure);
  const field = fieldOfMeasure(measure);
  if (typeof measure === 'object' && measure.kind === 'rate')
    return field === undefined
      ? `Events per ${measure.per}`
      : `Sum of ${fieldText(field)} per ${measure.per}`;
  if (choice === 'quantile' && typeof measure === 'object' && measure.kind === 'quantile')
    return `p${Number((measure.level * 100).toFixed(1))} of ${fieldText(measure.of)}`;
  if (fieldUseOf(choice) === undefined || field === undefined) return MEASURE_TEXTS[choice];
  return `${MEASURE_TEXTS[choice]} ${fieldText(field)}`;
};
