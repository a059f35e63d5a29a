import type { Interval } from '../../../src/contract/question.ts';

const DAY_SECONDS = 86_400;

const WIDTHS: Readonly<Record<Exclude<Interval, '1M'>, number>> = {
  '10s': 10,
  '30s': 30,
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '1h': 3600,
  '1d': DAY_SECONDS,
  '1w': 7 * DAY_SECONDS,
};

const daysOfMonth = (bucket: string): number => {
  const [year = 1970, month = 1] = bucket.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
};

const widthOf = (bucket: string, interval: Interval): number =>
  interval === '1M' ? daysOfMonth(bucket) * DAY_SECONDS : WIDTHS[interval];

interface Reach {
  readonly interval: Interval | 'total';
  /** End of the range, ISO 8601. */
  readonly to: string;
  /** Whether the range covers only a part of the last bucket. */
  readonly isOpen: boolean;
}

/**
 * Where the last bucket ends, in seconds since 1970: with the range, unless the range covers only a part of it. Then it is as wide as its interval says,
 * which is right but for the hour by which clocks may change in it.
 */
export const lastEnd = (lastBucket: string | undefined, { interval, to, isOpen }: Reach): number => {
  const end = Date.parse(to) / 1000;
  if (lastBucket === undefined || interval === 'total' || !isOpen) return end;
  return Math.max(end, Date.parse(lastBucket) / 1000 + widthOf(lastBucket, interval));
};
