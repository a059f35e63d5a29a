import type { SessionNumbers } from '../../../src/contract/sessions.ts';
import { duration, rate, share, shortCount } from '../lib/format.ts';

/** A number of sessions that can be charted. */
export interface SessionMeasure {
  readonly name: keyof SessionNumbers;
  readonly text: string;
  readonly note: string;
  readonly write: (value: number) => string;
}

const percent = (value: number): string => share(value, 1);

/** The numbers that stand at the top of the page. */
export const MEASURES: readonly SessionMeasure[] = [
  { name: 'sessions', text: 'Sessions', note: 'that began then', write: shortCount },
  { name: 'bounce_rate', text: 'Bounce rate', note: 'of those with a view', write: percent },
  { name: 'duration_median_ms', text: 'Median length', note: 'first event to last', write: duration },
  { name: 'views_per_session', text: 'Views a session', note: 'on average', write: rate },
];

/** The measure of that name; the first if there is none. */
export const measureOf = (name: string | null): SessionMeasure =>
  MEASURES.find((each) => each.name === name) ?? (MEASURES[0] as SessionMeasure);

/** What sessions can be broken down by, at a press. */
export const BREAKDOWNS = [
  { value: '', text: 'Not broken down' },
  { value: 'device_type', text: 'by device' },
  { value: 'country', text: 'by country' },
  { value: 'browser', text: 'by browser' },
  { value: 'os', text: 'by system' },
  { value: 'source', text: 'by source' },
  { value: 'referrer', text: 'by referrer' },
] as const;

/** The break-down of that name; none if there is none. */
export const breakdownOf = (name: string | null): (typeof BREAKDOWNS)[number]['value'] =>
  BREAKDOWNS.find(({ value }) => value === name)?.value ?? '';
