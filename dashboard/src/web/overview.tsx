import { lazy, type ReactNode } from 'react';
import type { WebAnswer } from '../../../src/contract/web.ts';
import { writerOf, written } from '../chart/units.ts';
import { Part, Skeleton } from '../design/index.ts';
import { patiently } from '../lib/patiently.ts';
import { lastEnd } from '../insight/bucket-end.ts';
import { Change } from './change.tsx';
import { type Figure, FIGURE_FACTS, FIGURES, lineOf } from './figures.ts';

const SeriesChart = lazy(
  patiently(() => import('../chart/series-chart.tsx').then((module) => ({ default: module.SeriesChart }))),
);

const NONE_HIDDEN: ReadonlySet<string> = new Set();

interface TileProps {
  readonly figure: Figure;
  readonly answer: WebAnswer | undefined;
  readonly isShown: boolean;
  readonly onShow: () => void;
}

/** One number. Pressing it shows its way in the chart below. */
const Tile = ({ figure, answer, isShown, onShow }: TileProps): ReactNode => {
  const { text, unit, isGood, note } = FIGURE_FACTS[figure];
  const { short, full } = writerOf(unit);
  const total = answer?.total;
  const before = total?.previous?.[figure];
  return (
    <button type="button" className="web-tile" aria-pressed={isShown} title={note} onClick={onShow}>
      <span className="web-tile-name truncate">{text}</span>
      <span className="web-tile-line">
        {total === undefined ? (
          <Skeleton width="4rem" height="1.375rem" />
        ) : (
          <span className="web-tile-value" title={written(full, total[figure])}>
            {written(short, total[figure])}
          </span>
        )}
        {total === undefined ? null : <Change now={total[figure]} before={before ?? null} isGood={isGood} />}
      </span>
      <span className="web-tile-before number">
        {before === undefined || before === null ? '' : `${written(short, before)} before`}
      </span>
    </button>
  );
};

interface WayProps {
  readonly answer: WebAnswer;
  readonly figure: Figure;
  readonly zone: string;
  readonly onRange: (fromMs: number, toMs: number) => void;
}

const seconds = (at: string): number => Date.parse(at) / 1000;

/** A number over time, the period before as a quiet line behind it. */
const Way = ({ answer, figure, zone, onRange }: WayProps): ReactNode => {
  const { over_time: over, range } = answer;
  const line = lineOf(answer, figure);
  if (over === undefined || line === undefined) return null;
  const { interval, buckets, incomplete, previous } = over;
  const { text, unit } = FIGURE_FACTS[figure];
  return (
    <SeriesChart
      label={`${text} over time: ${written(writerOf(unit).full, line.total)} in all`}
      starts={buckets.map(seconds)}
      endSeconds={lastEnd(buckets.at(-1), { interval, to: range.to, isOpen: incomplete.last })}
      beforeStarts={previous?.buckets.map((at) => (at === null ? null : seconds(at)))}
      lines={[line]}
      mode="area"
      zone={zone}
      hidden={NONE_HIDDEN}
      incomplete={incomplete}
      onRange={onRange}
    />
  );
};

interface OverviewProps {
  readonly answer: WebAnswer | undefined;
  readonly figure: Figure;
  readonly onFigure: (figure: Figure) => void;
  readonly zone: string;
  readonly onRange: (fromMs: number, toMs: number) => void;
}

/** The numbers of all visits, and one of them over time. */
export const Overview = ({ answer, figure, onFigure, zone, onRange }: OverviewProps): ReactNode => (
  <section className="card web-overview" aria-label="All visits">
    <div className="web-tiles" role="group" aria-label="Numbers; press one to see it over time">
      {FIGURES.map((each) => (
        <Tile
          key={each}
          figure={each}
          answer={answer}
          isShown={each === figure}
          onShow={() => onFigure(each)}
        />
      ))}
    </div>
    <div className="web-way">
      <Part loading={<Skeleton height="100%" />}>
        {answer === undefined ? (
          <Skeleton height="100%" />
        ) : (
          <Way answer={answer} figure={figure} zone={zone} onRange={onRange} />
        )}
      </Part>
    </div>
  </section>
);
