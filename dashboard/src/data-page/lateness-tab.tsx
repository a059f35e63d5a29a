import { type ReactNode, useMemo } from 'react';
import { BarChart } from '../chart/bar-chart.tsx';
import { timeSpan } from '../chart/units.ts';
import { useSqlAnswer } from '../data/sql.ts';
import {
  Button,
  Card,
  type Column,
  Fresh,
  Loaded,
  Notice,
  Segmented,
  Skeleton,
  Table,
} from '../design/index.ts';
import { addressStore, changeAddress } from '../lib/address.ts';
import { fullCount, share, shareText } from '../lib/format.ts';
import { useStore } from '../lib/use-store.ts';
import { LATE_MS, LATENESS, LATENESS_SQL, type Lateness, LEVELS, readLateness, SPANS } from './lateness.ts';
import { may, type TabProps } from './tab-props.ts';
import { levelHead } from '../insight/words.ts';

const levelText = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : timeSpan(Math.round(value));

const LEVEL_NAMES = [
  'Half arrive within',
  `${shareText(0.95)} arrive within`,
  `${shareText(0.99)} arrive within`,
] as const;

const COLUMNS: readonly Column<Lateness>[] = [
  { key: 'type', head: 'Type', sortBy: ({ type }) => type, cell: ({ type }) => type },
  {
    key: 'events',
    head: 'Events',
    isNumber: true,
    sortBy: ({ events }) => events,
    cell: ({ events }) => fullCount(events),
  },
  {
    key: 'late',
    head: `More than ${timeSpan(LATE_MS)} late`,
    isNumber: true,
    sortBy: ({ late, events }) => late / events,
    cell: ({ late, events }) => share(late, events),
  },
  ...LEVELS.map((level, at) => ({
    key: String(level),
    head: levelHead(level),
    isNumber: true,
    isWide: level !== 0.95,
    sortBy: ({ levels }: Lateness) => levels[at] ?? 0,
    cell: ({ levels }: Lateness) => levelText(levels[at]),
  })),
];

const Spread = ({ whole }: { readonly whole: Lateness }): ReactNode => {
  const bars = LATENESS.map(({ text }, at) => {
    const value = whole.spread[at] ?? 0;
    return {
      ...{ key: text, label: text, value },
      words: `${text}: ${fullCount(value)} events, ${share(value, whole.events)}`,
    };
  });
  return (
    <div className="lateness-chart">
      <BarChart
        label="Events by lateness"
        bars={bars}
        unit={{ kind: 'count' }}
        below="time between happening and receipt"
      />
    </div>
  );
};

const NOT_ALLOWED = (
  <Notice icon="lock" title="You may not ask this">
    Lateness is asked in SQL, which takes the permission <code>sql:run</code>: the role of analyst, or above.
  </Notice>
);

const Shown = ({ project, hours }: { readonly project: string; readonly hours: string }): ReactNode => {
  const question = useMemo(() => ({ sql: LATENESS_SQL, parameters: { hours }, limit: 200 }), [hours]);
  const { data, atMs, error, isFetching, again } = useSqlAnswer(project, question);
  const read = useMemo(() => (data === undefined ? undefined : readLateness(data)), [data]);
  return (
    <Card
      title="Between happening and receipt"
      aside={
        <>
          <Fresh atMs={atMs} staleMs={Number.POSITIVE_INFINITY} />
          <Button size="small" icon="refresh" disabled={isFetching} onClick={again}>
            Refresh
          </Button>
        </>
      }
    >
      <Loaded
        data={read}
        error={error?.message}
        trouble="Lateness could not be read"
        again={again}
        loading={<Skeleton height="20rem" />}
      >
        {({ whole, types }) =>
          whole === undefined ? (
            <Notice icon="clock" title="No events in this time">
              Choose a longer time above. Lateness is told as soon as events come in.
            </Notice>
          ) : (
            <>
              <dl className="lateness-stats number">
                <div title={`${fullCount(whole.late)} of ${fullCount(whole.events)} events`}>
                  <dt>More than {timeSpan(LATE_MS)} late</dt>
                  <dd>{share(whole.late, whole.events)}</dd>
                </div>
                {LEVEL_NAMES.map((label, at) => (
                  <div key={label}>
                    <dt>{label}</dt>
                    <dd>{levelText(whole.levels[at])}</dd>
                  </div>
                ))}
              </dl>
              <Spread whole={whole} />
              <Table
                caption="Lateness by type"
                className="lateness-table"
                columns={COLUMNS}
                rows={types}
                keyOf={({ type }) => type}
              />
            </>
          )
        }
      </Loaded>
    </Card>
  );
};

/** How late events are: the time between when they happened and when they were received. */
export const LatenessTab = ({ project, session }: TabProps): ReactNode => {
  const wanted = new URLSearchParams(useStore(addressStore)).get('hours');
  const span = SPANS.find(({ value }) => value === wanted) ?? SPANS[1];
  if (!may(session, 'sql:run')) return NOT_ALLOWED;
  return (
    <>
      <div className="page-toolbar">
        <Segmented
          label="Events that happened in the last"
          options={SPANS}
          value={span.value}
          onChange={(hours) => changeAddress({ hours }, { isStep: true })}
        />
        <span className="quiet">
          Events that happened in this time. Imported history counts too: it arrives late.
        </span>
      </div>
      <Shown project={project} hours={span.value} />
    </>
  );
};
