import { type ReactNode, useMemo } from 'react';
import { useTimeZone } from '../lib/time-zone.ts';
import type { ChartMode } from './chart-modes.ts';
import { LinesLegend } from './legend.tsx';
import type { Line } from './lines.ts';
import type { Layer } from './series.ts';
import { SeriesChart } from './series-chart.tsx';

interface TimeChartProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly starts: readonly number[];
  /** First and last second of the axis. */
  readonly span: readonly [number, number];
  readonly layers: readonly Layer[];
  readonly mode: ChartMode;
  readonly hidden: ReadonlySet<string>;
  readonly lastIsRunning: boolean;
}

const linesOf = (layers: readonly Layer[]): Line[] =>
  layers.map((layer) => ({ ...layer, unit: { kind: 'count' } }));

/** Layers of events over time: stacked bars, or lines. */
export const TimeChart = (props: TimeChartProps): ReactNode => {
  const { label, starts, span, layers, mode, hidden, lastIsRunning } = props;
  const lines = useMemo(() => linesOf(layers), [layers]);
  const zone = useTimeZone();
  const isBars = mode === 'bars';
  return (
    <SeriesChart
      label={label}
      starts={starts}
      endSeconds={span[1]}
      lines={lines}
      mode={isBars ? 'bar' : 'line'}
      isStacked={isBars}
      zone={zone}
      hidden={hidden}
      incomplete={{ first: false, last: lastIsRunning }}
    />
  );
};

interface LegendProps {
  readonly layers: readonly Layer[];
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (key: string) => void;
}

/** Names, colours and totals of the layers; pressing one hides or shows it. */
export const Legend = ({ layers, hidden, onToggle }: LegendProps): ReactNode => (
  <LinesLegend lines={linesOf(layers)} hidden={hidden} onToggle={onToggle} />
);
