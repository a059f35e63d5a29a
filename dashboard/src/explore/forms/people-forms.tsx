import type { ReactNode } from 'react';
import { TypesPicker } from '../../ask/selector-editor.tsx';
import { Button, Segmented } from '../../design/index.ts';
import type { QuestionOf } from '../kinds.ts';
import {
  ActorRow,
  ByPart,
  Choice,
  DurationField,
  FilterPart,
  type FormProps,
  NumberField,
  NumberSelect,
  OptionalField,
  PERIODS,
  typesOf,
} from './controls.tsx';
import { More, Part, Row } from './part.tsx';
import { Selecting } from './selecting.tsx';

const MODES = { n_day: 'In exactly that period', unbounded: 'In that period or later' } as const;
const COHORTS = {
  first_ever: 'By their first time ever',
  first_in_range: 'By their first time in the range',
  recurring: 'In each period again',
} as const;

const MoreOfRetention = ({ question, change }: Omit<FormProps<'retention'>, 'project'>): ReactNode => {
  const { mode, cohorts, actor } = question;
  return (
    <More isUsed={mode !== undefined || cohorts !== undefined || actor === 'session'}>
      <Row title="Came back" at="mode">
        <Choice
          label="Came back"
          options={MODES}
          value={mode === undefined || mode === 'n_day' ? 'n_day' : 'unbounded'}
          onChange={(next) => change({ mode: next === 'n_day' ? undefined : next })}
        />
      </Row>
      <Row title="Are put into cohorts" at="cohorts">
        <Choice
          label="Are put into cohorts"
          options={COHORTS}
          value={cohorts ?? 'first_ever'}
          onChange={(next) => change({ cohorts: next === 'first_ever' ? undefined : next })}
        />
      </Row>
      <ActorRow value={actor} onChange={(next) => change({ actor: next })} />
    </More>
  );
};

/** What a question about retention is put together of. */
export const RetentionForm = ({ project, question, change }: FormProps<'retention'>): ReactNode => {
  const { start, return: back, period, periods, by, top, filter } = question;
  const types = typesOf(question);
  return (
    <>
      <Part title="Who begins with" at="start">
        <Selecting
          project={project}
          label="Start event"
          value={start}
          onChange={(next) => change({ start: next })}
        />
      </Part>
      <Part title="Comes back by" at="return">
        <Selecting
          project={project}
          label="Return event"
          value={back}
          onChange={(next) => change({ return: next })}
        />
      </Part>
      <Row title="Period" at={['period', 'periods']}>
        <Choice
          label="Period"
          options={PERIODS}
          value={period ?? 'day'}
          onChange={(next) => change({ period: next })}
        />
        <NumberSelect
          label="Followed for so many periods"
          values={[3, 7, 8, 12, 14, 30]}
          value={periods ?? 7}
          onChange={(next) => change({ periods: next })}
        />
      </Row>
      <ByPart
        project={project}
        types={types}
        by={by}
        top={top}
        onChange={change}
        note="As it is in the event that put somebody into the cohort."
      />
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <MoreOfRetention question={question} change={change} />
    </>
  );
};

const COLLAPSES = {
  repeats: 'Once, if in a row',
  loops: 'Once on a path',
  none: 'Each time',
} as const;

type Paths = QuestionOf<'paths'>;
type End = 'none' | 'from' | 'to';

const endOf = ({ from, to }: Paths): End => {
  if (from !== undefined) return 'from';
  return to === undefined ? 'none' : 'to';
};

const ENDS = [
  { value: 'none', text: 'Anything' },
  { value: 'from', text: 'Begin with' },
  { value: 'to', text: 'Lead to' },
] as const;

type Activity = 'lifecycle' | 'stickiness';

const MoreOfActivity = ({ question, change }: Omit<FormProps<Activity>, 'project'>): ReactNode => {
  const { actor } = question;
  return (
    <More isUsed={actor === 'session'}>
      <ActorRow value={actor} onChange={(next) => change({ actor: next })} />
      {question.kind === 'lifecycle' ? (
        <Row title="New after an absence of" at="look_back" note="Of the whole history if nothing is said.">
          {question.look_back === undefined ? (
            <Button size="small" onClick={() => change({ look_back: '90d' })}>
              The whole history
            </Button>
          ) : (
            <>
              <DurationField
                label="New after an absence of"
                value={question.look_back}
                onChange={(next) => change({ look_back: next })}
              />
              <Button size="small" onClick={() => change({ look_back: undefined })}>
                All
              </Button>
            </>
          )}
        </Row>
      ) : null}
    </More>
  );
};

const MoreOfPaths = ({ question, change }: Omit<FormProps<'paths'>, 'project'>): ReactNode => {
  const { window, collapse, top, min_share: least, actor } = question;
  return (
    <More
      isUsed={
        window !== undefined ||
        collapse !== undefined ||
        top !== undefined ||
        least !== undefined ||
        actor === 'session'
      }
    >
      <Row title="Within" at="window">
        <DurationField label="Within" value={window ?? '1d'} onChange={(next) => change({ window: next })} />
      </Row>
      <Row title="The same step is shown" at="collapse">
        <Choice
          label="The same step is shown"
          options={COLLAPSES}
          value={collapse ?? 'repeats'}
          onChange={(next) => change({ collapse: next === 'repeats' ? undefined : next })}
        />
      </Row>
      <Row title="Named at each level" at="top">
        <NumberSelect
          label="Named at each level"
          values={[3, 5, 8, 12, 20]}
          value={top ?? 8}
          onChange={(next) => change({ top: next })}
        />
      </Row>
      <Row title="Least share, in %" at="min_share">
        <NumberField
          label="Least share, in percent"
          placeholder="0"
          value={least === undefined ? undefined : least * 100}
          onChange={(next) => change({ min_share: next === undefined ? undefined : next / 100 })}
        />
      </Row>
      <ActorRow value={actor} onChange={(next) => change({ actor: next })} />
    </More>
  );
};

/** What a question about paths is put together of. */
export const PathsForm = ({ project, question, change }: FormProps<'paths'>): ReactNode => {
  const { from, to, label = 'type', depth, filter } = question;
  const end = endOf(question);
  const types = typesOf(question);
  const turn = (next: End): void => {
    const selector = from ?? to ?? {};
    change({ from: next === 'from' ? selector : undefined, to: next === 'to' ? selector : undefined });
  };
  return (
    <>
      <Part title="Paths" at={['from', 'to']}>
        <Segmented label="Paths" options={ENDS} value={end} onChange={turn} />
        {end === 'none' ? null : (
          <Selecting
            project={project}
            label={end === 'from' ? 'Paths begin with' : 'Paths lead to'}
            value={end === 'from' ? from : to}
            onChange={(next) => change({ [end]: next })}
          />
        )}
      </Part>
      <Part title="A step is called by its" at="label">
        <OptionalField
          project={project}
          label="Name of a step"
          use="group"
          types={types}
          value={label}
          onChange={(next) => change({ label: next ?? 'type' })}
        />
      </Part>
      <Row title="Levels" at="depth">
        <NumberSelect
          label="Levels"
          values={[2, 3, 4, 5, 6, 8, 10]}
          value={depth ?? 5}
          onChange={(next) => change({ depth: next })}
        />
      </Row>
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
        note="Other events are on no path."
      />
      <MoreOfPaths question={question} change={change} />
    </>
  );
};

/** What questions about who is active are put together of. */
export const ActivityForm = ({ project, question, change }: FormProps<Activity>): ReactNode => {
  const { types = [], period, filter } = question;
  return (
    <>
      <Part title="Active is who does" at="types">
        <TypesPicker
          project={project}
          label="Event"
          types={types}
          onChange={(next) => change({ types: next.length === 0 ? undefined : [...next] })}
        />
      </Part>
      <FilterPart
        project={project}
        types={types}
        value={filter}
        onChange={(next) => change({ filter: next })}
      />
      <Row title="Period" at="period">
        <Choice
          label="Period"
          options={PERIODS}
          value={period ?? 'day'}
          onChange={(next) => change({ period: next })}
        />
      </Row>
      <MoreOfActivity question={question} change={change} />
    </>
  );
};

/** What a question about sessions is put together of. */
export const SessionsForm = ({ project, question, change }: FormProps<'sessions'>): ReactNode => {
  const { types = [], filter, by, top, pages } = question;
  return (
    <>
      <FilterPart
        project={project}
        types={types}
        title="Sessions with an event"
        value={filter}
        onChange={(next) => change({ filter: next })}
        note="They are measured whole."
      />
      <ByPart
        project={project}
        types={types}
        by={by}
        top={top}
        onChange={change}
        note="As it is in the first event that has it."
      />
      <More isUsed={types.length > 0 || pages !== undefined}>
        <Part title="Made up of events" at="types">
          <TypesPicker
            project={project}
            label="Event"
            types={types}
            onChange={(next) => change({ types: next.length === 0 ? undefined : [...next] })}
          />
        </Part>
        <Row title="Entry and exit pages" at="pages">
          <NumberSelect
            label="Entry and exit pages"
            values={[0, 5, 10, 20, 50]}
            value={pages ?? 10}
            onChange={(next) => change({ pages: next })}
          />
        </Row>
      </More>
    </>
  );
};
