import type { SeriesIdentity, SeriesChange, TrendChange } from './live.ts';
import type { TrendAnswer, TrendSeries } from './trend.ts';

/** The name of a series within an answer, as text. */
export const seriesKey = ({ group, other, currency }: SeriesIdentity): string =>
  JSON.stringify([
    other,
    currency === undefined ? [] : [currency],
    group === null ? null : Object.entries(group).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  ]);

/** The values of a series after the window moved: `drop` buckets off the beginning, `added` nulls at the end. */
export const shiftedValues = (
  values: readonly (number | null)[],
  drop: number,
  added: number,
): (number | null)[] => [...values.slice(drop), ...new Array<null>(added).fill(null)];

const changedSeries = (
  before: TrendSeries | undefined,
  change: SeriesChange,
  values: (number | null)[],
): TrendSeries => {
  for (const [index, value] of change.points) values[index] = value;
  const { group, other, total } = change;
  const currency = before === undefined ? change.currency : before.currency;
  return {
    group,
    other,
    ...(currency === undefined ? {} : { currency }),
    total,
    ...(change.total_exact === undefined ? {} : { total_exact: change.total_exact }),
    values,
  };
};

/**
 * The answer to a trend after a change: the same as asking anew. Neither argument is changed; series that did not change stay the same objects unless the window moved.
 *
 * @example
 * if (message.op === 'trend_change') answer = applyTrendChange(answer, message);
 */
export const applyTrendChange = (answer: TrendAnswer, change: TrendChange): TrendAnswer => {
  const { drop, add } = change.buckets ?? { drop: 0, add: [] };
  const moved = change.buckets !== undefined;
  const buckets = moved ? [...answer.buckets.slice(drop), ...add] : answer.buckets;
  const removed = new Set(change.removed.map(seriesKey));
  const changes = new Map(change.series.map((each) => [seriesKey(each), each]));
  const kept = answer.series
    .filter((series) => !removed.has(seriesKey(series)))
    .map((series) => {
      const key = seriesKey(series);
      const values = moved ? shiftedValues(series.values, drop, add.length) : series.values;
      const changed = changes.get(key);
      changes.delete(key);
      if (changed !== undefined) return changedSeries(series, changed, [...values]);
      return moved ? { ...series, values } : series;
    });
  const added = [...changes.values()].map((each) =>
    changedSeries(undefined, each, shiftedValues([], 0, buckets.length)),
  );
  const all = [...kept, ...added];
  const { as_of, freshness, range, incomplete, source, statistics } = change;
  return {
    ...answer,
    ...{ as_of, freshness, range, incomplete, source, statistics, buckets },
    series: change.order === undefined ? all : change.order.flatMap((index) => all[index] ?? []),
  };
};
