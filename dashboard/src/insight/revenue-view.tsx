import { type ReactNode, useState } from 'react';
import type { RevenueFigure } from '../../../src/contract/revenue.ts';
import { Notice, Select } from '../design/index.ts';
import { figureOf, REVENUE_FIGURES } from './timed.ts';
import { TimedView } from './timed-view.tsx';
import type { Viewed } from './view-props.ts';

const FIGURES = Object.keys(REVENUE_FIGURES) as RevenueFigure[];

/** Money over time: each currency by itself, because there is no sum over several. */
export const RevenueView = (viewed: Viewed<'revenue'>): ReactNode => {
  const { answer, display, isCompact } = viewed;
  const [chosen, setChosen] = useState<RevenueFigure>();
  const figure = chosen ?? figureOf(display, REVENUE_FIGURES, 'revenue');
  if (answer.series.length === 0)
    return <Notice title="No money here">No such event with a value happened in this time.</Notice>;
  return (
    <>
      {isCompact || display.measure !== undefined ? null : (
        <div className="insight-choice">
          <Select
            label="Figure"
            size="small"
            value={figure}
            onChange={setChosen}
            options={FIGURES.map((each) => ({ value: each, text: REVENUE_FIGURES[each][0] }))}
          />
        </div>
      )}
      <TimedView {...viewed} display={{ ...display, measure: figure }} />
    </>
  );
};
