import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { type ReactNode, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { axisCount, clock, clockMinute, day, fullCount, shortCount } from '../lib/format.ts';
import { themeStore } from '../lib/theme.ts';
import { useMedia } from '../lib/use-media.ts';
import { useStore } from '../lib/use-store.ts';
import type { Layer } from './series.ts';
import { type ChartColumns, chartColumns, type ChartMode } from './chart-data.ts';

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

/** A colour as the canvas takes it: it knows nothing of CSS variables. */
const resolved = (host: HTMLElement, variable: string): string => {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

const DAY_SECONDS = 86_400;

const timeLabel = (seconds: number, span: number): string => {
  const at = new Date(seconds * 1000);
  if (span > 2 * DAY_SECONDS) return at.getHours() === 0 && at.getMinutes() === 0 ? day(at) : clockMinute(at);
  return clockMinute(at);
};

const momentText = (seconds: number, span: number): string => {
  const at = new Date(seconds * 1000);
  if (span <= DAY_SECONDS / 12) return clock(at);
  if (span <= DAY_SECONDS) return clockMinute(at);
  return span > 20 * DAY_SECONDS ? day(at, true) : `${day(at)}, ${clockMinute(at)}`;
};

/** Half the width of a letter on the axis, about. */
const HALF_LETTER_PX = 3.2;
/** Right of the plot. */
const RIGHT_PX = 4;

/** Whether a label under this moment does not run over the right edge. */
const isWhole = (plot: uPlot, seconds: number, text: string): boolean =>
  plot.valToPos(seconds, 'x') + text.length * HALF_LETTER_PX <= plot.bbox.width / devicePixelRatio + RIGHT_PX;

const axesOf = (host: HTMLElement): uPlot.Axis[] => {
  const stroke = resolved(host, '--ink-3');
  const grid = { stroke: resolved(host, '--grid'), width: 1 };
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  return [
    {
      stroke,
      font,
      grid: { show: false },
      ticks: { show: false },
      size: 24,
      gap: 6,
      space: 72,
      values: (plot, splits) => {
        const { min = 0, max = 0 } = plot.scales['x'] ?? {};
        return splits.map((split) => {
          const text = timeLabel(split, (max ?? 0) - (min ?? 0));
          return isWhole(plot, split, text) ? text : null;
        });
      },
    },
    {
      stroke,
      font,
      grid,
      ticks: { show: false },
      size: (_, values) => 14 + 7 * Math.max(2, ...(values ?? []).map(({ length }) => length)),
      gap: 6,
      space: 36,
      incrs: [
        1,
        2,
        5,
        10,
        20,
        25,
        50,
        100,
        200,
        250,
        500,
        ...[1, 2, 2.5, 5].flatMap((n) => [3, 4, 5, 6, 7, 8].map((e) => n * 10 ** e)),
      ].sort((a, b) => a - b),
      values: (_, splits) => splits.map(axisCount),
    },
  ];
};

/** Bars fill their bucket but for a gap; the widest is so many pixels. */
const BAR = { share: 0.82, widestPx: 48 };

const seriesOf = (host: HTMLElement, layers: readonly Layer[], mode: ChartMode): uPlot.Series[] => {
  const bars = uPlot.paths.bars?.({ size: [BAR.share, BAR.widestPx], align: 1 });
  const drawn = mode === 'bars' ? [...layers].reverse() : layers;
  return drawn.map(({ name, slot }) => {
    const color = resolved(host, slot === 0 ? '--series-other' : `--series-${slot}`);
    const looks =
      mode === 'bars'
        ? { fill: color, width: 0, ...(bars === undefined ? {} : { paths: bars }) }
        : { width: 1.75 };
    return { label: name, stroke: color, points: { show: false }, ...looks };
  });
};

interface Hover {
  readonly index: number;
  readonly left: number;
  readonly isRight: boolean;
}

const optionsOf = (
  host: HTMLElement,
  props: TimeChartProps,
  onHover: (hover: Hover | undefined) => void,
): uPlot.Options => ({
  width: host.clientWidth,
  height: host.clientHeight,
  padding: [8, RIGHT_PX, 0, 0],
  legend: { show: false },
  cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
  scales: {
    x: { time: true },
    y: { range: (_, __, max) => [0, Math.max(4, (max ?? 0) * 1.08)] },
  },
  axes: axesOf(host),
  series: [{}, ...seriesOf(host, props.layers, props.mode)],
  hooks: {
    setCursor: [
      ({ cursor: { idx, left = -1 }, over }) =>
        onHover(
          typeof idx === 'number' && left >= 0
            ? { index: idx, left: left + over.offsetLeft, isRight: left > over.clientWidth / 2 }
            : undefined,
        ),
    ],
  },
});

interface PlotProps {
  readonly props: TimeChartProps;
  readonly columns: ChartColumns;
  readonly onHover: (hover: Hover | undefined) => void;
}

/** The drawing. New data moves what is there; other layers, another mode or other colours take a new one (by `key`). */
const Plot = ({ props, columns, onHover }: PlotProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [min, max] = props.span;
  const make = useEffectEvent((element: HTMLElement) => {
    const made = new uPlot(optionsOf(element, props, onHover), columns, element);
    made.setScale('x', { min, max });
    return made;
  });
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = make(element);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => {
    plot.current?.batch((drawn: uPlot) => {
      drawn.setData(columns, false);
      drawn.setScale('x', { min, max });
    });
  }, [columns, min, max]);
  return <div className="chart-canvas" ref={host} />;
};

const Tip = ({ props, hover }: { readonly props: TimeChartProps; readonly hover: Hover }): ReactNode => {
  const { starts, layers, hidden, span } = props;
  const { index, left, isRight } = hover;
  const shown = layers.filter(({ key }) => !hidden.has(key));
  const total = shown.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
  const moment = momentText(starts[index] ?? 0, span[1] - span[0]);
  const shift = isRight ? 'translateX(calc(-100% - 12px))' : 'translateX(12px)';
  return (
    <div className="chart-tip" style={{ left, transform: shift }} aria-hidden="true">
      <div className="chart-tip-time">
        <span>{moment}</span>
        <span className="number">{fullCount(total)}</span>
      </div>
      {shown
        .filter(({ values }) => (values[index] ?? 0) > 0)
        .map(({ key, name, slot, values }) => (
          <div className="chart-tip-row" key={key}>
            <span className="swatch" data-slot={slot} />
            <span className="truncate">{name}</span>
            <span className="number">{fullCount(values[index] ?? 0)}</span>
          </div>
        ))}
    </div>
  );
};

/** Layers over time: stacked bars, or lines. */
export const TimeChart = (props: TimeChartProps): ReactNode => {
  const { label, starts, layers, mode, hidden, lastIsRunning } = props;
  const theme = useStore(themeStore);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  const [hover, setHover] = useState<Hover>();
  const columns = useMemo(
    () => chartColumns(starts, layers, { mode, isHidden: (key) => hidden.has(key), lastIsRunning }),
    [starts, layers, mode, hidden, lastIsRunning],
  );
  const look = JSON.stringify([mode, theme, isDark, layers.map(({ key, slot }) => [key, slot])]);
  return (
    <div className="chart" role="img" aria-label={label}>
      <Plot key={look} props={props} columns={columns} onHover={setHover} />
      {hover === undefined ? null : <Tip props={props} hover={hover} />}
    </div>
  );
};

interface LegendProps {
  readonly layers: readonly Layer[];
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (key: string) => void;
}

/** Names, colours and totals of the layers; pressing one hides or shows it. */
export const Legend = ({ layers, hidden, onToggle }: LegendProps): ReactNode => (
  <div className="legend" role="group" aria-label="Shown in the chart">
    {layers.map(({ key, name, slot, total }) => (
      <button
        key={key}
        type="button"
        className="legend-item"
        aria-pressed={!hidden.has(key)}
        onClick={() => onToggle(key)}
      >
        <span className="swatch" data-slot={slot} />
        <span className="truncate" title={name}>
          {name}
        </span>
        <span className="number" title={fullCount(total)}>
          {shortCount(total)}
        </span>
      </button>
    ))}
  </div>
);
