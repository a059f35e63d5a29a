import type { Interval, RangeInput } from '../../../src/contract/question.ts';
import { clockMinute, day, dayAndMinute } from '../lib/format.ts';

/** The stretches of time that end now. */
export const SPANS = ['30m', '24h', '7d', '30d'] as const;
export type Span = (typeof SPANS)[number];

/** What the page looks at: the time up to now, or a period of the past. */
export type Range =
  | { readonly kind: 'live'; readonly span: Span }
  | { readonly kind: 'period'; readonly fromMs: number; readonly toMs: number };

interface SpanFacts {
  readonly text: string;
  /** As the query language says it. */
  readonly range: string;
  readonly before: RangeInput;
  readonly interval: Interval;
  /** Where there is little room. */
  readonly coarseInterval: Interval;
  readonly intervalText: string;
  readonly ms: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What each span means. */
export const SPAN_FACTS: Readonly<Record<Span, SpanFacts>> = {
  '30m': {
    text: '30 minutes',
    range: 'last 30 minutes',
    before: { from: 'now-60m', to: 'now-30m' },
    interval: '10s',
    coarseInterval: '30s',
    intervalText: '10 seconds',
    ms: 30 * MINUTE_MS,
  },
  '24h': {
    text: '24 hours',
    range: 'last 24 hours',
    before: { from: 'now-48h', to: 'now-24h' },
    interval: '15m',
    coarseInterval: '1h',
    intervalText: '15 minutes',
    ms: DAY_MS,
  },
  '7d': {
    text: '7 days',
    range: 'last 7 days',
    before: { from: 'now-14d', to: 'now-7d' },
    interval: '1h',
    coarseInterval: '1d',
    intervalText: 'hour',
    ms: 7 * DAY_MS,
  },
  '30d': {
    text: '30 days',
    range: 'last 30 days',
    before: { from: 'now-60d', to: 'now-30d' },
    interval: '1d',
    coarseInterval: '1d',
    intervalText: 'day',
    ms: 30 * DAY_MS,
  },
};

/** The range of a question. */
export const askedRange = (range: Range): RangeInput =>
  range.kind === 'live' ? SPAN_FACTS[range.span].range : { from: range.fromMs, to: range.toMs };

/** As long a time, just before. */
export const rangeBefore = (range: Range): RangeInput =>
  range.kind === 'live'
    ? SPAN_FACTS[range.span].before
    : { from: range.fromMs - (range.toMs - range.fromMs), to: range.fromMs };

/** In words: `last 24 hours`, `3 Mar 2024 to 9 Apr 2024`. */
export const rangeText = (range: Range): string => {
  if (range.kind === 'live') return SPAN_FACTS[range.span].range;
  const from = new Date(range.fromMs);
  const to = new Date(range.toMs);
  if (range.toMs - range.fromMs >= 2 * DAY_MS) return `${day(from, true)} to ${day(to, true)}`;
  return from.toDateString() === to.toDateString()
    ? `${dayAndMinute(from)} to ${clockMinute(to)}`
    : `${dayAndMinute(from)} to ${dayAndMinute(to)}`;
};

/** Where the events of a project lie. */
export interface Extent {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** When that was so. */
  readonly asOfMs: number;
}

/** What to look at when nobody chose: the present if something happens there, else the last day, else all that there is. */
export const fittingRange = (extent: Extent): Range => {
  const age = extent.asOfMs - extent.lastMs;
  if (extent.count === 0 || age < SPAN_FACTS['30m'].ms) return { kind: 'live', span: '30m' };
  if (age < SPAN_FACTS['24h'].ms) return { kind: 'live', span: '24h' };
  return { kind: 'period', fromMs: extent.firstMs, toMs: extent.lastMs };
};

/** The range in the page's address; undefined if it says none, or none that can be. */
export const rangeOfAddress = (search: string): Range | undefined => {
  const parameters = new URLSearchParams(search);
  const span = SPANS.find((each) => each === parameters.get('range'));
  if (span !== undefined) return { kind: 'live', span };
  const fromMs = Date.parse(parameters.get('from') ?? '');
  const toMs = Date.parse(parameters.get('to') ?? '');
  return toMs > fromMs ? { kind: 'period', fromMs, toMs } : undefined;
};

/** The parameters of the address that say a range. */
export const addressOfRange = (range: Range): Readonly<Record<'range' | 'from' | 'to', string | null>> =>
  range.kind === 'live'
    ? { range: range.span, from: null, to: null }
    : { range: null, from: new Date(range.fromMs).toISOString(), to: new Date(range.toMs).toISOString() };
