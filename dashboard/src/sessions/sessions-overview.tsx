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
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import type { PageProps } from '../page-props.ts';
import { filterIn } from '../ask/filter-address.ts';
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
}: {
  readonly title: string;
  readonly head: string;
  readonly pages: readonly SessionPage[];
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
          if (id.trim() !== '') goTo(`/sessions/${encodeURIComponent(id.trim())}`);
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
      <p className="quiet">Sessions of somebody stand in their timeline, on the page of the user.</p>
    </Card>
  );
};

const Loading = (): ReactNode => (
  <>
    <Skeleton height="6.5rem" />
    <Skeleton height="20rem" />
  </>
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

/** How sessions go: how many, how long, where they begin and end. */
export const SessionsOverview = ({ project, status }: PageProps): ReactNode => {
  const { question, range, setRange, by, filter, measure } = useAsked();
  const { data, error, atMs, isOld, again } = useQuestion(project, question, { everyMs: EVERY_MS });
  const display = { as: 'line' as const, measure: measure.name };
  return (
    <Page
      title="Sessions"
      status={status}
      actions={<RangePicker value={range} onChange={setRange} />}
      toolbar={
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
      }
    >
      {error !== undefined && data !== undefined ? (
        <Notice
          kind="error"
          icon="warning"
          title="Not asked anew"
          action={<Button onClick={again}>Ask again</Button>}
        >
          {error.message} Shown is the answer before.
        </Notice>
      ) : null}
      <Loaded
        data={data}
        error={error?.message}
        trouble="Sessions could not be counted"
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
              <InsightView question={question} answer={answer} display={display} compact />
              <AnswerFoot answer={answer} atMs={atMs} everyMs={EVERY_MS} />
            </Card>
            <div className="session-lists">
              <Pages title="Where they begin" head="Entry page" pages={answer.entry_pages} />
              <Pages title="Where they end" head="Exit page" pages={answer.exit_pages} />
              <ById />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
};
