import { seriesKey, shiftedValues } from '../contract/live-apply.ts';
import type { SeriesChange, TrendChange } from '../contract/live.ts';
import type { TrendAnswer, TrendSeries } from '../contract/trend.ts';

/** How the axis moved: so many buckets off the beginning, these added at the end. Undefined: not like that. */
const movedBuckets = (
  before: readonly string[],
  after: readonly string[],
): { readonly drop: number; readonly add: readonly string[] } | undefined => {
  const [first] = after;
  if (first === undefined) return { drop: before.length, add: [] };
  const at = before.indexOf(first);
  const drop = at < 0 ? before.length : at;
  const kept = before.length - drop;
  for (let index = 0; index < kept; index++) if (before[drop + index] !== after[index]) return undefined;
  return { drop, add: after.slice(kept) };
};

const changeOf = (
  before: TrendSeries | undefined,
  after: TrendSeries,
  base: readonly (number | null)[],
): SeriesChange | undefined => {
  const points = after.values.flatMap((value, index): [number, number | null][] =>
    value === base[index] ? [] : [[index, value]],
  );
  const isSame =
    before !== undefined && before.total === after.total && before.total_exact === after.total_exact;
  if (isSame && points.length === 0) return undefined;
  const { group, other, currency, total, total_exact: exact } = after;
  return {
    group,
    other,
    ...(currency === undefined ? {} : { currency }),
    total,
    ...(exact === undefined ? {} : { total_exact: exact }),
    points,
  };
};

/** The new order, if it is another than what applying the rest gives. */
const orderOf = (given: readonly string[], wanted: readonly string[]): readonly number[] | undefined => {
  if (wanted.every((key, index) => key === given[index])) return undefined;
  const places = new Map(given.map((key, index) => [key, index]));
  return wanted.map((key) => places.get(key) ?? 0);
};

/**
 * What `applyTrendChange` needs to make the later of two answers to one trend out of the earlier one. Undefined where that cannot be told as a change: then the whole answer must be sent.
 */
export const trendChange = (before: TrendAnswer, after: TrendAnswer): TrendChange | undefined => {
  const moved = movedBuckets(before.buckets, after.buckets);
  if (moved === undefined || before.interval !== after.interval) return undefined;
  const earlier = new Map(before.series.map((series) => [seriesKey(series), series]));
  const later = new Set(after.series.map(seriesKey));
  const changes = after.series.flatMap((series) => {
    const was = earlier.get(seriesKey(series));
    const base = shiftedValues(was?.values ?? [], moved.drop, moved.add.length);
    const change = changeOf(
      was,
      series,
      was === undefined ? shiftedValues([], 0, after.buckets.length) : base,
    );
    return change === undefined ? [] : [change];
  });
  const kept = [...earlier.keys()].filter((key) => later.has(key));
  const fresh = changes.map(seriesKey).filter((key) => !earlier.has(key));
  const order = orderOf([...kept, ...fresh], after.series.map(seriesKey));
  const isMoved = moved.drop > 0 || moved.add.length > 0;
  const { as_of, freshness, range, incomplete, source, statistics } = after;
  return {
    ...{ as_of, freshness, range, incomplete, source, statistics },
    ...(isMoved ? { buckets: moved } : {}),
    removed: before.series
      .filter((series) => !later.has(seriesKey(series)))
      .map(({ group, other, currency }) => ({
        group,
        other,
        ...(currency === undefined ? {} : { currency }),
      })),
    series: changes,
    ...(order === undefined ? {} : { order }),
  };
};
