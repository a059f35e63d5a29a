/** How layers of events are shown. */
export const CHART_MODES = ['bars', 'lines'] as const;
export type ChartMode = (typeof CHART_MODES)[number];
