import type { StatisticsSeries } from '../../../src/contract/statistics.ts';
import type { Bar } from '../chart/bar-chart.tsx';
import { type Unit, writerOf } from '../chart/units.ts';
import { fullCount, percent } from '../lib/format.ts';
import { groupWords } from './words.ts';

/** A series in words: its group, and its currency if it has one. */
export const spreadName = ({ group, other, currency }: StatisticsSeries): string => {
  const isAll = group === null && !other;
  if (currency === undefined) return isAll ? 'All' : groupWords(group, other);
  return isAll ? (currency ?? 'no currency') : `${groupWords(group, other)} · ${currency ?? 'no currency'}`;
};

/** The bins of a histogram as bars, without the empty ones at both ends. The last edge is that of the last bar. */
export const spreadBars = (
  edges: readonly number[],
  { histogram, count }: StatisticsSeries,
  unit: Unit,
): { readonly bars: readonly Bar[]; readonly lastEdge: string } => {
  const { counts } = histogram;
  const first = Math.max(
    0,
    counts.findIndex((each) => each > 0),
  );
  const last = counts.findLastIndex((each) => each > 0);
  const { short, axis } = writerOf(unit);
  const bars = counts.slice(first, last + 1).map((value, offset) => {
    const index = first + offset;
    const from = edges[index] ?? 0;
    const to = edges[index + 1] ?? from;
    return {
      key: String(index),
      label: axis(from),
      value,
      words: `${short(from)} to ${short(to)}: ${fullCount(value)} (${percent(count === 0 ? 0 : value / count)})`,
    };
  });
  return { bars, lastEdge: axis(edges[last + 1] ?? 0) };
};

/** Where numbers lie, as shares of the widest of all series: for a box and its whiskers. */
export interface BoxPlaces {
  readonly low: number;
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  readonly high: number;
}

const QUARTERS = [0.25, 0.5, 0.75] as const;
const WHISKER = 0.95;

/** The box of a series: quarters, and from its least to 95 % of its numbers. Undefined where the quantiles were not asked for. */
export const boxOf = (series: StatisticsSeries, low: number, high: number): BoxPlaces | undefined => {
  const at = (level: number): number | null | undefined =>
    series.quantiles.find((quantile) => quantile.level === level)?.value;
  const [from, middle, to] = QUARTERS.map(at);
  if (series.min === null || typeof from !== 'number' || typeof middle !== 'number' || typeof to !== 'number')
    return undefined;
  const width = high - low || 1;
  const place = (value: number): number => Math.max(0, Math.min(1, (value - low) / width));
  return {
    low: place(series.min),
    from: place(from),
    middle: place(middle),
    to: place(to),
    high: place(at(WHISKER) ?? series.max ?? to),
  };
};

/** The stretch that the boxes of series need. */
export const boxExtent = (series: readonly StatisticsSeries[]): readonly [number, number] => {
  const lows = series.flatMap(({ min }) => (min === null ? [] : [min]));
  const highs = series.flatMap(({ quantiles, max }) => {
    const high = quantiles.find(({ level }) => level === WHISKER)?.value ?? max;
    return high === null ? [] : [high];
  });
  return [Math.min(0, ...lows), Math.max(0, ...highs)];
};

/** A coefficient in words. */
export const correlationWords = (pearson: number): string => {
  const size = Math.abs(pearson);
  if (size < 0.1) return 'no connection to speak of';
  const strength = size < 0.3 ? 'a weak' : size < 0.6 ? 'a clear' : 'a strong';
  return `${strength} connection: ${pearson > 0 ? 'they rise together' : 'one falls as the other rises'}`;
};
