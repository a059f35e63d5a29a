import 'uplot/dist/uPlot.min.css';
import './chart.css';
import './series-chart.css';
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
} from 'react';
import uPlot from 'uplot';
import { themeStore } from '../lib/theme.ts';
import { useMedia } from '../lib/use-media.ts';
import { useStore } from '../lib/use-store.ts';
import { watchSize } from '../lib/watch-size.ts';
import { bucketAt, drawnOf } from './lines.ts';
import {
  bucketTicks,
  type Mark,
  plotData,
  type PlotLook,
  plotOptions,
  type PlotState,
  spanOf,
} from './plot-options.ts';
import type { SeriesChartProps } from './series-chart-props.ts';
import { SeriesTip } from './series-tip.tsx';

/** Where the pointer is: over which bucket, and how far from the left edge of the chart. */
interface Hover {
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

/** The plot's place in the chart, in pixels. */
interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const areaOf = ({ bbox }: uPlot): Area => ({
  left: bbox.left / devicePixelRatio,
  top: bbox.top / devicePixelRatio,
  width: bbox.width / devicePixelRatio,
  height: bbox.height / devicePixelRatio,
});

const isSameArea = (a: Area | undefined, b: Area): boolean =>
  a !== undefined && a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height;

interface PlotProps {
  readonly look: PlotLook;
  readonly state: PlotState;
  readonly onHover: (hover: Hover | undefined) => void;
  readonly onArea: (area: Area) => void;
  readonly onRange?: ((fromMs: number, toMs: number) => void) | undefined;
  readonly onPress?: ((index: number) => void) | undefined;
}

/** A drag shorter than this is a press. */
const DRAG_LEAST_PX = 4;

/** The drawing. New data moves what is there; another look takes a new one (by `key`). */
const Plot = ({ look, state, onHover, onArea, onRange, onPress }: PlotProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const current = useRef(state);
  /** The browser may tell of a click after a drag, too. */
  const wasDragged = useRef(false);
  const isBar = look.mode === 'bar';
  const moved = useEffectEvent((made: uPlot) => {
    const { left = -1 } = made.cursor;
    const index = left < 0 ? -1 : bucketAt(current.current.starts, made.posToVal(left, 'x'), isBar);
    onHover(index < 0 ? undefined : { index, left: left + made.over.offsetLeft, width: made.width });
  });
  const chosen = useEffectEvent((made: uPlot) => {
    const { left, width } = made.select;
    if (width < DRAG_LEAST_PX) return;
    wasDragged.current = true;
    made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    const { starts, endSeconds } = current.current;
    const first = bucketAt(starts, made.posToVal(left, 'x'), true);
    const last = bucketAt(starts, made.posToVal(left + width, 'x'), true);
    onRange?.((starts[first] ?? 0) * 1000, (starts[last + 1] ?? endSeconds) * 1000);
  });
  const pressed = useEffectEvent((made: uPlot) => {
    const { left = -1 } = made.cursor;
    if (!wasDragged.current && left >= 0)
      onPress?.(bucketAt(current.current.starts, made.posToVal(left, 'x'), isBar));
  });
  const placed = useEffectEvent((made: uPlot) => onArea(areaOf(made)));
  const make = useEffectEvent((element: HTMLElement) => {
    const options = plotOptions(element, look, () => current.current);
    const hooks: uPlot.Hooks.Arrays = {
      ...options.hooks,
      setCursor: [(made) => moved(made)],
      setSelect: [(made) => chosen(made)],
      draw: [...(options.hooks?.draw ?? []), (made: uPlot) => placed(made)],
    };
    return new uPlot({ ...options, hooks }, plotData(current.current), element);
  });
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = make(element);
    plot.current = made;
    const onClick = (): void => pressed(made);
    const onDown = (): void => {
      wasDragged.current = false;
    };
    made.over.addEventListener('click', onClick);
    made.over.addEventListener('mousedown', onDown);
    const endWatch = watchSize(element, ({ width, height }) =>
      made.setSize({ width: Math.max(1, width), height: Math.max(1, height) }),
    );
    return () => {
      endWatch();
      made.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => {
    current.current = state;
    plot.current?.setData(plotData(state));
  }, [state]);
  return <div className="chart-canvas" ref={host} data-press={onPress === undefined ? undefined : ''} />;
};

/** Notes on the time axis: a press or the focus shows what they say. */
const Marks = ({
  marks,
  area,
  span,
}: {
  readonly marks: readonly Mark[];
  readonly area: Area;
  readonly span: readonly [number, number];
}): ReactNode => {
  const [from, to] = span;
  return marks.flatMap(({ key, text, fromMs }) => {
    const share = (fromMs / 1000 - from) / (to - from);
    if (share < 0 || share > 1) return [];
    return [
      <button
        key={key}
        type="button"
        className="chart-mark"
        style={{ left: area.left + share * area.width, top: area.top }}
        data-side={share > 0.6 ? 'left' : 'right'}
        aria-label={`Note: ${text}`}
      >
        <span className="chart-mark-text">{text}</span>
      </button>,
    ];
  });
};

/** How the chart looks at present; the key is another when it must be made anew. */
const useLook = (
  props: SeriesChartProps,
  state: PlotState,
): { readonly look: PlotLook; readonly key: string } => {
  const {
    lines,
    mode,
    zone,
    goal,
    stepWord,
    onRange,
    isStacked = false,
    scale = 'linear',
    hasLabels = false,
  } = props;
  const theme = useStore(themeStore);
  const isDark = useMedia('(prefers-color-scheme: dark)');
  const unit = lines[0]?.unit ?? { kind: 'count' };
  const look = {
    mode,
    isStacked,
    scale,
    unit,
    zone,
    stepWord,
    goal,
    hasLabels,
    canZoom: onRange !== undefined,
  };
  const drawn = state.drawn.map(({ line, role }) => [line.key, line.slot, role]);
  return { look, key: JSON.stringify([look, theme, isDark, bucketTicks(state, mode), drawn]) };
};

const NO_MARKS: readonly Mark[] = [];

const MOVES: Readonly<Partial<Record<string, number>>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** Where the pointer would be, were it over the middle of a bucket. */
const hoverAt = (state: PlotState, mode: SeriesChartProps['mode'], area: Area, index: number): Hover => {
  const { starts, endSeconds } = state;
  const [from, to] = spanOf(state, mode);
  const start = starts[index] ?? from;
  const at = mode === 'bar' ? (start + (starts[index + 1] ?? endSeconds)) / 2 : start;
  const left = area.left + (to === from ? 0 : (at - from) / (to - from)) * area.width;
  return { index, left, width: area.left + area.width };
};

/** Moves from bucket to bucket by the keyboard. */
const useKeys = (
  { starts, mode, onPress }: SeriesChartProps,
  state: PlotState,
  area: Area | undefined,
  [hover, setHover]: readonly [Hover | undefined, (hover: Hover | undefined) => void],
) => ({
  onKeyDown: (event: KeyboardEvent): void => {
    const move = MOVES[event.key];
    const last = starts.length - 1;
    if (event.key === 'Escape') setHover(undefined);
    else if (event.key === 'Enter' && hover !== undefined) onPress?.(hover.index);
    else if (move !== undefined && area !== undefined) {
      const next = hover === undefined ? (move > 0 ? 0 : last) : hover.index + move;
      setHover(hoverAt(state, mode, area, Math.max(0, Math.min(last, next))));
    } else return;
    event.preventDefault();
  },
  onBlur: () => setHover(undefined),
});

/** Lines, areas or bars over time. Arrow keys go from bucket to bucket. */
export const SeriesChart = (props: SeriesChartProps): ReactNode => {
  const { label, starts, endSeconds, lines, mode, hidden, incomplete, onRange, onPress } = props;
  const { isStacked = false, marks = NO_MARKS } = props;
  const hovering = useState<Hover>();
  const [hover, setHover] = hovering;
  const [area, setArea] = useState<Area>();
  const { first, last } = incomplete;
  const state = useMemo<PlotState>(() => {
    const drawing = { mode, isStacked, hidden, incomplete: { first, last } };
    return { starts, endSeconds, marks, drawn: drawnOf(lines, drawing) };
  }, [starts, endSeconds, marks, lines, mode, isStacked, hidden, first, last]);
  const { look, key } = useLook(props, state);
  const keys = useKeys(props, state, area, hovering);
  return (
    <div className="chart series-chart" onPointerLeave={() => setHover(undefined)}>
      <div className="chart-picture" role="img" aria-label={label} tabIndex={0} {...keys}>
        <Plot
          key={key}
          look={look}
          state={state}
          onHover={setHover}
          onArea={(next) => setArea((now) => (isSameArea(now, next) ? now : next))}
          onRange={onRange}
          onPress={onPress}
        />
      </div>
      {area === undefined || marks.length === 0 ? null : (
        <Marks marks={marks} area={area} span={spanOf(state, mode)} />
      )}
      {hover === undefined ? null : <SeriesTip chart={props} {...hover} />}
    </div>
  );
};
