import { memo, type ReactNode, useMemo, useState } from 'react';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { CHART_MODES, type ChartMode } from '../chart/chart-modes.ts';
import { bucketSeconds, layersOf, type Palette } from '../chart/series.ts';
import { Legend, TimeChart } from '../chart/time-chart.tsx';
import { type TrendQuestion, useTrend } from '../data/use-trend.ts';
import { Card, Fresh, Loaded, Notice, Segmented, Skeleton } from '../design/index.ts';
import { fullCount } from '../lib/format.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import { askedRange, type Range, rangeText, SPAN_FACTS } from './range.ts';

/** Types with a colour and a name of their own: as many as the legend has room for in one line. */
const NAMED = 6;
/** Days begin when they begin for whoever looks. */
const TIMEZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;
const MODE_WORDS = { bars: 'Stacked', lines: 'Lines' } as const;

const intervalOf = (range: Range, isNarrow: boolean): TrendQuestion['interval'] => {
  if (range.kind === 'period') return 'auto';
  const { coarseInterval, interval } = SPAN_FACTS[range.span];
  return isNarrow ? coarseInterval : interval;
};

interface ChartProps {
  readonly answer: TrendAnswer;
  readonly range: Range;
  readonly palette: Palette;
  readonly mode: ChartMode;
}

const Chart = ({ answer, range, palette, mode }: ChartProps): ReactNode => {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const layers = useMemo(() => layersOf(answer, palette), [answer, palette]);
  const starts = useMemo(() => bucketSeconds(answer), [answer]);
  const toggle = (key: string): void => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  if (layers.every(({ total }) => total === 0))
    return <Notice title="No events here">Nothing happened in the {rangeText(range)}.</Notice>;
  const largest = layers.slice(0, 3).map(({ name, total }) => `${name} ${fullCount(total)}`);
  return (
    <>
      <Legend layers={layers} hidden={hidden} onToggle={toggle} />
      <TimeChart
        label={`Events by type, ${rangeText(range)}: ${largest.join(', ')}`}
        starts={starts}
        span={[Math.min(...starts), Date.parse(answer.range.to) / 1000]}
        layers={layers}
        mode={mode}
        hidden={hidden}
        lastIsRunning={range.kind === 'live'}
      />
    </>
  );
};

interface ModesProps {
  readonly mode: ChartMode;
  readonly onChange: (mode: ChartMode) => void;
}

/** Not drawn anew with the chart. */
const Modes = memo(
  ({ mode, onChange }: ModesProps): ReactNode => (
    <Segmented
      label="Kind of chart"
      size="small"
      options={CHART_MODES.map((value) => ({ value, text: MODE_WORDS[value] }))}
      value={mode}
      onChange={onChange}
    />
  ),
);
Modes.displayName = 'Modes';

interface ByTypeProps {
  readonly range: Range;
  /** Colours of the types, the same on the whole page. */
  readonly palette: Palette;
}

/** Events by type over time. */
export const ByType = ({ range, palette }: ByTypeProps): ReactNode => {
  const isNarrow = useMedia(NARROW);
  const [mode, setMode] = useState<ChartMode>('bars');
  const trend = useTrend({
    kind: 'trend',
    by: ['type'],
    top: NAMED,
    range: askedRange(range),
    interval: intervalOf(range, isNarrow),
    timezone: TIMEZONE,
  });
  const aside = (
    <>
      <Fresh atMs={trend.atMs} />
      <Modes mode={mode} onChange={setMode} />
    </>
  );
  return (
    <Card title="Events by type" aside={aside} className="by-type">
      <Loaded
        data={trend.answer}
        error={trend.error}
        trouble="This could not be counted"
        loading={<Skeleton height="100%" />}
      >
        {(answer) => <Chart answer={answer} range={range} palette={palette} mode={mode} />}
      </Loaded>
    </Card>
  );
};
