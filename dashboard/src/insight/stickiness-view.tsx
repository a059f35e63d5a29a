import { type ReactNode, useMemo } from 'react';
import type { StickinessAnswer } from '../../../src/contract/stickiness.ts';
import { type Bar, BarChart } from '../chart/bar-chart.tsx';
import { writerOf, written } from '../chart/units.ts';
import { Notice } from '../design/index.ts';
import { fullCount, percent, plural } from '../lib/format.ts';
import { TimedView } from './timed-view.tsx';
import type { Viewed } from './view-props.ts';
import { titleOf } from './words.ts';

const barsOf = ({ histogram, actors, period }: StickinessAnswer, who: string): Bar[] =>
  histogram.exactly.map((exactly, index) => ({
    key: String(index + 1),
    label: String(index + 1),
    value: exactly,
    words: `${plural(index + 1, period)}: ${fullCount(exactly)} ${who} (${percent(actors === 0 ? 0 : exactly / actors)}); at least so many: ${fullCount(histogram.at_least[index] ?? 0)}`,
  }));

/** How regularly people come: by how many periods they were active in, or as shares of longer windows over time. */
export const StickinessView = (viewed: Viewed<'stickiness'>): ReactNode => {
  const { question, answer, display, isCompact } = viewed;
  const who = question.kind === 'stickiness' && question.actor === 'session' ? 'sessions' : 'users';
  const bars = useMemo(() => barsOf(answer, who), [answer, who]);
  if (answer.actors === 0) return <Notice title="Nobody here">Nobody was active in this time.</Notice>;
  if (display.as === 'line') return <TimedView {...viewed} />;
  const mean = writerOf({ kind: 'number' });
  return (
    <>
      {isCompact ? null : (
        <p className="insight-lead">
          <strong className="number">{written(mean.short, answer.histogram.mean)}</strong> active{' '}
          {answer.period}s on average.{' '}
          {answer.windows.map(({ periods, ratio }) => (
            <span key={periods}>
              <strong className="number">{written(percent, ratio)}</strong> of those of {periods}{' '}
              {answer.period}s come in one.{' '}
            </span>
          ))}
        </p>
      )}
      <BarChart
        label={titleOf(question)}
        bars={bars}
        unit={{ kind: 'count' }}
        below={`Active in so many ${answer.period}s`}
      />
    </>
  );
};
