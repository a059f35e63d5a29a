import { type ReactNode, useState } from 'react';
import type { HealthAnswer } from '../../../src/contract/system.ts';
import type { Resource } from '../data/resource.ts';
import { useHealth, useMetrics } from '../data/system.ts';
import {
  Card,
  type Column,
  Failed,
  Fresh,
  Icon,
  Loaded,
  Notice,
  Skeleton,
  Stat,
  Table,
} from '../design/index.ts';
import { byteSize, duration, fullCount, plural, rate, shortCount } from '../lib/format.ts';
import type { PageProps } from '../page-props.ts';
import {
  labelsOf,
  observedIn,
  ratesOf,
  type Sample,
  sampleOf,
  valueOf,
  wayOf,
  withSample,
} from './samples.ts';

const Checks = ({
  health,
  atMs,
}: {
  readonly health: HealthAnswer;
  readonly atMs: number | undefined;
}): ReactNode => (
  <Card title="Parts of the platform" aside={<Fresh atMs={atMs} />}>
    <ul className="health-checks">
      {health.checks.map(({ name, status, message, detail }) => (
        <li key={name} data-status={status}>
          <Icon name={status === 'green' ? 'check' : 'warning'} size={14} />
          <strong>{name}</strong>
          <span>
            {message} {detail}
          </span>
        </li>
      ))}
    </ul>
  </Card>
);

interface NowProps {
  readonly samples: readonly Sample[];
  readonly last: Sample;
  readonly atMs: number | undefined;
}

const lastOf = (values: readonly number[]): number | undefined => values.at(-1);

const Numbers = ({ samples, last, atMs }: NowProps): ReactNode => {
  const accepted = ratesOf(samples, 'aevum_collect_accepted_total');
  const stored = ratesOf(samples, 'aevum_process_stored_total');
  const loaded = ratesOf(samples, 'aevum_load_rows_total');
  const waiting = wayOf(samples, 'aevum_loading_behind_records');
  const memory = wayOf(samples, 'process_resident_memory_bytes');
  const tables = valueOf(last, 'aevum_warehouse_table_bytes') ?? 0;
  const perSecond = (values: readonly number[]): string | undefined => {
    const value = lastOf(values);
    return value === undefined ? undefined : rate(value);
  };
  return (
    <div className="stats system-stats">
      <Stat
        label="Received"
        value={perSecond(accepted)}
        unit="/s"
        note="accepted and durable"
        atMs={atMs}
        spark={accepted}
      />
      <Stat
        label="Stored"
        value={perSecond(stored)}
        unit="/s"
        note="decided to be kept"
        atMs={atMs}
        spark={stored}
      />
      <Stat
        label="Queryable"
        value={perSecond(loaded)}
        unit="/s"
        note="in the warehouse"
        atMs={atMs}
        spark={loaded}
      />
      <Stat
        label="Waiting"
        value={shortCount(lastOf(waiting) ?? 0)}
        note={`to load, ${shortCount(valueOf(last, 'aevum_derived_behind_records') ?? 0)} to derive`}
        atMs={atMs}
        spark={waiting}
      />
      <Stat
        label="Memory"
        value={byteSize(lastOf(memory) ?? 0)}
        note={`engine ${byteSize(valueOf(last, 'aevum_warehouse_memory_bytes') ?? 0)}`}
        atMs={atMs}
        spark={memory}
      />
      <Stat
        label="Disk free"
        value={byteSize(valueOf(last, 'aevum_disk_free_bytes') ?? 0)}
        note={`tables ${byteSize(tables)}, log ${byteSize(valueOf(last, 'aevum_log_raw_bytes') ?? 0)}`}
        atMs={atMs}
        spark={wayOf(samples, 'aevum_disk_free_bytes')}
      />
    </div>
  );
};

/** The stages of an event, in its order, by the histogram that times each. */
const STAGES = [
  { name: 'aevum_collect_commit_seconds', text: 'Received to durable in the log' },
  { name: 'aevum_process_decide_seconds', text: 'Deciding a batch' },
  { name: 'aevum_process_append_seconds', text: 'Decided to durable' },
  { name: 'aevum_load_seconds', text: 'A load into the warehouse' },
  { name: 'aevum_live_delay_seconds', text: 'Decided to live subscribers' },
  { name: 'aevum_warehouse_query_seconds', text: 'A statement that reads' },
] as const;

interface Timing {
  readonly key: string;
  readonly text: string;
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

const timingsOf = (samples: readonly Sample[], last: Sample): readonly Timing[] => {
  const row = (
    key: string,
    text: string,
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): Timing[] => {
    const observed = observedIn(samples, name, labels);
    return observed === undefined ? [] : [{ key, text, ...observed }];
  };
  return [
    ...STAGES.flatMap(({ name, text }) => row(name, text, name)),
    ...labelsOf(last, 'aevum_step_seconds', 'step').flatMap((step) =>
      row(`step ${step}`, `Step ${step}, a batch`, 'aevum_step_seconds', { step }),
    ),
  ];
};

const boundText = (seconds: number | null): string =>
  seconds === null ? 'longer' : `≤ ${duration(seconds * 1000)}`;

const TIMING_COLUMNS: readonly Column<Timing>[] = [
  { key: 'what', head: 'What', cell: ({ text }) => <span className="system-doc">{text}</span> },
  { key: 'p50', head: 'Half of them', isNumber: true, cell: ({ p50 }) => boundText(p50) },
  { key: 'p99', head: '99 of 100', isNumber: true, cell: ({ p99 }) => boundText(p99) },
  { key: 'count', head: 'Times', isNumber: true, isWide: true, cell: ({ count }) => shortCount(count) },
];

interface TableFacts {
  readonly name: string;
  readonly rows: number;
  readonly size: number;
  readonly parts: number;
}

const tablesOf = (last: Sample): readonly TableFacts[] =>
  labelsOf(last, 'aevum_warehouse_table_bytes', 'table').map((table) => ({
    name: table,
    rows: valueOf(last, 'aevum_warehouse_table_rows', { table }) ?? 0,
    size: valueOf(last, 'aevum_warehouse_table_bytes', { table }) ?? 0,
    parts: valueOf(last, 'aevum_warehouse_table_parts', { table }) ?? 0,
  }));

const TABLE_COLUMNS: readonly Column<TableFacts>[] = [
  { key: 'name', head: 'Table', cell: ({ name }) => <code>{name}</code>, sortBy: ({ name }) => name },
  {
    key: 'rows',
    head: 'Rows',
    isNumber: true,
    cell: ({ rows }) => shortCount(rows),
    sortBy: ({ rows }) => rows,
  },
  {
    key: 'size',
    head: 'On disk',
    isNumber: true,
    cell: ({ size }) => byteSize(size),
    sortBy: ({ size }) => size,
  },
  {
    key: 'parts',
    head: 'Parts',
    isNumber: true,
    isWide: true,
    cell: ({ parts }) => fullCount(parts),
    sortBy: ({ parts }) => parts,
  },
];

/** What was counted that should not happen, or is at least worth knowing. */
const TROUBLES = [
  { name: 'aevum_http_failures_total', text: 'Requests that failed here' },
  { name: 'aevum_collect_rejected_total', text: 'Events refused at receipt' },
  { name: 'aevum_collect_turned_away_total', text: 'Requests turned away: full, or too fast' },
  { name: 'aevum_load_failures_total', text: 'Loads that were tried again' },
  { name: 'aevum_warehouse_failures_total', text: 'Statements that failed or were ended' },
  { name: 'aevum_duties_failed_total', text: 'Work in the background that failed' },
  { name: 'aevum_engine_deaths_total', text: 'Ends of the engine' },
  { name: 'aevum_processor_restarts_total', text: 'New starts of the processor' },
  { name: 'aevum_live_events_missed_total', text: 'Events that slow live subscribers missed' },
  { name: 'aevum_telemetry_series_dropped_total', text: 'Measurements dropped' },
  { name: 'aevum_ledger_unbalanced_minutes', text: 'Minutes that do not add up' },
] as const;

const Troubles = ({ samples, last }: Pick<NowProps, 'samples' | 'last'>): ReactNode => (
  <Card title="Errors" aside={<span className="quiet">since the start, + since this page opened</span>}>
    <dl className="system-errors">
      {TROUBLES.map(({ name, text }) => {
        const total = valueOf(last, name) ?? 0;
        const first = samples[0];
        const lately = first === undefined ? 0 : total - (valueOf(first, name) ?? 0);
        return (
          <div key={name} data-some={lately > 0 ? '' : undefined}>
            <dt>{text}</dt>
            <dd className="number">
              {fullCount(total)}
              {lately > 0 ? <span> +{fullCount(lately)}</span> : null}
            </dd>
          </div>
        );
      })}
    </dl>
  </Card>
);

const Now = (props: NowProps): ReactNode => {
  const timings = timingsOf(props.samples, props.last);
  return (
    <>
      <Numbers {...props} />
      <div className="system-columns">
        <Card title="Times" aside={<Fresh atMs={props.atMs} />} className="system-list">
          <Table
            caption="Times of stages and steps"
            columns={TIMING_COLUMNS}
            rows={timings}
            keyOf={({ key }) => key}
            empty={<Notice title="Nothing happened">No stage was passed while this page is open.</Notice>}
          />
        </Card>
        <Troubles samples={props.samples} last={props.last} />
      </div>
      <Card
        title="Storage"
        aside={
          <>
            <span className="quiet">
              {plural(valueOf(props.last, 'aevum_warehouse_merges') ?? 0, 'merge')} under way
            </span>
            <Fresh atMs={props.atMs} />
          </>
        }
        className="system-list"
      >
        <Table
          caption="Tables of the warehouse"
          columns={TABLE_COLUMNS}
          rows={[...tablesOf(props.last)].sort((a, b) => b.size - a.size)}
          keyOf={({ name }) => name}
        />
      </Card>
    </>
  );
};

type OfProject = Pick<PageProps, 'project'>;

const ShownChecks = ({ health }: { readonly health: Resource<HealthAnswer> }): ReactNode => (
  <Loaded
    data={health.data}
    error={health.error?.message}
    trouble="Health could not be read"
    again={health.again}
    loading={<Skeleton height="8rem" />}
  >
    {(answer) => <Checks health={answer} atMs={health.atMs} />}
  </Loaded>
);

const ChecksOnly = ({ project }: OfProject): ReactNode => <ShownChecks health={useHealth(project)} />;

const ChecksAndNumbers = ({ project }: OfProject): ReactNode => {
  const health = useHealth(project);
  const { data, error, atMs, again } = useMetrics(project);
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [seen, setSeen] = useState(data);
  if (data !== undefined && data !== seen) {
    setSeen(data);
    setSamples(withSample(samples, sampleOf(data)));
  }
  const last = samples.at(-1) ?? (data === undefined ? undefined : sampleOf(data));
  // What fails for both is told once.
  if (health.data === undefined && health.error !== undefined && last === undefined && error !== undefined)
    return (
      <Failed
        title="The state of the platform could not be read"
        again={() => {
          health.again();
          again();
        }}
      >
        {error.message}
      </Failed>
    );
  return (
    <>
      <ShownChecks health={health} />
      <Loaded
        data={last}
        error={error?.message}
        trouble="Nothing could be measured"
        again={again}
        loading={<Skeleton height="16rem" />}
      >
        {(sample) => <Now samples={samples.length === 0 ? [sample] : samples} last={sample} atMs={atMs} />}
      </Loaded>
    </>
  );
};

/** How the platform is now; for whoever may see numbers of the whole of it also how it was since the page was opened. */
export const HealthPart = ({ project, session }: PageProps): ReactNode =>
  session.permissions.includes('platform:read') ? (
    <ChecksAndNumbers project={project} />
  ) : (
    <>
      <ChecksOnly project={project} />
      <Notice icon="lock" title="You may not see the platform's numbers">
        They are of all projects together. Seeing them takes the permission <code>platform:read</code>: a role
        in the project <code>default</code>, with that project chosen. Your role in the project {project} is{' '}
        {session.role}.
      </Notice>
    </>
  );
