import type { ReactNode } from 'react';
import { Swatch } from './legend.tsx';
import { type Line, shownOf } from './lines.ts';
import type { SeriesChartProps } from './series-chart-props.ts';
import { bucketText, stepOf, stepText } from './time-words.ts';
import { type Writer, writerOf, written } from './units.ts';

/** So many lines are told; the others are counted. */
const ROWS_MAX = 12;

const Row = ({
  line,
  index,
  write,
}: {
  readonly line: Line;
  readonly index: number;
  readonly write: Writer;
}): ReactNode => {
  const before = line.before?.values[index];
  return (
    <div className="chart-tip-row">
      <Swatch slot={line.slot} />
      <span className="truncate">{line.name}</span>
      <span className="number">
        {written(write.full, line.values[index])}
        {line.before === undefined ? null : (
          <span className="chart-tip-before"> / {written(write.full, before)}</span>
        )}
      </span>
    </div>
  );
};

interface SeriesTipProps {
  readonly chart: SeriesChartProps;
  readonly index: number;
  readonly left: number;
  readonly width: number;
}

const byValue =
  (index: number) =>
  (one: Line, other: Line): number =>
    (other.values[index] ?? Number.NEGATIVE_INFINITY) - (one.values[index] ?? Number.NEGATIVE_INFINITY);

/** What a bucket holds, beside the pointer. */
export const SeriesTip = ({ chart, index, left, width }: SeriesTipProps): ReactNode => {
  const { starts, lines, hidden, incomplete, zone, mode, isStacked = false, beforeStarts, stepWord } = chart;
  const shown = shownOf(lines, hidden);
  const write = writerOf(shown[0]?.unit ?? { kind: 'count' });
  const start = starts[index];
  if (start === undefined) return null;
  const step = stepOf(starts);
  const isOpen = (incomplete.first && index === 0) || (incomplete.last && index === starts.length - 1);
  const hasSum = isStacked && mode !== 'line' && shown.length > 1;
  const sum = shown.reduce((total, { values }) => total + (values[index] ?? 0), 0);
  const before = beforeStarts?.[index] ?? null;
  const rows = shown.length > ROWS_MAX ? [...shown].sort(byValue(index)).slice(0, ROWS_MAX) : shown;
  const isRight = left > width / 2;
  return (
    <div
      className="chart-tip"
      style={{ left, transform: isRight ? 'translateX(calc(-100% - 12px))' : 'translateX(12px)' }}
      role="status"
    >
      <div className="chart-tip-time">
        <span>
          {stepWord === undefined ? bucketText(start, step, zone) : stepText(stepWord, start)}
          {before === null ? null : (
            <span className="chart-tip-note"> / {bucketText(before, step, zone)}</span>
          )}
        </span>
        {hasSum ? <span className="number">{write.full(sum)}</span> : null}
      </div>
      {rows.map((line) => (
        <Row key={line.key} line={line} index={index} write={write} />
      ))}
      {shown.length > rows.length ? (
        <div className="chart-tip-more">and {shown.length - rows.length} more</div>
      ) : null}
      {isOpen ? <div className="chart-tip-more">This bucket is not complete.</div> : null}
    </div>
  );
};
