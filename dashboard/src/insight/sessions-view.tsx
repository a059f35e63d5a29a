import './sessions-view.css';
import { type ReactNode, useState } from 'react';
import type { SessionNumbers, SessionsAnswer } from '../../../src/contract/sessions.ts';
import { writerOf, written } from '../chart/units.ts';
import { BarTable, Notice } from '../design/index.ts';
import { plural } from '../lib/format.ts';
import { figureOf, SESSION_FIGURES } from './timed.ts';
import { TimedView } from './timed-view.tsx';
import type { Viewed } from './view-props.ts';

/** Figures that are told above the chart, each of which may be drawn. */
const TOLD = [
  'sessions',
  'bounce_rate',
  'duration_median_ms',
  'duration_avg_ms',
  'views_per_session',
  'events_per_session',
] as const;

interface FiguresProps {
  readonly answer: SessionsAnswer;
  readonly chosen: keyof SessionNumbers;
  readonly onChoose: (figure: keyof SessionNumbers) => void;
}

const Figures = ({ answer, chosen, onChoose }: FiguresProps): ReactNode => (
  <div className="figures" role="group" aria-label="What is drawn">
    {TOLD.map((figure) => {
      const [name, unit] = SESSION_FIGURES[figure];
      return (
        <button
          key={figure}
          type="button"
          className="figure"
          aria-pressed={figure === chosen}
          onClick={() => onChoose(figure)}
        >
          <span className="figure-name">{name}</span>
          <span className="figure-value number">{written(writerOf(unit).short, answer.total[figure])}</span>
        </button>
      );
    })}
  </div>
);

const Pages = ({
  title,
  pages,
}: {
  readonly title: string;
  readonly pages: SessionsAnswer['entry_pages'];
}): ReactNode => (
  <div>
    <BarTable
      caption={title}
      nameHead={title}
      countHead="Sessions"
      rows={pages.map(({ page, other, sessions }, index) => ({
        key: String(index),
        name: other ? 'Other' : (page ?? '(none)'),
        isAbsent: other,
        count: sessions,
      }))}
      whole={pages.reduce((sum, { sessions }) => sum + sessions, 0)}
    />
  </div>
);

/** Sessions over time, and where they began and ended. */
export const SessionsView = (viewed: Viewed<'sessions'>): ReactNode => {
  const { answer, display, isCompact } = viewed;
  const [chosen, setChosen] = useState<keyof SessionNumbers>();
  const figure = chosen ?? figureOf(display, SESSION_FIGURES, 'sessions');
  if (answer.total.sessions === 0)
    return <Notice title="No sessions here">No session began in this time.</Notice>;
  if (isCompact) return <TimedView {...viewed} />;
  const { entry_pages, exit_pages, live } = answer;
  return (
    <div className="sessions">
      <Figures answer={answer} chosen={figure} onChoose={setChosen} />
      <TimedView {...viewed} display={{ ...display, measure: figure }} />
      {entry_pages.length + exit_pages.length === 0 ? null : (
        <div className="web-places">
          {entry_pages.length === 0 ? null : <Pages title="Entry pages" pages={entry_pages} />}
          {exit_pages.length === 0 ? null : <Pages title="Exit pages" pages={exit_pages} />}
        </div>
      )}
      <p className="insight-note">
        {plural(live.sessions, 'session')} of {plural(live.users, 'user')} in the last {live.minutes} minutes.
      </p>
    </div>
  );
};
