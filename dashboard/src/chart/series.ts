import type { TrendAnswer, TrendSeries } from '../../../src/contract/trend.ts';

/** One line, or layer, of the chart. */
export interface Layer {
  readonly key: string;
  readonly name: string;
  /** Which colour of the palette, from 1; 0 for what is not named. */
  readonly slot: number;
  readonly total: number;
  readonly values: readonly number[];
}

/** Colours that the palette has for named layers. */
export const SLOTS = 7;

/** The key of the layer of all that is not named. */
export const OTHER_KEY = '\u0000other';

const nameOf = (series: TrendSeries): { readonly key: string; readonly name: string } => {
  if (series.other) return { key: OTHER_KEY, name: 'Other' };
  const value = series.group === null ? undefined : Object.values(series.group)[0];
  return value === undefined || value === null ? { key: '', name: '(none)' } : { key: value, name: value };
};

/** Remembers which colour a name has, so that colours do not jump when the order of sizes changes. */
export class Palette {
  readonly #slots = new Map<string, number>();

  /** Gives every key a colour: the one it had, or one that no other of the keys has. */
  slotsOf(keys: readonly string[]): ReadonlyMap<string, number> {
    const wanted = keys.filter((key) => key !== OTHER_KEY).slice(0, SLOTS);
    for (const key of [...this.#slots.keys()]) if (!wanted.includes(key)) this.#slots.delete(key);
    const used = new Set(this.#slots.values());
    for (const key of wanted) {
      if (this.#slots.has(key)) continue;
      const free =
        Array.from({ length: SLOTS }, (_, index) => index + 1).find((slot) => !used.has(slot)) ?? 0;
      used.add(free);
      this.#slots.set(key, free);
    }
    return new Map(this.#slots);
  }

  /** The colour of a name; 0 if it has none. */
  slotOf(key: string): number {
    return this.#slots.get(key) ?? 0;
  }
}

/** The layers of an answer broken down by one field, largest first, what is not named last. */
export const layersOf = ({ series }: TrendAnswer, palette: Palette): Layer[] => {
  const named = series.map((each) => ({ each, ...nameOf(each) }));
  const slots = palette.slotsOf(named.map(({ key }) => key));
  return named.map(({ each, key, name }) => ({
    key,
    name,
    slot: slots.get(key) ?? 0,
    total: each.total ?? 0,
    values: each.values.map((value) => value ?? 0),
  }));
};

/** Where the buckets begin, in seconds since 1970. */
export const bucketSeconds = ({ buckets }: Pick<TrendAnswer, 'buckets'>): number[] =>
  buckets.map((bucket) => Date.parse(bucket) / 1000);

/** All series added up, bucket by bucket. Only for measures that may be added. */
export const summed = ({ series, buckets }: TrendAnswer): number[] =>
  buckets.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));

/** The total over all series. */
export const totalOf = ({ series }: TrendAnswer): number =>
  series.reduce((sum, { total }) => sum + (total ?? 0), 0);

/** Over so many seconds the present rate is taken: long enough to be calm, short enough to be present. */
const RATE_SECONDS = 30;

/**
 * Events a second over the last half minute. `answer` counts in short buckets up to when it was given; the last of them is still filling, so what is
 * counted is divided by the time that has passed in truth.
 */
export const presentRate = (answer: TrendAnswer): number => {
  const nowSeconds = Date.parse(answer.freshness.answered_at) / 1000;
  const starts = bucketSeconds(answer);
  const firstIndex = starts.findIndex((start) => start >= nowSeconds - RATE_SECONDS);
  const first = starts[firstIndex];
  if (first === undefined) return 0;
  const counted = summed(answer)
    .slice(firstIndex)
    .reduce((sum, value) => sum + value, 0);
  return counted / Math.max(1, nowSeconds - first);
};
