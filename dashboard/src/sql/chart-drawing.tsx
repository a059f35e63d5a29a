import '../chart/chart.css';
import { scaleLinear } from 'd3-scale';
import { line as lineOf } from 'd3-shape';
import { type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { axisCount } from '../lib/format.ts';
import { type Size, useSize } from '../lib/use-size.ts';
import { CHART_MAX, type ResultChart } from './result-chart.ts';
import { NUMBERS } from '../lib/numbers.ts';

const MARGIN = { top: 8, right: 8, bottom: 24, left: 8 } as const;
const TICKS = 5;
const LETTER_PX = 6.4;
/** Room of one label along the axis. */
const LABEL_PX = { least: 56, most: 132 } as const;
const GROUP_SHARE = 0.76;
const BAR_MOST_PX = 56;

interface Plan {
  readonly size: Size;
  readonly left: number;
  /** The room of one place. */
  readonly step: number;
  readonly x: (place: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
}

/** The least distance of times, as a share of their whole. */
const leastGap = (times: readonly number[]): number => {
  const whole = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  return whole === 0 ? 1 : Math.min(...gaps.filter((gap) => gap > 0)) / whole;
};

/** Where the places are along the axis. Times keep their distances; the first and the last have as much room as the nearest two. */
const placesOf = ({ labels, times }: ResultChart, left: number, width: number): Pick<Plan, 'step' | 'x'> => {
  if (times === undefined || times.length < 2) {
    const step = width / Math.max(1, labels.length);
    return { step, x: (place) => left + (place + 0.5) * step };
  }
  const step = Math.max(width / CHART_MAX.places / 2, width / (1 + 1 / leastGap(times)));
  const [from = 0] = times;
  const whole = (times.at(-1) ?? 0) - from;
  return { step, x: (place) => left + step / 2 + (((times[place] ?? 0) - from) / whole) * (width - step) };
};

const planOf = (chart: ResultChart, size: Size): Plan => {
  const values = chart.series.flatMap((each) => each.values.filter((value) => value !== null));
  const scale = scaleLinear()
    .domain([Math.min(0, ...values), Math.max(0, ...values) || 1])
    .range([size.height - MARGIN.bottom, MARGIN.top])
    .nice(TICKS);
  const ticks = scale.ticks(TICKS);
  const left = MARGIN.left + LETTER_PX * Math.max(2, ...ticks.map((tick) => axisCount(tick).length)) + 6;
  const width = Math.max(0, size.width - left - MARGIN.right);
  return { size, left, ...placesOf(chart, left, width), y: (value) => scale(value), ticks };
};

/** The place that is nearest to a point of the axis. */
const nearest = ({ x }: Plan, count: number, px: number): number => {
  let best = 0;
  for (let place = 1; place < count; place += 1)
    if (Math.abs(x(place) - px) < Math.abs(x(best) - px)) best = place;
  return best;
};

const cut = (text: string, px: number): string => {
  const room = Math.max(2, Math.floor(px / LETTER_PX));
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
};

/** Words of times shorter than as they come: the day, the minute. */
const axisWords = (label: string): string => {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(label) ?? [];
  if (day === undefined || time === undefined) return label;
  return time === '00:00' ? day : `${day.slice(5)} ${time}`;
};

const Axes = ({ chart, plan }: { readonly chart: ResultChart; readonly plan: Plan }): ReactNode => {
  const { size, left, step, x, y, ticks } = plan;
  const longest = Math.max(4, ...chart.labels.slice(0, 200).map((label) => axisWords(label).length));
  const room = Math.min(LABEL_PX.most, Math.max(LABEL_PX.least, longest * LETTER_PX + 10));
  const shown = new Set<number>();
  let free = left - room;
  for (let place = 0; place < chart.labels.length; place += 1)
    if (x(place) - room / 2 >= free && x(place) + room / 2 <= size.width + 6) {
      shown.add(place);
      free = x(place) + room / 2;
    }
  return (
    <g className="sql-axes">
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            className={tick === 0 ? 'sql-zero' : 'sql-grid'}
            x1={left}
            x2={size.width - MARGIN.right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text x={left - 6} y={y(tick) + 3.5} textAnchor="end">
            {axisCount(tick)}
          </text>
        </g>
      ))}
      {chart.labels.map((label, place) =>
        shown.has(place) ? (
          <text key={place} x={x(place)} y={size.height - 8} textAnchor="middle">
            {cut(axisWords(label), Math.max(step, room))}
          </text>
        ) : null,
      )}
    </g>
  );
};

const Bars = ({ chart, plan }: { readonly chart: ResultChart; readonly plan: Plan }): ReactNode => {
  const { step, x, y } = plan;
  const width = Math.min(BAR_MOST_PX, (step * GROUP_SHARE) / chart.series.length);
  const first = (width * chart.series.length) / -2;
  return chart.series.map(({ values }, at) => (
    <g key={at} fill={`var(--series-${at + 1})`}>
      {values.map((value, place) =>
        value === null ? null : (
          <rect
            key={place}
            x={x(place) + first + at * width}
            width={Math.max(0.5, width - (width > 6 ? 1 : 0))}
            y={Math.min(y(value), y(0))}
            height={Math.max(value === 0 ? 0 : 1, Math.abs(y(value) - y(0)))}
            rx={width > 8 ? 2 : 0}
          />
        ),
      )}
    </g>
  ));
};

const Lines = ({ chart, plan }: { readonly chart: ResultChart; readonly plan: Plan }): ReactNode => {
  const { x, y } = plan;
  const path = lineOf<number | null>()
    .defined((value) => value !== null)
    .x((_, place) => x(place))
    .y((value) => y(value ?? 0));
  return chart.series.map(({ values }, at) => (
    <g key={at} stroke={`var(--series-${at + 1})`} fill="none" strokeWidth="1.75" strokeLinejoin="round">
      <path d={path([...values]) ?? ''} />
      {values.map((value, place) =>
        value !== null && (values[place - 1] ?? null) === null && (values[place + 1] ?? null) === null ? (
          <circle key={place} cx={x(place)} cy={y(value)} r="2" fill={`var(--series-${at + 1})`} />
        ) : null,
      )}
    </g>
  ));
};

const Tip = ({
  chart,
  plan,
  place,
}: {
  readonly chart: ResultChart;
  readonly plan: Plan;
  readonly place: number;
}): ReactNode => {
  const left = plan.x(place);
  const shift = left > plan.size.width / 2 ? 'translateX(calc(-100% - 12px))' : 'translateX(12px)';
  return (
    <div className="chart-tip" style={{ left, transform: shift }} aria-hidden="true">
      <div className="chart-tip-time">{chart.labels[place]}</div>
      {chart.series.map(({ name, values }, at) =>
        values[place] === null || values[place] === undefined ? null : (
          <div key={at} className="chart-tip-row">
            <span className="swatch" data-slot={at + 1} />
            <span className="truncate">{name}</span>
            <span className="number">{NUMBERS.upTo(values[place], 6)}</span>
          </div>
        ),
      )}
    </div>
  );
};

interface ChartDrawingProps {
  readonly chart: ResultChart;
  readonly kind: 'bars' | 'line';
  /** What it shows, for screen readers. */
  readonly label: string;
}

/** Numbers over anything: days, names, whatever the first column holds. */
export const ChartDrawing = ({ chart, kind, label }: ChartDrawingProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const size = useSize(host);
  const [place, setPlace] = useState<number>();
  const plan = size === undefined ? undefined : planOf(chart, size);
  const onMove = ({ clientX, currentTarget }: PointerEvent): void => {
    if (plan === undefined) return;
    const px = clientX - currentTarget.getBoundingClientRect().left;
    setPlace(px < plan.left ? undefined : nearest(plan, chart.labels.length, px));
  };
  return (
    <div
      ref={host}
      className="sql-drawing"
      role="img"
      aria-label={label}
      onPointerMove={onMove}
      onPointerDown={onMove}
      onPointerLeave={() => setPlace(undefined)}
    >
      {plan === undefined ? null : (
        <svg width={plan.size.width} height={plan.size.height} aria-hidden="true">
          {place === undefined ? null : (
            <rect
              className="sql-here"
              x={plan.x(place) - Math.max(1, plan.step) / 2}
              width={Math.max(1, plan.step)}
              y={MARGIN.top}
              height={plan.size.height - MARGIN.top - MARGIN.bottom}
            />
          )}
          <Axes chart={chart} plan={plan} />
          {kind === 'bars' ? <Bars chart={chart} plan={plan} /> : <Lines chart={chart} plan={plan} />}
        </svg>
      )}
      {plan === undefined || place === undefined || place >= chart.labels.length ? null : (
        <Tip {...{ chart, plan, place }} />
      )}
    </div>
  );
};
