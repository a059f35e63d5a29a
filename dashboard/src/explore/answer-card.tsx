import { type ReactNode, useRef, useState } from 'react';
import { Icon, Menu, type MenuEntry, Notice, Skeleton, Tabs, toast } from '../design/index.ts';
import { AnswerFoot, Trouble } from '../insight/asked.tsx';
import { type Answer, type DisplayInput, displayOf } from '../insight/display.ts';
import type { Drill } from '../insight/group.ts';
import { InsightView } from '../insight/insight-view.tsx';
import { DisplayBar, withFigure } from './display-bar.tsx';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  exportPicture,
  exportTable,
  hasPicture,
} from './export-answer.ts';
import type { Question } from './kinds.ts';
import type { Problem } from './problems.ts';
import { JsonView, SqlView } from './request-views.tsx';
import type { Answered, AnswerState } from './use-answer.ts';

const VIEWS = [
  { value: 'chart', text: 'Chart' },
  { value: 'table', text: 'Table' },
  { value: 'sql', text: 'SQL' },
  { value: 'json', text: 'JSON' },
] as const;
type View = (typeof VIEWS)[number]['value'];

interface AnswerCardProps {
  readonly project: string;
  /** What it is called, in files. */
  readonly title: string;
  /** As it is asked; null while something is missing. */
  readonly question: Question | null;
  /** As the forms show it. */
  readonly draft: Question;
  readonly display: DisplayInput;
  readonly onDisplay: (display: DisplayInput) => void;
  readonly state: AnswerState;
  readonly problems: readonly Problem[];
  readonly onDrill: (answered: Answered, drill: Drill) => void;
  readonly onRange: (fromMs: number, toMs: number) => void;
}

const Missing = ({ problems }: { readonly problems: readonly Problem[] }): ReactNode => (
  <Notice icon="edit" title="Something is still to be chosen">
    <ul className="answer-missing">
      {problems.map(({ path, message }) => (
        <li key={`${path} ${message}`}>{message}</li>
      ))}
    </ul>
  </Notice>
);

const Wrong = ({ problems }: { readonly problems: readonly Problem[] }): ReactNode => (
  <Notice kind="error" icon="warning" title="The question cannot be answered">
    <ul className="answer-missing">
      {problems.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          {path === '' ? '' : <code>{path}</code>} {message}
        </li>
      ))}
    </ul>
  </Notice>
);

interface DrawnProps extends Pick<AnswerCardProps, 'display' | 'onDrill' | 'onRange'> {
  readonly state: AnswerState;
  readonly serverProblems: readonly Problem[];
  readonly isTable: boolean;
}

const TABLE: DisplayInput = { as: 'table' };

/** A flat line does not say whether that is the answer or the question is wrong. */
const isNothing = (answer: Answer): boolean =>
  answer.kind === 'trend' && answer.series.every(({ values }) => values.every((value) => (value ?? 0) === 0));

const Drawn = ({ display, state, serverProblems, isTable, onDrill, onRange }: DrawnProps): ReactNode => {
  const { answered, isOld, error, atMs, again } = state;
  if (serverProblems.length > 0) return <Wrong problems={serverProblems} />;
  if (error !== undefined && isOld) return <Trouble error={error} again={again} />;
  if (answered === undefined)
    return (
      <div className="answer-loading" role="status" aria-label="Being answered">
        <Skeleton height="100%" />
      </div>
    );
  return (
    <div className="asked" data-old={isOld ? '' : undefined} aria-busy={isOld}>
      <InsightView
        question={answered.question}
        answer={answered.answer}
        display={isTable ? { ...display, ...TABLE } : withFigure(answered.question, display)}
        onDrill={(drill) => onDrill(answered, drill)}
        onRange={onRange}
      />
      {isNothing(answered.answer) ? (
        <p className="answer-nothing">
          Nothing was counted in this time. Choose a longer time, or other events or filters.
        </p>
      ) : null}
      <AnswerFoot answer={answered.answer} atMs={atMs} />
    </div>
  );
};

const tell = (work: Promise<unknown>): void => {
  work.catch((error: unknown) => toast(error instanceof Error ? error.message : String(error)));
};

/** How the answer can be kept. */
const useExports = (
  { project, title, question }: Pick<AnswerCardProps, 'project' | 'title' | 'question'>,
  drawn: () => Element | null,
): readonly MenuEntry[] => {
  if (question === null) return [{ kind: 'label', text: 'The question is not finished' }];
  return [
    { kind: 'label', text: 'The answer as a table' },
    ...(Object.keys(EXPORT_FORMATS) as ExportFormat[]).map((format) => ({
      kind: 'action' as const,
      text: EXPORT_FORMATS[format],
      icon: 'download' as const,
      onChoose: () => tell(exportTable(project, question, format, title)),
    })),
    { kind: 'line' },
    {
      kind: 'action',
      text: 'PNG picture of the chart',
      icon: 'chart',
      onChoose: () => {
        const host = drawn();
        if (hasPicture(host)) tell(exportPicture(host, title));
        else toast('There is no chart to take a picture of: show one first, or keep the table as CSV.');
      },
    },
  ];
};

/** The answer: drawn, as a table, and how it is asked for. */
export const AnswerCard = (props: AnswerCardProps): ReactNode => {
  const { project, question, draft, display, onDisplay, state, problems, onDrill, onRange } = props;
  const [view, setView] = useState<View>('chart');
  const drawn = useRef<HTMLDivElement>(null);
  const exports = useExports(props, () => drawn.current);
  const isDrawn = view === 'chart' || view === 'table';
  return (
    <section className="card answer-card" aria-label="Answer">
      <div className="answer-tools">
        {view === 'chart' ? <DisplayBar question={draft} display={display} onChange={onDisplay} /> : null}
        <Menu label="Export the answer as a file" align="end" className="button" entries={exports}>
          <Icon name="download" size={14} />
          <span className="answer-export-text">Export</span>
        </Menu>
      </div>
      <Tabs label="The answer as" tabs={VIEWS} value={view} onChange={setView} className="answer-tabs">
        {isDrawn && question === null ? <Missing problems={problems} /> : null}
        {isDrawn && question !== null ? (
          <div ref={drawn} className="answer-drawn" data-as={displayOf(draft, display).as}>
            <Drawn
              display={display}
              state={state}
              serverProblems={problems}
              isTable={view === 'table'}
              onDrill={onDrill}
              onRange={onRange}
            />
          </div>
        ) : null}
        {view === 'sql' ? <SqlView project={project} question={question} /> : null}
        {view === 'json' ? <JsonView project={project} question={question} /> : null}
      </Tabs>
    </section>
  );
};
