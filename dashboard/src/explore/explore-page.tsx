import './explore.css';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import type { InsightAnswer } from '../../../src/contract/insights.ts';
import { useInsight } from '../data/insights.ts';
import { Banner, Button, Link, Notice, Page, Skeleton } from '../design/index.ts';
import { displayOf } from '../insight/display.ts';
import { titleOf } from '../insight/words.ts';
import { addressStore, goTo } from '../lib/address.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { NARROW, useMedia } from '../lib/use-media.ts';
import { useStore } from '../lib/use-store.ts';
import { saysSame } from '../lib/same.ts';
import type { PageProps } from '../page-props.ts';
import { AnswerCard } from './answer-card.tsx';
import { type Found, foundBy } from './drill.ts';
import { DrillPanel } from './drill-panel.tsx';
import { ProblemsContext } from './forms/part.tsx';
import { InsightActions } from './insight-actions.tsx';
import { KindChooser } from './kind-chooser.tsx';
import { becoming, type Kind, type Question } from './kinds.ts';
import { problemsOf, problemsOfError } from './problems.ts';
import { QuestionForm } from './question-form.tsx';
import { shapeTrouble } from './question-shape.ts';
import { TimeBar } from './time-bar.tsx';
import { useAnswer } from './use-answer.ts';
import { type Exploration, useExploration } from './use-exploration.ts';

/** A question with the time zone of the pages, if it has none of its own. Metrics have one. */
const inZone = (question: Question, zone: string): Question =>
  question.kind === 'metric' || question.timezone !== undefined ? question : { ...question, timezone: zone };

/** What would be saved: what stands in the form, asked already or not; null while something is missing in it. */
const wholeOf = ({ question, display }: Exploration, zone: string) => {
  if (problemsOf(question).length > 0) return null;
  const whole = inZone(question, zone);
  return { question: whole, display: displayOf(whole, display) };
};

/** The panel beside the page that shows what stands behind a number. */
const useFound = () => {
  const [found, setFound] = useState<Exclude<Found, { kind: 'place' }>>();
  const look = useCallback((next: Found | undefined): void => {
    if (next?.kind === 'place') goTo(next.path);
    else setFound(next);
  }, []);
  return { found, look, close: () => setFound(undefined) };
};

/** Whether what is explored differs from what is saved. */
const isChanged = ({ asked, question, display }: Exploration, saved: InsightAnswer | undefined): boolean =>
  saved === undefined ||
  question !== asked ||
  !saysSame(asked, saved.question) ||
  !saysSame(display, saved.display);

const rangeOf = (fromMs: number, toMs: number) => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

interface BuilderProps extends Pick<PageProps, 'project' | 'session' | 'status'> {
  readonly saved: InsightAnswer | undefined;
}

const Trouble = ({ text }: { readonly text: string }): ReactNode => (
  <Banner
    kind="warn"
    actions={
      <Button size="small" onClick={() => goTo('/explore')}>
        Begin anew
      </Button>
    }
  >
    <strong>This address holds no question that can be shown.</strong> {text}
  </Banner>
);

/** The form; where there is little room it can be folded away, so that the answer is in sight. */
const FormColumn = ({
  isOpened,
  isNeeded,
  children,
}: {
  /** There is a question already: its answer comes first. */
  readonly isOpened: boolean;
  /** Something is still to be chosen. */
  readonly isNeeded: boolean;
  readonly children: ReactNode;
}): ReactNode => {
  const isNarrow = useMedia(NARROW);
  const [isOpen, setOpen] = useState(!isOpened || isNeeded);
  const [wasNeeded, setNeeded] = useState(isNeeded);
  if (isNeeded !== wasNeeded) {
    setNeeded(isNeeded);
    if (isNeeded) setOpen(true);
  }
  if (!isNarrow) return children;
  return (
    <div className="explore-form">
      <Button icon={isOpen ? 'up' : 'edit'} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Fold the question' : 'Change the question'}
      </Button>
      {isOpen ? children : null}
    </div>
  );
};

const Builder = ({ project, session, status, saved }: BuilderProps): ReactNode => {
  const zone = useTimeZone();
  const exploration = useExploration(saved);
  const { question, asked, display, trouble, show, replace } = exploration;
  const hasQuestion = new URLSearchParams(useStore(addressStore)).has('q');
  const missing = useMemo(() => problemsOf(asked), [asked]);
  const full = useMemo(() => (missing.length > 0 ? null : inZone(asked, zone)), [missing, asked, zone]);
  const state = useAnswer(project, full);
  const { found, look, close } = useFound();
  const refused = full === null ? [] : problemsOfError(state.error);
  const problems = question === asked ? [...missing, ...refused] : problemsOf(question);
  const change = (patch: object): void => exploration.change({ ...question, ...patch });
  const changeKind = (kind: Kind): void => replace(becoming(question, kind), {});
  const title = saved?.name ?? titleOf(asked);
  const zoom = (fromMs: number, toMs: number): void => change({ range: rangeOf(fromMs, toMs) });
  return (
    <Page
      title={saved?.name ?? 'Explore'}
      description={saved === undefined || saved.description === '' ? titleOf(asked) : saved.description}
      status={status}
      className="explore"
      actions={
        <InsightActions
          project={project}
          saved={saved}
          what={wholeOf(exploration, zone)}
          name={title}
          isChanged={isChanged(exploration, saved)}
          mayWrite={session.permissions.includes('insights:write')}
          publicUrl={session.public_url}
          onLook={replace}
        />
      }
      toolbar={<KindChooser value={question.kind} onChange={changeKind} />}
    >
      {trouble === undefined ? null : <Trouble text={trouble} />}
      <div className="explore-parts">
        <FormColumn isOpened={saved !== undefined || hasQuestion} isNeeded={full === null}>
          <QuestionForm project={project} question={question} problems={problems} change={change} />
        </FormColumn>
        <div className="explore-answer">
          <ProblemsContext value={problems}>
            <TimeBar question={question} change={change} />
          </ProblemsContext>
          <AnswerCard
            project={project}
            title={title}
            question={full}
            draft={question}
            display={display}
            onDisplay={show}
            state={state}
            problems={full === null ? missing : refused}
            onDrill={({ question: of, answer }, drill) => look(foundBy(of, answer, drill))}
            onRange={zoom}
          />
        </div>
      </div>
      {found === undefined ? null : (
        <DrillPanel
          key={found.title}
          project={project}
          found={found}
          mayRead={session.permissions.includes('personal:read')}
          onClose={close}
        />
      )}
    </Page>
  );
};

/** A saved insight, opened: another one begins with another question. */
const Saved = ({ id, ...rest }: Omit<BuilderProps, 'saved'> & { readonly id: string }): ReactNode => {
  const { data, error, again } = useInsight(rest.project, id);
  if (data === undefined && error === undefined)
    return (
      <Page title="Explore" isBusy>
        <Skeleton height="20rem" />
      </Page>
    );
  if (data === undefined)
    return (
      <Notice
        isPage
        kind="error"
        icon="warning"
        title="This insight cannot be opened"
        action={error?.status === 404 ? null : <Button onClick={again}>Try again</Button>}
      >
        {error?.message} <Link to="/explore">Begin a new question</Link>
      </Notice>
    );
  const trouble = shapeTrouble(data.question);
  if (trouble !== undefined)
    return (
      <Notice isPage icon="info" title={`${data.name} cannot be shown here`}>
        {trouble} Boards can show it. <Link to="/explore">Begin a new question</Link>
      </Notice>
    );
  return <Builder key={data.id} {...rest} saved={data} />;
};

/** Explore: any question, put together by picking. */
export const ExplorePage = ({ project, session, status, rest }: PageProps): ReactNode => {
  const [id] = rest;
  const shared = { project, session, status };
  return id === undefined ? <Builder {...shared} saved={undefined} /> : <Saved {...shared} id={id} />;
};
