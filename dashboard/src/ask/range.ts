import type { RangeInput } from '../../../src/contract/question.ts';
import { dateIn, momentIn } from '../lib/zoned.ts';

/** The ranges that are offered, in the server's words. */
export const RANGES = [
  ['last 30 minutes', 'last 24 hours', 'today', 'yesterday'],
  ['last 7 days', 'last 30 days', 'last 90 days', 'last 12 months'],
  ['this week', 'this month', 'previous month', 'this year', 'all time'],
] as const;

const SPAN =
  /^(?:last [1-9]\d{0,4} (?:second|minute|hour|day|week|month|year)s?|today|yesterday|(?:this|previous) (?:hour|day|week|month|quarter|year)|all time)$/u;

const DAY = /^\d{4}-\d{2}-\d{2}$/u;
const DAY_MS = 86_400_000;

/** Whether the server understands it as a range in words. */
export const isRangeText = (text: string): boolean => SPAN.test(text);

/** The range in an address (`range`, or `from` and `to`); undefined if it names none that can be. */
export const rangeIn = (search: string): RangeInput | undefined => {
  const parameters = new URLSearchParams(search);
  const text = parameters.get('range');
  if (text !== null && isRangeText(text)) return text;
  const from = parameters.get('from');
  const to = parameters.get('to');
  if (from === null || Number.isNaN(Date.parse(from))) return undefined;
  if (to === null) return { from };
  return Number.isNaN(Date.parse(to)) || Date.parse(to) <= Date.parse(from) ? undefined : { from, to };
};

/** The parameters of an address that say a range. */
export const rangeParameters = (
  range: RangeInput,
): Readonly<Record<'range' | 'from' | 'to', string | null>> =>
  typeof range === 'string'
    ? { range, from: null, to: null }
    : { range: null, from: String(range.from), to: range.to === undefined ? null : String(range.to) };

/** The days from one to another, both included, as a range; undefined where the second lies before the first. */
export const rangeOfDays = (from: string, to: string): RangeInput | undefined => {
  if (!DAY.test(from) || !DAY.test(to) || to < from) return undefined;
  return { from, to: new Date(Date.parse(to) + DAY_MS).toISOString().slice(0, 10) };
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const endText = (at: string | number, zone: string): string => {
  const text = String(at);
  if (DAY.test(text)) return dateIn(text, 'UTC');
  return Number.isNaN(new Date(at).getTime()) ? text : momentIn(at, zone);
};

/** A range in words: `Last 30 days`, `3 Mar 2024 to 9 Apr 2024`. Days that are named are included. */
export const rangeWords = (range: RangeInput, zone: string): string => {
  if (typeof range === 'string') return capital(range);
  if (range.to === undefined) return `Since ${endText(range.from, zone)}`;
  const from = String(range.from);
  const to = String(range.to);
  if (!DAY.test(from) || !DAY.test(to)) return `${endText(range.from, zone)} to ${endText(range.to, zone)}`;
  const last = new Date(Date.parse(to) - DAY_MS).toISOString().slice(0, 10);
  return last === from ? endText(from, zone) : `${endText(from, zone)} to ${endText(last, zone)}`;
};
