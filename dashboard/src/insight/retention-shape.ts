import type { RetentionAnswer, RetentionSeries } from '../../../src/contract/retention.ts';
import { fullCount, percent } from '../lib/format.ts';
import { dateIn, dayIn, monthIn } from '../lib/zoned.ts';
import { groupWords } from './words.ts';

/** A cell of the heat map. */
export interface HeatCell {
  readonly period: number;
  /** Null: nothing is known. */
  readonly rate: number | null;
  /** `over`: the period is over. `running`: it is under way, and the rate may still rise. `none`: it lies in the future, or nobody is in the cohort. */
  readonly state: 'over' | 'running' | 'none';
  /** 0 to 1: how strong its colour is. */
  readonly heat: number;
  /** What is said of it when it is looked at. */
  readonly words: string;
}

/** A row: a cohort, or the mean over all. */
export interface HeatRow {
  readonly key: string;
  /** Beginning of the cohort; null for means. */
  readonly start: string | null;
  readonly name: string;
  readonly size: number;
  /** The cohort still grows. */
  readonly isGrowing: boolean;
  readonly cells: readonly HeatCell[];
}

interface RawCell {
  readonly rate: number | null;
  readonly count: number | null;
  readonly of: number;
  readonly state: HeatCell['state'];
}

const cellsOf = ({ counts, rates, running, size }: RetentionSeries['cohorts'][number]): RawCell[] =>
  counts.map((count, period) => {
    if (running?.period === period && size > 0)
      return { rate: running.count / size, count: running.count, of: size, state: 'running' };
    const rate = rates[period] ?? null;
    return { rate, count, of: size, state: rate === null ? 'none' : 'over' };
  });

const meanOf = ({ average }: RetentionSeries): RawCell[] =>
  average.rates.map((rate, period) => {
    const of = average.sizes[period] ?? 0;
    return {
      rate,
      count: rate === null ? null : Math.round(rate * of),
      of,
      state: rate === null ? 'none' : 'over',
    };
  });

/** Period 0 is nearly always everybody: it would leave no colours for the others. */
const hottest = (rows: readonly (readonly RawCell[])[]): number =>
  Math.max(1e-9, ...rows.flatMap((cells) => cells.slice(1).map(({ rate }) => rate ?? 0)));

const wordsOf = (name: string, period: string, cell: RawCell): string => {
  if (cell.rate === null || cell.count === null) return `${name}, ${period}: not known yet`;
  const soFar = cell.state === 'running' ? ' so far' : '';
  return `${name}, ${period}: ${fullCount(cell.count)} of ${fullCount(cell.of)} (${percent(cell.rate)})${soFar}`;
};

const heated = (name: string, unit: string, cells: readonly RawCell[], most: number): HeatCell[] =>
  cells.map((cell, period) => ({
    period,
    rate: cell.rate,
    state: cell.state,
    heat: cell.rate === null ? 0 : Math.min(1, cell.rate / most),
    words: wordsOf(name, `${unit} ${period}`, cell),
  }));

const cohortName = (start: string, period: RetentionAnswer['period'], zone: string): string => {
  if (period === 'month') return monthIn(start, zone);
  return period === 'week' ? `${dayIn(start, zone)} (week)` : dateIn(start, zone);
};

/** The rows of the heat map of one group: the mean over its cohorts first, weighted by their sizes. */
export const cohortRows = (answer: RetentionAnswer, series: RetentionSeries, zone: string): HeatRow[] => {
  const raw = series.cohorts.map(cellsOf);
  const mean = meanOf(series);
  const most = hottest([mean, ...raw]);
  return [
    {
      key: 'mean',
      start: null,
      name: 'Mean',
      size: series.size,
      isGrowing: false,
      cells: heated('Mean', answer.period, mean, most),
    },
    ...series.cohorts.map(({ start, size, complete }, index) => {
      const name = cohortName(start, answer.period, zone);
      return {
        key: start,
        start,
        name,
        size,
        isGrowing: !complete,
        cells: heated(name, answer.period, raw[index] ?? [], most),
      };
    }),
  ];
};

/** The rows of the heat map of all groups: the mean of each. */
export const groupRows = (answer: RetentionAnswer): HeatRow[] => {
  const raw = answer.series.map(meanOf);
  const most = hottest(raw);
  return answer.series.map((series, index) => {
    const name = groupWords(series.group, series.other);
    return {
      key: String(index),
      start: null,
      name,
      size: series.size,
      isGrowing: false,
      cells: heated(name, answer.period, raw[index] ?? [], most),
    };
  });
};
