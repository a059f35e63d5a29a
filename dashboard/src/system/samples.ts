import type { MetricsAnswer } from '../../../src/contract/system.ts';

type Metric = MetricsAnswer['metrics'][number];

/** What the platform measured at one moment, to be looked up. */
export interface Sample {
  readonly atMs: number;
  readonly metrics: readonly Metric[];
}

/** So many are kept: ten minutes. */
export const SAMPLES_MAX = 120;

/** An answer as a sample. */
export const sampleOf = ({ at, metrics }: MetricsAnswer): Sample => ({ atMs: Date.parse(at), metrics });

/** Adds a sample, unless it is there; a platform that was started anew begins anew, as its counters do. */
export const withSample = (samples: readonly Sample[], next: Sample): readonly Sample[] => {
  const last = samples.at(-1);
  if (last !== undefined && last.atMs >= next.atMs) return samples;
  const began = (sample: Sample): number | undefined =>
    valueOf(sample, 'process_start_time_seconds', { role: 'main' });
  const kept = last !== undefined && began(last) !== began(next) ? [] : samples;
  return [...kept, next].slice(-SAMPLES_MAX);
};

/** Labels that must be as given. */
type Labels = Readonly<Record<string, string>>;

const matches = (metric: Metric, name: string, labels: Labels): boolean =>
  metric.name === name && Object.entries(labels).every(([key, value]) => metric.labels[key] === value);

/** The sum of a metric over all its series with these labels; undefined if there is none. */
export const valueOf = ({ metrics }: Sample, name: string, labels: Labels = {}): number | undefined => {
  let sum: number | undefined;
  for (const metric of metrics)
    if (matches(metric, name, labels))
      sum = (sum ?? 0) + (metric.kind === 'histogram' ? (metric.count ?? 0) : metric.value);
  return sum;
};

/** How much a counter grew a second between neighbouring samples, oldest first. */
export const ratesOf = (samples: readonly Sample[], name: string, labels: Labels = {}): readonly number[] =>
  samples.slice(1).map((sample, index) => {
    const before = samples[index];
    if (before === undefined) return 0;
    const grown = (valueOf(sample, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
    const seconds = (sample.atMs - before.atMs) / 1000;
    return seconds > 0 ? Math.max(0, grown) / seconds : 0;
  });

/** A value over the samples, oldest first; 0 where it was not measured. */
export const wayOf = (samples: readonly Sample[], name: string, labels: Labels = {}): readonly number[] =>
  samples.map((sample) => valueOf(sample, name, labels) ?? 0);

/** The values of a label that a metric has. */
export const labelsOf = ({ metrics }: Sample, name: string, label: string): readonly string[] => [
  ...new Set(metrics.filter((metric) => metric.name === name).map(({ labels }) => labels[label] ?? '')),
];

interface Bucket {
  readonly le: number | null;
  readonly count: number;
}

const bucketsOf = ({ metrics }: Sample, name: string, labels: Labels): readonly Bucket[] => {
  const sums = new Map<number | null, number>();
  for (const metric of metrics) {
    if (!matches(metric, name, labels)) continue;
    for (const { le, count } of metric.buckets ?? []) sums.set(le, (sums.get(le) ?? 0) + count);
  }
  return [...sums]
    .map(([le, count]) => ({ le, count }))
    .sort((a, b) => (a.le ?? Number.POSITIVE_INFINITY) - (b.le ?? Number.POSITIVE_INFINITY));
};

/** What was observed by a histogram between two samples. */
export interface Observed {
  readonly count: number;
  /** Upper bounds of the buckets that hold these shares of the observations; null beyond the last bound. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What a histogram observed from the first sample to the last; undefined if nothing. */
export const observedIn = (
  samples: readonly Sample[],
  name: string,
  labels: Labels = {},
): Observed | undefined => {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const before = new Map(
    (first === last ? [] : bucketsOf(first, name, labels)).map(({ le, count }) => [le, count]),
  );
  const grown = bucketsOf(last, name, labels).map(({ le, count }) => ({
    le,
    count: count - (before.get(le) ?? 0),
  }));
  const count = grown.at(-1)?.count ?? 0;
  if (count <= 0) return undefined;
  const at = (share: number): number | null =>
    grown.find((bucket) => bucket.count >= share * count)?.le ?? null;
  return { count, p50: at(0.5), p99: at(0.99) };
};
