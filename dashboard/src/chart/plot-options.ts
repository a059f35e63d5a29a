import uPlot from 'uplot';
import { textScale } from '../lib/text-scale.ts';
import { colourOf } from './colours.ts';
import { type Drawn, extentOf, type LineMode } from './lines.ts';
import { stepOf, stepText, tickText } from './time-words.ts';
import { type Unit, writerOf } from './units.ts';

/** A stretch of time with a note, or an instant: milliseconds since 1970. */
export interface Mark {
  readonly key: string;
  readonly text: string;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** What a plot needs to know beside its data. */
export interface PlotLook {
  readonly mode: LineMode;
  readonly isStacked: boolean;
  readonly scale: 'linear' | 'log';
  readonly unit: Unit;
  readonly zone: string;
  /** The axis counts such steps from 0. */
  readonly stepWord: string | undefined;
  readonly goal: number | undefined;
  readonly canZoom: boolean;
  /** Numbers stand beside what is drawn, where there is room. */
  readonly hasLabels: boolean;
}

/** What changes while a plot stays. */
export interface PlotState {
  readonly starts: readonly number[];
  readonly endSeconds: number;
  readonly drawn: readonly Drawn[];
  readonly marks: readonly Mark[];
}

/** A colour as the canvas takes it: it knows nothing of CSS variables. */
export const resolvedColour = (host: HTMLElement, colour: string): string => {
  const probe = document.createElement('span');
  probe.style.color = colour;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
};

/** Room right of the plot; more where the last bucket has a label, which is drawn around its end. */
const RIGHT_PX = 6;
/** Ticks of a logarithmic axis. */
const POWERS_MAX = 7;
const TICK_ROOM_PX = 76;
/** Half the width of a letter on the axis, about. */
const HALF_LETTER_PX = 3.2;

const SECOND = 1000;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * 60 * SECOND),
  ...[1, 2, 3, 6, 12].map((n) => n * 3600 * SECOND),
  ...[1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365].map((n) => n * 86_400 * SECOND),
];

const steps = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((power) =>
    [1, 2, 2.5, 5].map((n) => Number((n * 10 ** power).toPrecision(2))),
  );

const stepsOf = ({ kind }: Unit): number[] => {
  if (kind === 'time') return TIME_STEPS;
  return kind === 'count' ? steps(0, 14).filter((step) => Number.isInteger(step)) : steps(-9, 14);
};

/** Every so many buckets have a tick, so that labels do not touch. */
const everyOf = (count: number, widthPx: number): number =>
  Math.max(1, Math.ceil(count / Math.max(1, Math.floor(widthPx / (TICK_ROOM_PX * textScale())))));

const DAY_SECONDS = 82_800;

const middlesOf = ({ starts, endSeconds }: PlotState): number[] =>
  starts.map((start, index) => (start + (starts[index + 1] ?? endSeconds)) / 2);

/** Whether there are ticks at buckets rather than at round times: under bars, and where buckets are days or longer. */
export const bucketTicks = ({ starts }: PlotState, mode: LineMode): boolean =>
  (mode === 'bar' && starts.length <= 40) || (stepOf(starts) ?? DAY_SECONDS) >= DAY_SECONDS;

const halfOf = (text: string): number => text.length * HALF_LETTER_PX * textScale();

/** What is written below the bucket that starts then. */
const bucketText = (startSeconds: number, starts: readonly number[], { stepWord, zone }: PlotLook): string =>
  stepWord === undefined
    ? tickText(startSeconds, stepOf(starts) ?? DAY_SECONDS, zone)
    : stepText(stepWord, startSeconds);

const isAtBuckets = (look: PlotLook, state: PlotState): boolean =>
  look.stepWord !== undefined || bucketTicks(state, look.mode);

/** Room right of the plot, pixels. */
const rightRoom = (plot: uPlot, look: PlotLook, state: PlotState): number => {
  const { starts } = state;
  const last = starts.length - 1;
  const hasLabel = last % everyOf(starts.length, plot.bbox.width / devicePixelRatio) === 0;
  if (look.mode === 'bar' || !isAtBuckets(look, state) || last < 1 || !hasLabel) return RIGHT_PX;
  return Math.max(RIGHT_PX, halfOf(bucketText(starts[last] ?? 0, starts, look)));
};

const isWhole = (plot: uPlot, look: PlotLook, state: PlotState, seconds: number, text: string): boolean => {
  const at = plot.valToPos(seconds, 'x');
  const half = halfOf(text);
  return (
    at + half <= plot.bbox.width / devicePixelRatio + rightRoom(plot, look, state) &&
    at - half >= -plot.bbox.left / devicePixelRatio
  );
};

const timeAxis = (look: PlotLook, state: () => PlotState): Pick<uPlot.Axis, 'splits' | 'values'> => {
  const { mode, zone } = look;
  const labels = (plot: uPlot, splits: readonly number[], textOf: (index: number) => string) =>
    splits.map((split, index) => {
      const text = textOf(index);
      return isWhole(plot, look, state(), split, text) ? text : null;
    });
  if (!isAtBuckets(look, state()))
    return {
      values: (plot, splits, _, __, incr) =>
        labels(plot, splits, (index) => tickText(splits[index] ?? 0, incr, zone)),
    };
  const shownIndexes = (plot: uPlot): number[] => {
    const { starts } = state();
    const every = everyOf(starts.length, plot.bbox.width / devicePixelRatio);
    return starts.flatMap((_, index) => (index % every === 0 ? [index] : []));
  };
  return {
    splits: (plot) => {
      const places = mode === 'bar' ? middlesOf(state()) : state().starts;
      return shownIndexes(plot).map((index) => places[index] ?? 0);
    },
    values: (plot, splits) => {
      const { starts } = state();
      const indexes = shownIndexes(plot);
      return labels(plot, splits, (index) => bucketText(starts[indexes[index] ?? 0] ?? 0, starts, look));
    },
  };
};

/** Where a logarithmic axis, which has to show 0 too, is linear: below the power of ten of the least number above 0. */
const linearBelow = ({ drawn }: PlotState): number => {
  let least = Number.POSITIVE_INFINITY;
  for (const { values } of drawn)
    for (const value of values) if (value !== null && value !== 0) least = Math.min(least, Math.abs(value));
  return least >= 1 ? 1 : 10 ** Math.floor(Math.log10(least));
};

/** Ticks of a logarithmic axis: 0 and the powers of ten, every second or third where there are many. */
const powersOf = (min: number, max: number, least: number): number[] => {
  const most = Math.floor(Math.log10(Math.max(10 ** least, max, -min)));
  const every = Math.ceil((most - least + 1) / POWERS_MAX);
  const powers = Array.from({ length: most - least + 1 }, (_, index) => 10 ** (most - index)).filter(
    (_, index) => index % every === 0,
  );
  return [...powers.map((power) => -power), 0, ...powers.reverse()].filter(
    (tick) => tick >= min && tick <= max,
  );
};

/** So far apart are the numbers of the axis at the left; closer in a low chart, so that one besides 0 has room: steps are at most 2.5 times one another; further in a high one, which is no ruler. */
const LEVEL_ROOM_PX = 36;
const LEVEL_ROOM_SHARE = { most: 1 / 2.5, least: 1 / 9 };

const levelRoom = (heightPx: number): number =>
  Math.max(
    Math.min(LEVEL_ROOM_PX * textScale(), heightPx * LEVEL_ROOM_SHARE.most),
    heightPx * LEVEL_ROOM_SHARE.least,
  );

const axesOf = (host: HTMLElement, look: PlotLook, state: () => PlotState): uPlot.Axis[] => {
  const stroke = resolvedColour(host, 'var(--ink-3)');
  const grid = { stroke: resolvedColour(host, 'var(--grid)'), width: 1 };
  const scale = textScale();
  const font = `${11 * scale}px ${getComputedStyle(host).fontFamily}`;
  const shared = { stroke, font, ticks: { show: false }, gap: 6 * scale } as const;
  const { axis } = writerOf(look.unit);
  return [
    {
      ...shared,
      grid: { show: false },
      size: 24 * scale,
      space: TICK_ROOM_PX * scale,
      ...timeAxis(look, state),
    },
    {
      ...shared,
      grid,
      size: (_, values) =>
        scale * (14 + 7 * Math.max(2, ...(values ?? []).map((value) => value?.length ?? 0))),
      space: (_, __, ___, ____, heightPx) => levelRoom(heightPx),
      ...(look.scale === 'linear'
        ? { incrs: stepsOf(look.unit) }
        : {
            splits: (_: uPlot, __: number, min: number, max: number) =>
              powersOf(min, max, Math.log10(linearBelow(state()))),
            filter: (_: uPlot, splits: number[]) => splits,
          }),
      values: (_, splits) => splits.map((split) => (split === null ? '' : axis(split))),
    },
  ];
};

/** Bars leave so much of their bucket free, and are not wider than so many pixels. */
const BAR = { gapShare: 0.18, widestPx: 84, between: 1 };

interface Place {
  readonly of: number;
  readonly at: number;
}

/** Which of the bars beside each other is that of the drawing. */
const placeOf = (drawn: readonly Drawn[], index: number, isStacked: boolean): Place => {
  if (isStacked) return { of: 1, at: 0 };
  const keyOf = ({ line, role }: Drawn): string => `${role === 'before' ? '0' : '1'} ${line.key}`;
  const keys: string[] = [];
  for (const { line } of [...drawn].reverse()) {
    if (keys.includes(`1 ${line.key}`)) continue;
    if (line.before !== undefined) keys.push(`0 ${line.key}`);
    keys.push(`1 ${line.key}`);
  }
  const one = drawn[index];
  return { of: keys.length, at: one === undefined ? 0 : keys.indexOf(keyOf(one)) };
};

const barsOf =
  (state: () => PlotState, isStacked: boolean): uPlot.Series.PathBuilder =>
  (plot, seriesIndex, from, to) => {
    const { starts, endSeconds, drawn } = state();
    const { base = [], values = [] } = drawn[seriesIndex - 1] ?? {};
    const { of, at } = placeOf(drawn, seriesIndex - 1, isStacked);
    const fill = new Path2D();
    const widest = BAR.widestPx * devicePixelRatio;
    for (let index = from; index <= to; index += 1) {
      const value = values[index] ?? null;
      if (value === null) continue;
      const left = plot.valToPos(starts[index] ?? 0, 'x', true);
      const right = plot.valToPos(starts[index + 1] ?? endSeconds, 'x', true);
      const whole = Math.max(1, Math.min(widest * Math.max(1, of / 2), (right - left) * (1 - BAR.gapShare)));
      const one = whole / of;
      const x = (left + right - whole) / 2 + at * one;
      const y0 = plot.valToPos(base[index] ?? 0, 'y', true);
      const y1 = plot.valToPos(value, 'y', true);
      const gap = of > 1 && one > 3 ? BAR.between : 0;
      fill.rect(Math.round(x), Math.min(y0, y1), Math.max(1, Math.round(one - gap)), Math.abs(y1 - y0));
    }
    return { stroke: null, fill, clip: null, band: null, gaps: [], flags: 0 };
  };

/** Lines with fewer buckets than this show their points. */
const POINTS_BELOW = 2;

const isAlone = (plot: uPlot, series: number): boolean =>
  (plot.data[series] ?? []).filter((value) => value !== null).length < POINTS_BELOW;

const DASH = { running: [3, 3], before: [5, 4] };

const lineLook = (drawn: Drawn, look: PlotLook): Partial<uPlot.Series> & { readonly colour: string } => {
  const { line, role } = drawn;
  const isArea = look.mode === 'area' && role !== 'before';
  const colour = colourOf(line.slot, role === 'before' ? 60 : 100);
  return {
    colour,
    width: role === 'before' ? 1.25 : 1.75,
    ...(role === 'now' ? {} : { dash: DASH[role] }),
    ...(isArea ? { fill: colourOf(line.slot, look.isStacked ? 34 : 14) } : {}),
  };
};

const seriesOf = (host: HTMLElement, drawn: Drawn, look: PlotLook, state: () => PlotState): uPlot.Series => {
  const { line, role } = drawn;
  if (look.mode === 'bar') {
    const colour = resolvedColour(
      host,
      colourOf(line.slot, role === 'now' ? 100 : role === 'running' ? 55 : 35),
    );
    return {
      label: line.name,
      stroke: colour,
      fill: colour,
      width: 0,
      points: { show: false },
      paths: barsOf(state, look.isStacked),
    };
  }
  const { colour, fill, ...rest } = lineLook(drawn, look);
  const stroke = resolvedColour(host, colour);
  return {
    label: line.name,
    stroke,
    ...rest,
    ...(typeof fill === 'string' ? { fill: resolvedColour(host, fill) } : {}),
    points: { show: isAlone, size: 6, fill: stroke },
  };
};

/** Above the highest so much is left free. */
const HEADROOM = 1.08;
/** Counts have an axis of at least so much. */
const COUNT_LEAST = 4;

const yRange = (look: PlotLook, state: () => PlotState) => (): [number, number] => {
  const [least, most] = extentOf(state().drawn);
  const top = Math.max(most, look.goal ?? 0);
  const bottom = Math.min(least, look.goal ?? 0);
  const floor = look.unit.kind === 'count' ? COUNT_LEAST : top === 0 && bottom === 0 ? 1 : 0;
  return [bottom * HEADROOM, Math.max(floor, top * HEADROOM)];
};

/** uPlot's number for it: logarithmic, and linear around 0. */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- an ambient const enum cannot be read where modules are compiled one by one
const ARCSINH = 4 as uPlot.Scale.Distr;

/** First and last second of the axis. Lines end with their last point, bars with the end of their bucket. */
export const spanOf = ({ starts, endSeconds }: PlotState, mode: LineMode): readonly [number, number] => {
  const first = starts[0] ?? 0;
  const last = starts.at(-1) ?? 1;
  if (mode === 'bar') return [first, Math.max(endSeconds, last + 1)];
  const half = Math.max(1, (endSeconds - first) / 2);
  return starts.length > 1 ? [first, last] : [first - half, first + half];
};

const drawGoal = (plot: uPlot, host: HTMLElement, goal: number, label: string): void => {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(goal, 'y', true));
  ctx.save();
  ctx.strokeStyle = resolvedColour(host, 'var(--good-mark)');
  ctx.fillStyle = resolvedColour(host, 'var(--good)');
  ctx.lineWidth = devicePixelRatio * 1.25;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `500 ${11 * textScale() * devicePixelRatio}px ${getComputedStyle(host).fontFamily}`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(label, bbox.left + bbox.width - 2 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
};

/** So wide must a bucket be for a number. */
const LABEL_ROOM_PX = 34;

const drawLabels = (
  plot: uPlot,
  host: HTMLElement,
  { starts, endSeconds, drawn }: PlotState,
  look: PlotLook,
): void => {
  const { ctx, bbox } = plot;
  const isBar = look.mode === 'bar';
  if (bbox.width / devicePixelRatio / Math.max(1, starts.length) < LABEL_ROOM_PX * textScale()) return;
  const write = writerOf(look.unit).axis;
  ctx.save();
  ctx.fillStyle = resolvedColour(host, 'var(--ink-2)');
  ctx.font = `${10.5 * textScale() * devicePixelRatio}px ${getComputedStyle(host).fontFamily}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'bottom';
  for (const { role, values, line } of drawn) {
    if (role === 'before') continue;
    values.forEach((value, index) => {
      const isMeeting =
        role === 'running' && !isBar && values[index + 1] !== undefined && values[index + 1] !== null;
      if (value === null || value === 0 || isMeeting) return;
      const start = starts[index] ?? 0;
      const at = isBar ? (start + (starts[index + 1] ?? endSeconds)) / 2 : start;
      const x = Math.max(bbox.left + 8, Math.min(bbox.left + bbox.width - 10, plot.valToPos(at, 'x', true)));
      ctx.fillText(
        write(line.values[index] ?? value),
        x,
        plot.valToPos(value, 'y', true) - 3 * devicePixelRatio,
      );
    });
  }
  ctx.restore();
};

const drawMarks = (plot: uPlot, host: HTMLElement, marks: readonly Mark[]): void => {
  const { ctx, bbox } = plot;
  const place = (ms: number): number =>
    Math.max(bbox.left, Math.min(bbox.left + bbox.width, plot.valToPos(ms / 1000, 'x', true)));
  ctx.save();
  const ink = resolvedColour(host, 'var(--ink-3)');
  for (const { fromMs, toMs } of marks) {
    const left = Math.round(place(fromMs));
    if (toMs !== null) {
      ctx.fillStyle = resolvedColour(host, 'color-mix(in srgb, var(--ink-3) 9%, transparent)');
      ctx.fillRect(left, bbox.top, place(toMs) - left, bbox.height);
    }
    ctx.fillStyle = ink;
    ctx.globalAlpha = 0.7;
    ctx.fillRect(left, bbox.top, devicePixelRatio, bbox.height);
    ctx.globalAlpha = 1;
  }
  ctx.restore();
};

/** The data as uPlot takes it. */
export const plotData = ({ starts, drawn }: PlotState): uPlot.AlignedData => [
  [...starts],
  ...drawn.map(({ values }) => [...values]),
];

/** Everything that uPlot wants to know. `state` is asked whenever something is drawn. */
export const plotOptions = (host: HTMLElement, look: PlotLook, state: () => PlotState): uPlot.Options => {
  const now = state();
  const goal = look.goal;
  return {
    width: Math.max(1, host.clientWidth),
    height: Math.max(1, host.clientHeight),
    padding: [10, (plot) => rightRoom(plot, look, state()), 0, 0],
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), look.zone),
    cursor: { y: false, points: { show: false }, drag: { x: look.canZoom, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [...spanOf(state(), look.mode)] },
      y: {
        range: yRange(look, state),
        ...(look.scale === 'log' ? { distr: ARCSINH, asinh: linearBelow(now) } : {}),
      },
    },
    axes: axesOf(host, look, state),
    series: [{}, ...now.drawn.map((drawn) => seriesOf(host, drawn, look, state))],
    hooks: {
      drawAxes: [(plot) => drawMarks(plot, host, state().marks)],
      draw: [
        (plot) => {
          if (look.hasLabels) drawLabels(plot, host, state(), look);
          if (goal !== undefined) drawGoal(plot, host, goal, `Goal ${writerOf(look.unit).short(goal)}`);
        },
      ],
    },
  };
};
