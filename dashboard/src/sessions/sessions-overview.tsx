import { type ReactNode, useState } from 'react';
import type { Filter } from '../../../src/contract/question.ts';
import type { SessionPage, SessionsAnswer } from '../../../src/contract/sessions.ts';
import { FilterEditor } from '../ask/filter-editor.tsx';
import { RangePicker, useRange } from '../ask/range-picker.tsx';
import { useQuestion } from '../data/questions.ts';
import {
  BarTable,
  Button,
  Card,
  Fresh,
  Loaded,
  Notice,
  Page,
  Select,
  Skeleton,
  TextField,
} from '../design/index.ts';
import { AnswerFoot } from '../insight/asked.tsx';
import { InsightView } from '../insight/insight-view.tsx';
import { addressStore, changeAddress, goTo } from '../lib/address.ts';
import { fullCount, plural } from '../lib/format.ts';
import { SESSIONS_PATH, sessionPath } from '../lib/paths.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import type { PageProps } from '../page-props.ts';
import { filterIn } from '../ask/filter-address.ts';
import { maySeeOne, NoSessions, SessionParts } from './session-parts.tsx';
import { BREAKDOWNS, breakdownOf, MEASURES, measureOf, type SessionMeasure } from './measures.ts';

const EVERY_MS = 15_000;
const PAGES = 10;

const change = (parameters: Readonly<Record<string, string | null>>): void =>
  changeAddress(parameters, { isStep: true });

interface NumberProps {
  readonly measure: SessionMeasure;
  readonly answer: SessionsAnswer;
  readonly isShown: boolean;
}

/** A number that, pressed, is what the chart shows. */
const NumberTab = ({ measure, answer, isShown }: NumberProps): ReactNode => {
  const value = answer.total[measure.name];
  return (
    <button
      type="button"
      className="session-number"
      aria-pressed={isShown}
      onClick={() => change({ measure: measure.name })}
    >
      <span className="session-label">{measure.text}</span>
      <span className="stat-value number" title={value === null ? undefined : fullCount(value)}>
        {value === null ? '–' : measure.write(value)}
      </span>
      <span className="session-note">{measure.note}</span>
    </button>
  );
};

const Here = ({
  answer,
  atMs,
}: {
  readonly answer: SessionsAnswer;
  readonly atMs: number | undefined;
}): ReactNode => {
  const { minutes, sessions, users } = answer.live;
  return (
    <div className="session-number" role="group" aria-label="Here now">
      <span className="session-label">
        Here now <Fresh atMs={atMs} isShort />
      </span>
      <span className="stat-value number">{fullCount(sessions)}</span>
      <span className="session-note">
        {plural(users, 'user')} in {plural(minutes, 'minute')}
      </span>
    </div>
  );
};

const Pages = ({
  title,
  head,
  pages,
  onChoose,
}: {
  readonly title: string;
  readonly head: string;
  readonly pages: readonly SessionPage[];
  /** Absent: single sessions are not to be seen. */
  readonly onChoose: ((page: string) => void) | undefined;
}): ReactNode => (
  <Card title={title}>
    {pages.length === 0 ? (
      <Notice title="No pages">No session of this time saw a page.</Notice>
    ) : (
      <BarTable
        caption={title}
        nameHead={head}
        countHead="Sessions"
        whole={pages.reduce((sum, { sessions }) => sum + sessions, 0)}
        rows={pages.map(({ page, other, sessions }) => ({
          key: `${other} ${page}`,
          name: page ?? (other ? 'all others' : 'not said'),
          isAbsent: page === null,
          count: sessions,
          onChoose: page === null || onChoose === undefined ? undefined : () => onChoose(page),
        }))}
      />
    )}
  </Card>
);

/** A session by its id, as it stands in logs and in errors of an application. */
const ById = (): ReactNode => {
  const [id, setId] = useState('');
  return (
    <Card title="One session">
      <form
        className="session-find"
        onSubmit={(event) => {
          event.preventDefault();
          if (id.trim() !== '') goTo(sessionPath(id.trim()));
        }}
      >
        <TextField
          label="Its id"
          placeholder="session_id"
          autoComplete="off"
          spellCheck={false}
          value={id}
          onChange={setId}
        />
        <Button type="submit" disabled={id.trim() === ''}>
          Open
        </Button>
      </form>
      <p className="quiet">
        Others stand in the list of single sessions, those of somebody in their timeline as well.
      </p>
    </Card>
  );
};

const Loading = (): ReactNode => (
  <>
    <Skeleton height="6.5rem" />
    <Skeleton height="20rem" />
  </>
);

/** What the address says of time and filter: single sessions are looked at by the same. */
const kept = (): Readonly<Record<string, string>> => {
  const now = new URLSearchParams(addressStore.get());
  return Object.fromEntries([...now].filter(([name]) => ['range', 'from', 'to', 'filter'].includes(name)));
};

const lead = (only: Readonly<Record<string, string>>): void => goTo(SESSIONS_PATH, { ...kept(), ...only });

/** Where sessions begin and end, and single ones for those who may see them. */
const Lists = ({ answer, may }: { readonly answer: SessionsAnswer; readonly may: boolean }): ReactNode => (
  <div className="session-lists">
    <Pages
      title="Where they begin"
      head="Entry page"
      pages={answer.entry_pages}
      onChoose={may ? (page) => lead({ entry: page }) : undefined}
    />
    <Pages
      title="Where they end"
      head="Exit page"
      pages={answer.exit_pages}
      onChoose={may ? (page) => lead({ exit: page }) : undefined}
    />
    {may ? <ById /> : null}
  </div>
);

const useAsked = () => {
  const [range, setRange] = useRange('last 7 days');
  const timezone = useTimeZone();
  const parameters = new URLSearchParams(useStore(addressStore));
  const by = breakdownOf(parameters.get('by'));
  const filter: Filter | undefined = filterIn(parameters.get('filter'));
  const question = {
    ...{ kind: 'sessions' as const, range, timezone, pages: PAGES, top: 7 },
    ...(by === '' ? {} : { by: [by] }),
    ...(filter === undefined ? {} : { filter }),
  };
  return { question, range, setRange, by, filter, measure: measureOf(parameters.get('measure')) };
};

/** By what sessions are narrowed and broken down. */
const Narrowing = ({
  project,
  filter,
  by,
}: {
  readonly project: string;
  readonly filter: Filter | undefined;
  readonly by: string;
}): ReactNode => (
  <>
    <FilterEditor
      project={project}
      value={filter}
      onChange={(next) => change({ filter: next === undefined ? null : JSON.stringify(next) })}
      lead="Sessions with an event where"
      addText="Condition"
    />
    <Select
      label="Break-down"
      className="session-by"
      options={BREAKDOWNS}
      value={by}
      onChange={(value) => change({ by: value === '' ? null : value })}
    />
  </>
);

/** How sessions go: how many, how long, where they begin and end. */
export const SessionsOverview = ({ project, session, status }: PageProps): ReactNode => {
  const { question, range, setRange, by, filter, measure } = useAsked();
  const { data, error, atMs, isOld, again } = useQuestion(project, question, { everyMs: EVERY_MS });
  const display = { as: 'line' as const, measure: measure.name };
  const may = maySeeOne(session);
  return (
    <Page
      title="Sessions"
      status={status}
      actions={<RangePicker value={range} onChange={setRange} />}
      toolbar={
        <>
          <SessionParts session={session} now="/sessions" />
          <Narrowing project={project} filter={filter} by={by} />
        </>
      }
    >
      {error !== undefined && data !== undefined ? (
        <Notice
          kind="error"
          icon="warning"
          title="Not asked anew"
          action={<Button onClick={again}>Try again</Button>}
        >
          {error.message} Shown is the answer before.
        </Notice>
      ) : null}
      <Loaded
        data={data}
        error={error?.message}
        trouble="Sessions could not be counted"
        again={again}
        loading={<Loading />}
      >
        {(answer) => (
          <div className="sessions" data-old={isOld ? '' : undefined} aria-busy={isOld}>
            <div className="session-numbers">
              {MEASURES.map((each) => (
                <NumberTab key={each.name} measure={each} answer={answer} isShown={each === measure} />
              ))}
              <Here answer={answer} atMs={atMs} />
            </div>
            <Card title={measure.text} className="session-chart">
              {answer.total.sessions === 0 ? (
                <NoSessions
                  isSought={filter !== undefined}
                  onShowAll={() => change({ filter: null })}
                  range={range}
                  onRange={setRange}
                />
              ) : (
                <InsightView question={question} answer={answer} display={display} compact />
              )}
              <AnswerFoot answer={answer} atMs={atMs} everyMs={EVERY_MS} />
            </Card>
            {answer.total.sessions === 0 ? null : <Lists answer={answer} may={may} />}
          </div>
        )}
      </Loaded>
    </Page>
  );
};
