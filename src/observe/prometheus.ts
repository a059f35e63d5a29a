import type { Labels, MetricState } from '../lib/telemetry.ts';

/** Content type of the exposition, version 0.0.4 of the text format. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Series as Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats. Series of one name are put together, as the format demands,
 * in the order of their first one. Of several series with the same name and labels the first is kept.
 */
export const prometheusText = (series: readonly MetricState[]): string => {
  const families = new Map<string, Map<string, MetricState>>();
  for (const state of series) {
    const family = families.get(state.name) ?? new Map<string, MetricState>();
    families.set(state.name, family);
    const labels = labelText(state.labels);
    if (!family.has(labels)) family.set(labels, state);
  }
  let text = '';
  for (const [name, family] of families) {
    const [first] = family.values();
    if (first === undefined) continue;
    text += `# HELP ${name} ${first.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${first.kind}\n`;
    for (const state of family.values())
      text += state.kind === 'histogram' ? histogramText(state) : valueText(state);
  }
  return text;
};

const valueText = ({ name, labels, value }: MetricState): string =>
  `${name}${labelText(labels)} ${numberText(value)}\n`;

const histogramText = (state: MetricState): string => {
  const lines = cumulativeBuckets(state).map(
    ({ le, count }) =>
      `${state.name}_bucket${labelText({ ...state.labels, le: le === null ? '+Inf' : String(le) })} ${count}\n`,
  );
  const labels = labelText(state.labels);
  return `${lines.join('')}${state.name}_sum${labels} ${numberText(state.value)}\n${state.name}_count${labels} ${state.count ?? 0}\n`;
};

/** The buckets of a histogram, each counting all observations up to its bound; the last has none. */
export const cumulativeBuckets = ({
  buckets = [],
  counts = [],
}: MetricState): { le: number | null; count: number }[] => {
  let sum = 0;
  return counts.map((count, index) => {
    sum += count;
    return { le: buckets[index] ?? null, count: sum };
  });
};

const labelText = (labels: Labels): string => {
  const pairs = Object.keys(labels).map((name) => `${name}="${escaped(labels[name] ?? '')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const numberText = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
};
