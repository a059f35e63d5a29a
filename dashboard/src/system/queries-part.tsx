import { type ReactNode, useState } from 'react';
import type { PlatformWork, RunningQueriesAnswer } from '../../../src/contract/running.ts';
import { useEndQuery, useRunning } from '../data/system.ts';
import {
  Banner,
  Button,
  Card,
  CodeBlock,
  type Column,
  ConfirmDialog,
  Fresh,
  Loaded,
  Notice,
  Panel,
  Skeleton,
  Table,
  toast,
} from '../design/index.ts';
import { byteSize, plural, shortCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useNow } from '../lib/use-now.ts';
import { instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { Facts } from './facts.tsx';
import { OperatorOnly } from './operator-only.tsx';
import { agedMs, type Asked, kindText, progressOf, underWayText, wayText, whoText } from './query-facts.ts';

type Progress = Pick<PlatformWork, 'rows_read' | 'rows_total'>;

const State = ({ state }: { readonly state: Asked['state'] }): ReactNode => (
  <span className="query-state" data-state={state}>
    {state}
  </span>
);

/** Goes on while it is looked at. */
const UnderWay = ({ ms, atMs }: { readonly ms: number; readonly atMs: number | undefined }): ReactNode => {
  const now = useNow();
  return underWayText(agedMs(ms, atMs === undefined ? 0 : now - atMs));
};

/** Rows read, and of how many, where that is known. */
const Read = (progress: Progress): ReactNode => {
  const { rows_read: read, rows_total: total } = progress;
  if (read === null) return <span className="quiet">not known</span>;
  const part = progressOf(progress);
  return (
    <span className="query-read">
      {shortCount(read)}
      {total === null ? null : <span className="quiet"> of {shortCount(total)}</span>}
      {part === undefined ? null : (
        <meter min={0} max={1} value={part} aria-label="read of what is to be read" />
      )}
    </span>
  );
};

const memoryText = (bytes: number | null): string => (bytes === null ? '' : byteSize(bytes));

interface Handlers {
  readonly atMs: number | undefined;
  readonly open: (id: string) => void;
  readonly end: (query: Asked) => void;
}

const queryColumns = ({ atMs, open, end }: Handlers): readonly Column<Asked>[] => [
  {
    key: 'what',
    head: 'What',
    cell: (query) => (
      <span className="query-what">
        <button type="button" className="audit-open" onClick={() => open(query.id)}>
          {kindText(query)}
        </button>
        <State state={query.state} />
      </span>
    ),
  },
  {
    key: 'who',
    head: 'Who',
    isWide: true,
    cell: (query) => (
      <>
        {whoText(query)} <span className="quiet">{wayText(query)}</span>
      </>
    ),
  },
  { key: 'project', head: 'Project', isWide: true, cell: ({ project }) => project },
  {
    key: 'for',
    head: 'For',
    isNumber: true,
    cell: ({ elapsed_ms: ms }) => <UnderWay ms={ms} atMs={atMs} />,
    sortBy: ({ elapsed_ms: ms }) => ms,
  },
  {
    key: 'read',
    head: 'Rows read',
    isNumber: true,
    isWide: true,
    cell: (query) => <Read {...query} />,
    sortBy: ({ rows_read: rows }) => rows,
  },
  {
    key: 'memory',
    head: 'Memory',
    isNumber: true,
    isWide: true,
    cell: ({ memory_bytes: bytes }) => memoryText(bytes),
    sortBy: ({ memory_bytes: bytes }) => bytes ?? 0,
  },
  {
    key: 'end',
    head: '',
    isNumber: true,
    cell: (query) => (
      <Button
        size="small"
        disabled={query.state === 'ending'}
        aria-label={`End ${kindText(query)} of ${whoText(query)}`}
        onClick={(event) => {
          event.stopPropagation();
          end(query);
        }}
      >
        End
      </Button>
    ),
  },
];

const WORK: Readonly<Record<PlatformWork['kind'], string>> = {
  load: 'Loads events',
  read: 'Looks something up',
  change: 'Fills or changes tables',
};

const workColumns = (atMs: number | undefined): readonly Column<PlatformWork>[] => [
  {
    key: 'what',
    head: 'What',
    cell: ({ kind, state }) => (
      <span className="query-what">
        {WORK[kind]}
        <State state={state} />
      </span>
    ),
  },
  {
    key: 'statement',
    head: 'Statement',
    isWide: true,
    cell: ({ statement }) => <code title={statement ?? undefined}>{statement}</code>,
  },
  { key: 'for', head: 'For', isNumber: true, cell: ({ elapsed_ms: ms }) => <UnderWay ms={ms} atMs={atMs} /> },
  { key: 'read', head: 'Rows read', isNumber: true, isWide: true, cell: (work) => <Read {...work} /> },
  {
    key: 'memory',
    head: 'Memory',
    isNumber: true,
    isWide: true,
    cell: ({ memory_bytes: bytes }) => memoryText(bytes),
  },
];

interface OneQueryProps {
  readonly query: Asked;
  readonly atMs: number | undefined;
  /** It is not in the list any more. */
  readonly isOver: boolean;
  readonly onEnd: () => void;
  readonly onClose: () => void;
}

const OneQuery = ({ query, atMs, isOver, onEnd, onClose }: OneQueryProps): ReactNode => {
  const zone = useTimeZone();
  const { statements, statement } = query;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['who', `${whoText(query)}, ${wayText(query)}`],
    ['project', query.project],
    ['since', instantIn(query.asked_at, zone)],
    ['state', isOver ? 'over' : <State state={query.state} />],
    ['for', isOver ? underWayText(query.elapsed_ms) : <UnderWay ms={query.elapsed_ms} atMs={atMs} />],
    ['rows read', <Read key="read" {...query} />],
    ['memory', memoryText(query.memory_bytes) || <span className="quiet">not known</span>],
    [
      'statements',
      `${plural(statements.done, 'answered', 'answered')}, ${statements.running} running, ${statements.waiting} waiting`,
    ],
  ];
  const canEnd = !isOver && query.state !== 'ending';
  return (
    <Panel
      title={`${kindText(query)}, ${isOver ? 'over' : query.state}`}
      actions={
        canEnd ? (
          <Button size="small" kind="danger" onClick={onEnd}>
            End it
          </Button>
        ) : undefined
      }
      onClose={onClose}
    >
      <Facts facts={facts} />
      {statement === null ? (
        <p className="quiet">No statement of it is under way at this moment.</p>
      ) : (
        <>
          <CodeBlock label="the statement under way" text={statement} wraps />
          <p className="quiet system-under">
            {query.statement_cut ? 'It goes on; here it is cut. ' : ''}Without values: what the question is
            about is not shown.
          </p>
        </>
      )}
    </Panel>
  );
};

interface AskedNowProps {
  readonly answer: RunningQueriesAnswer;
  readonly atMs: number | undefined;
  readonly project: string;
}

const listedText = ({ queries, total }: RunningQueriesAnswer): string =>
  queries.length < total ? `the oldest ${queries.length} of ${shortCount(total)}` : plural(total, 'question');

const OwnWork = ({ answer: { work, engine }, atMs }: Omit<AskedNowProps, 'project'>): ReactNode => (
  <Card title="The platform’s own work" aside={<Fresh atMs={atMs} />} className="system-list">
    <Table
      caption="Statements of the platform itself"
      columns={workColumns(atMs)}
      rows={work}
      keyOf={(each) => `${each.kind} ${work.indexOf(each)}`}
      empty={
        <Notice title={engine === 'silent' ? 'Not known' : 'Nothing at this moment'}>
          Loads, tables that are filled in the background, looks at its own health.
        </Notice>
      }
    />
  </Card>
);

interface EndingProps {
  readonly query: Asked;
  readonly project: string;
  readonly onClose: () => void;
}

const Ending = ({ query, project, onClose }: EndingProps): ReactNode => {
  const end = useEndQuery(project);
  return (
    <ConfirmDialog
      title="End this question?"
      action="End it"
      isDanger
      onConfirm={async () => {
        await end(query.id);
        toast('The question is being ended.');
      }}
      onClose={onClose}
    >
      <p>
        {kindText(query)} of {whoText(query)}, project {query.project}. The engine stops it, and who asked is
        told that it was ended. Nothing is lost: it can be asked again.
      </p>
    </ConfirmDialog>
  );
};

const AskedNow = ({ answer, atMs, project }: AskedNowProps): ReactNode => {
  const [opened, setOpened] = useState<Asked>();
  const [ending, setEnding] = useState<Asked>();
  const { queries, engine } = answer;
  const fresh = queries.find(({ id }) => id === opened?.id);
  if (fresh !== undefined && fresh !== opened) setOpened(fresh);
  const find = (id: string): Asked | undefined => queries.find((query) => query.id === id);
  return (
    <>
      {engine === 'silent' ? (
        <Banner kind="warn">
          The engine does not say what it does. How far questions are is not known, and what the platform does
          itself is not listed.
        </Banner>
      ) : null}
      <Card
        title="Asked now"
        aside={
          <>
            <span className="quiet">{listedText(answer)}</span>
            <Fresh atMs={atMs} />
          </>
        }
        className="system-list"
      >
        <Table
          caption="Questions that run or wait, the oldest first"
          columns={queryColumns({ atMs, open: (id) => setOpened(find(id)), end: setEnding })}
          rows={queries}
          keyOf={({ id }) => id}
          onRow={setOpened}
          isChosen={({ id }) => id === opened?.id}
          empty={
            <Notice icon="check" title="Nothing is asked at this moment">
              What takes longer than a moment stands here, from whichever project, and can be ended.
            </Notice>
          }
        />
      </Card>
      <OwnWork answer={answer} atMs={atMs} />
      {opened === undefined ? null : (
        <OneQuery
          query={opened}
          atMs={atMs}
          isOver={fresh === undefined}
          onEnd={() => setEnding(opened)}
          onClose={() => setOpened(undefined)}
        />
      )}
      {ending === undefined ? null : (
        <Ending query={ending} project={project} onClose={() => setEnding(undefined)} />
      )}
    </>
  );
};

const Queries = ({ project }: { readonly project: string }): ReactNode => {
  const { data, error, atMs, again } = useRunning(project);
  return (
    <Loaded
      data={data}
      error={error?.message}
      trouble="What is asked could not be read"
      again={again}
      loading={<Skeleton height="16rem" />}
    >
      {(answer) => <AskedNow answer={answer} atMs={atMs} project={project} />}
    </Loaded>
  );
};

/** What is asked of the platform now, of all projects, and how to end it. */
export const QueriesPart = ({ project, session }: PageProps): ReactNode => (
  <OperatorOnly session={session} project={project} what="what is asked">
    <Queries project={project} />
  </OperatorOnly>
);
