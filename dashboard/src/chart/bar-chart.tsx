import './bar-chart.css';
import { max, min } from 'd3-array';
import { scaleBand, scaleLinear } from 'd3-scale';
import { type ReactNode, useRef, useState } from 'react';
import { textScale } from '../lib/text-scale.ts';
import { useSize } from '../lib/use-size.ts';
import { colourOf } from './colours.ts';
import { type Unit, writerOf } from './units.ts';

/** A bar. */
export interface Bar {
  readonly key: string;
  /** Below it, where there is room. */
  readonly label: string;
  readonly value: number;
  /** What is said of it when it is looked at. */
  readonly words: string;
  readonly slot?: number;
  /** It may still change. */
  readonly isOpen?: boolean;
}

interface BarChartProps {
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly unit: Unit;
  /** What the labels below count. */
  readonly below?: string;
  /** Bars that touch: each is a stretch of an axis, and its label stands at its left edge; this is the label of the last right edge. */
  readonly lastEdge?: string | undefined;
  readonly onPress?: ((key: string) => void) | undefined;
}

/** Around the bars, the width of a letter, and room beside labels, in pixels. */
const marginsOf = (scale = textScale()) => ({
  ...{ top: 12 * scale, right: 8, bottom: 22 * scale },
  ...{ letter: 6.6 * scale, gap: 6 * scale },
});
type Margins = ReturnType<typeof marginsOf>;
const TICKS = 4;
/** Bars that do not touch are not wider. */
const WIDEST_PX = 84;

interface Hover {
  readonly index: number;
  readonly x: number;
  readonly isRight: boolean;
}

/** Labels so far apart that they do not touch. */
const everyOf = (bars: readonly Bar[], step: number, { letter, gap }: Margins): number => {
  const longest = max(bars, ({ label }) => label.length) ?? 1;
  return Math.max(1, Math.ceil((longest * letter + gap + 4) / Math.max(1, step)));
};

interface DrawingProps extends BarChartProps {
  readonly width: number;
  readonly height: number;
  readonly margins: Margins;
  readonly onHover: (hover: Hover | undefined) => void;
}

const scalesOf = ({ bars, unit, lastEdge, width, height, margins }: DrawingProps) => {
  const y = scaleLinear()
    .domain([Math.min(0, min(bars, ({ value }) => value) ?? 0), max(bars, ({ value }) => value) || 1])
    .nice(TICKS)
    .range([height - margins.bottom, margins.top]);
  const ticks = y.ticks(TICKS).filter((tick) => unit.kind !== 'count' || Number.isInteger(tick));
  const write = writerOf(unit).axis;
  const left = margins.gap + 4 + margins.letter * Math.max(2, ...ticks.map((tick) => write(tick).length));
  const isTouching = lastEdge !== undefined;
  const x = scaleBand<number>()
    .domain(bars.map((_, index) => index))
    .range([left, width - margins.right])
    .paddingInner(isTouching ? 0.04 : 0.22)
    .paddingOuter(isTouching ? 0 : 0.12);
  return { x, y, ticks, left, write };
};

interface OneProps {
  readonly bar: Bar;
  /** Where the bar is, and where its share of the axis begins. */
  readonly place: {
    readonly x: number;
    readonly width: number;
    readonly from: number;
    readonly step: number;
  };
  readonly y: (value: number) => number;
  readonly height: number;
  readonly margins: Margins;
  readonly isTouching: boolean;
  readonly onLook: () => void;
  readonly onPress: ((key: string) => void) | undefined;
}

const One = ({ bar, place, y, height, margins, isTouching, onLook, onPress }: OneProps): ReactNode => (
  <>
    <rect
      className="bars-bar"
      x={place.x}
      y={Math.min(y(bar.value), y(0))}
      width={Math.max(1, place.width)}
      height={Math.max(bar.value === 0 ? 0 : 1, Math.abs(y(bar.value) - y(0)))}
      rx={isTouching ? 0 : 2}
      style={{ fill: colourOf(bar.slot ?? 1, bar.isOpen === true ? 55 : 100) }}
    />
    <rect
      className="bars-place"
      data-press={onPress === undefined ? undefined : ''}
      x={place.from}
      y={margins.top}
      width={Math.max(1, place.step)}
      height={Math.max(0, height - margins.top - margins.bottom)}
      onPointerMove={onLook}
      onClick={() => onPress?.(bar.key)}
    />
  </>
);

const Drawing = (props: DrawingProps): ReactNode => {
  const { bars, lastEdge, onPress, width, height, margins, onHover } = props;
  const { x, y, ticks, left, write } = scalesOf(props);
  const isTouching = lastEdge !== undefined;
  const every = everyOf(bars, x.step(), margins);
  const barWidth = isTouching ? x.bandwidth() : Math.min(WIDEST_PX, x.bandwidth());
  return (
    <svg width={width} height={height} aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick} className="bars-tick">
          <line x1={left} x2={width - margins.right} y1={y(tick)} y2={y(tick)} />
          <text x={left - margins.gap} y={y(tick)} dy="0.32em" textAnchor="end">
            {write(tick)}
          </text>
        </g>
      ))}
      {bars.map((bar, index) => {
        const at = x(index) ?? 0;
        const middle = at + x.bandwidth() / 2;
        return (
          <g key={bar.key}>
            <One
              bar={bar}
              place={{ x: middle - barWidth / 2, width: barWidth, from: at, step: x.step() }}
              y={y}
              height={height}
              margins={margins}
              isTouching={isTouching}
              onLook={() => onHover({ index, x: middle, isRight: at > (width + left) / 2 })}
              onPress={onPress}
            />
            {index % every === 0 ? (
              <text
                className="bars-label"
                x={isTouching ? at : middle}
                y={height - margins.gap}
                textAnchor={isTouching && index === 0 ? 'start' : 'middle'}
              >
                {bar.label}
              </text>
            ) : null}
          </g>
        );
      })}
      {isTouching && bars.length % every === 0 ? (
        <text className="bars-label" x={width - margins.right} y={height - margins.gap} textAnchor="end">
          {lastEdge}
        </text>
      ) : null}
    </svg>
  );
};

/** Bars beside each other: how often something was in each of a few stretches. */
export const BarChart = (props: BarChartProps): ReactNode => {
  const { label, bars, below } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [hover, setHover] = useState<Hover>();
  const looked = hover === undefined ? undefined : bars[hover.index];
  return (
    <div className="bars">
      <div
        className="bars-box"
        ref={box}
        role="img"
        aria-label={`${label}: ${bars
          .filter(({ value }) => value > 0)
          .slice(0, 12)
          .map(({ words }) => words)
          .join('; ')}`}
        onPointerLeave={() => setHover(undefined)}
      >
        {size === undefined || size.width === 0 ? null : (
          <Drawing
            {...props}
            width={size.width}
            height={size.height}
            margins={marginsOf()}
            onHover={setHover}
          />
        )}
        {looked === undefined || hover === undefined ? null : (
          <div
            className="chart-tip"
            style={{
              left: hover.x,
              transform: hover.isRight ? 'translateX(calc(-100% - 10px))' : 'translateX(10px)',
            }}
            aria-hidden="true"
          >
            {looked.words}
          </div>
        )}
      </div>
      {below === undefined ? null : <div className="bars-below">{below}</div>}
    </div>
  );
};
