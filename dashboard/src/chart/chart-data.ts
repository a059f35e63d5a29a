import { type Layer, stacked } from './series.ts';

/** How layers are shown. */
export const CHART_MODES = ['bars', 'lines'] as const;
export type ChartMode = (typeof CHART_MODES)[number];

/** What is drawn: times in seconds, and one column of heights a layer. */
export type ChartColumns = [number[], ...(number | null)[][]];

/**
 * The columns for the chart. Bars are heights up to which each layer reaches, the highest first, because what is drawn later covers it. Lines leave
 * out the last bucket where it is not over, as it would look like a fall.
 */
export const chartColumns = (
  starts: readonly number[],
  layers: readonly Layer[],
  {
    mode,
    isHidden,
    lastIsRunning,
  }: {
    readonly mode: ChartMode;
    readonly isHidden: (key: string) => boolean;
    readonly lastIsRunning: boolean;
  },
): ChartColumns => {
  if (mode === 'bars') return [[...starts], ...stacked(layers, isHidden).reverse()];
  const last = starts.length - 1;
  return [
    [...starts],
    ...layers.map(({ key, values }) =>
      values.map((value, index) => (isHidden(key) || (lastIsRunning && index === last) ? null : value)),
    ),
  ];
};
