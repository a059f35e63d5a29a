import './insight.css';
import { type ReactNode, useMemo } from 'react';
import type { Mark } from '../chart/plot-options.ts';
import { Notice } from '../design/index.ts';
import { AttributionView } from './attribution-view.tsx';
import { DataTable } from './data-table.tsx';
import { type Answer, type DisplayInput, displayOf, type Question } from './display.ts';
import { ExperimentView } from './experiment-view.tsx';
import { FunnelView } from './funnel-view.tsx';
import type { OnDrill } from './group.ts';
import { NumberView } from './number-view.tsx';
import { PathsView } from './paths-view.tsx';
import { RetentionView } from './retention-view.tsx';
import { RevenueView } from './revenue-view.tsx';
import { SessionsView } from './sessions-view.tsx';
import { StatisticsView } from './statistics-view.tsx';
import { StickinessView } from './stickiness-view.tsx';
import { tablesOf } from './tables.ts';
import { TimedView } from './timed-view.tsx';
import type { Viewed } from './view-props.ts';
import { WebView } from './web-view.tsx';
import { titleOf } from './words.ts';

/** An answer to be drawn. */
export interface InsightViewProps {
  readonly question: Question;
  readonly answer: Answer;
  /** How; what is not said is taken from what suits the question. */
  readonly display?: DisplayInput | undefined;
  /** A part was pressed. Nothing can be pressed if absent. */
  readonly onDrill?: OnDrill | undefined;
  /** A stretch of time was chosen by dragging, in milliseconds since 1970. */
  readonly onRange?: ((fromMs: number, toMs: number) => void) | undefined;
  /** There is little room: what is not needed is left out. */
  readonly compact?: boolean;
  /** Whose clock times go by, IANA name: that of the answer if absent. */
  readonly zone?: string | undefined;
  /** Notes on the time axis. */
  readonly marks?: readonly Mark[] | undefined;
}

const NO_MARKS: readonly Mark[] = [];

const Tables = ({ viewed }: { readonly viewed: Viewed }): ReactNode => {
  const { question, answer, display, onDrill, isCompact } = viewed;
  const tables = useMemo(() => tablesOf(question, answer, display), [question, answer, display]);
  if (tables.every(({ rows }) => rows.length === 0))
    return <Notice title="Nothing here">Nothing that the question asks for happened in this time.</Notice>;
  return (
    <div className="insight-tables">
      {tables.map((table, index) => (
        <DataTable
          key={index}
          caption={titleOf(question)}
          table={table}
          onDrill={onDrill}
          isBare={isCompact && table.title === ''}
        />
      ))}
    </div>
  );
};

const viewOf = (viewed: Viewed): ReactNode => {
  const { answer, display, question } = viewed;
  if (display.as === 'number') return <NumberView question={question} answer={answer} display={display} />;
  if (display.as === 'table') return <Tables viewed={viewed} />;
  switch (answer.kind) {
    case 'trend':
    case 'metric':
    case 'lifecycle':
      return <TimedView {...viewed} answer={answer} />;
    case 'sessions':
      return <SessionsView {...viewed} answer={answer} />;
    case 'revenue':
      return <RevenueView {...viewed} answer={answer} />;
    case 'funnel':
      return <FunnelView {...viewed} answer={answer} />;
    case 'retention':
      return <RetentionView {...viewed} answer={answer} />;
    case 'paths':
      return <PathsView {...viewed} answer={answer} />;
    case 'statistics':
      return <StatisticsView {...viewed} answer={answer} />;
    case 'stickiness':
      return <StickinessView {...viewed} answer={answer} />;
    case 'attribution':
      return <AttributionView {...viewed} answer={answer} />;
    case 'experiment':
      return <ExperimentView {...viewed} answer={answer} />;
    case 'web':
      return <WebView {...viewed} answer={answer} />;
    case 'funnel_users':
    case 'metric_windows':
      return <Tables viewed={viewed} />;
  }
};

/** Draws the answer to a question of any kind. */
export const InsightView = (props: InsightViewProps): ReactNode => {
  const { question, answer, display, onDrill, onRange, compact = false, zone, marks = NO_MARKS } = props;
  const shown = useMemo(() => displayOf(question, display), [question, display]);
  const view = viewOf({
    question,
    answer,
    display: shown,
    onDrill,
    onRange,
    isCompact: compact,
    zone: zone ?? answer.range.timezone,
    marks,
  });
  return (
    <div className="insight" data-compact={compact ? '' : undefined}>
      {view}
    </div>
  );
};
