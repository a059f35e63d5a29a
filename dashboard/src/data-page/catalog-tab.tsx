import { type ReactNode, useMemo, useState } from 'react';
import type { CatalogType } from '../../../src/contract/event-catalog.ts';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { useEventTypes } from '../data/catalog.ts';
import { useQuestion } from '../data/questions.ts';
import { Card, type Column, Fresh, Link, Loaded, Notice, Skeleton, Table } from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { Sparkline } from '../design/stat.tsx';
import { addressStore, changeAddress } from '../lib/address.ts';
import { fullCount, plural, share } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import type { TabProps } from './tab-props.ts';
import { TypePanel } from './type-panel.tsx';

/** Types that get a line of their days. */
const LINES_MAX = 200;
/** Types that are listed; a search finds the others. */
const ROWS_MAX = 300;

/** Events a day, by type. */
const daysByType = (answer: TrendAnswer | undefined): ReadonlyMap<string, readonly number[]> =>
  new Map(
    (answer?.series ?? []).flatMap(({ group, other, values }) =>
      other ? [] : [[Object.values(group ?? {})[0] ?? '', values.map((value) => value ?? 0)] as const],
    ),
  );

const columnsOf = (
  days: ReadonlyMap<string, readonly number[]>,
  whole: number,
  onOpen: (type: string) => void,
): readonly Column<CatalogType>[] => [
  {
    key: 'type',
    head: 'Type',
    sortBy: ({ type }) => type,
    cell: ({ type }) => (
      <button type="button" className="stretch-button truncate" title={type} onClick={() => onOpen(type)}>
        {type}
      </button>
    ),
  },
  {
    key: 'days',
    head: 'Last 30 days',
    isWide: true,
    cell: ({ type }) => {
      const values = days.get(type);
      return values === undefined ? null : (
        <span className="type-days">
          <Sparkline values={values} />
        </span>
      );
    },
  },
  {
    key: 'events',
    head: 'Events',
    isNumber: true,
    sortBy: ({ events }) => events,
    cell: ({ events }) => fullCount(events),
  },
  {
    key: 'share',
    head: 'Share',
    isNumber: true,
    isWide: true,
    cell: ({ events }) => <span className="quiet">{share(events, whole)}</span>,
  },
  {
    key: 'first',
    head: 'First seen',
    isWide: true,
    sortBy: ({ first_seen: at }) => at,
    cell: ({ first_seen: at }) => <Seen at={at} />,
  },
  {
    key: 'last',
    head: 'Last seen',
    sortBy: ({ last_seen: at }) => at,
    cell: ({ last_seen: at }) => <Seen at={at} />,
  },
];

const None = (
  <Notice
    title="No events yet"
    action={
      <Link className="button" data-kind="primary" to="/">
        Send the first
      </Link>
    }
  >
    As soon as events come in, their types and properties are listed here. Nothing has to be declared before.
  </Notice>
);

/** What there is: the types of events, how many, since when, and what they hold. */
export const CatalogTab = ({ project, session }: TabProps): ReactNode => {
  const timezone = useTimeZone();
  const open = new URLSearchParams(useStore(addressStore)).get('type');
  const [search, setSearch] = useState('');
  const { data, atMs, error } = useEventTypes(project);
  const { data: trend } = useQuestion(project, {
    ...{ kind: 'trend', range: 'last 30 days', interval: '1d', by: ['type'], top: LINES_MAX, timezone },
  });
  const days = useMemo(() => daysByType(trend), [trend]);
  const show = (type: string | null): void => changeAddress({ type }, { isStep: true });
  const wanted = search.trim().toLowerCase();
  return (
    <Card title="Event types" className="catalog-card" aside={<Fresh atMs={atMs} />}>
      <Loaded
        data={data}
        error={error?.message}
        trouble="The types could not be read"
        loading={<Skeleton height="20rem" />}
      >
        {({ types, has_more: hasMore }) => {
          const whole = types.reduce((sum, { events }) => sum + events, 0);
          const found = types.filter(({ type }) => type.toLowerCase().includes(wanted));
          if (types.length === 0) return None;
          return (
            <>
              <div className="catalog-tools">
                <input
                  type="search"
                  className="input"
                  aria-label="Search types"
                  placeholder="Search types"
                  value={search}
                  onChange={({ target }) => setSearch(target.value)}
                />
                <span className="quiet number">
                  {plural(types.length, 'type')}
                  {hasMore ? ' and more' : ''}, {plural(whole, 'event')}
                </span>
              </div>
              <Table
                caption="Types of events"
                columns={columnsOf(days, whole, show)}
                rows={found.slice(0, ROWS_MAX)}
                keyOf={({ type }) => type}
                onRow={({ type }) => show(type)}
                isChosen={({ type }) => type === open}
                empty={<Notice title="No type has this in its name" />}
              />
              {found.length > ROWS_MAX ? (
                <p className="quiet">The {ROWS_MAX} most frequent are listed. Search for the others.</p>
              ) : null}
            </>
          );
        }}
      </Loaded>
      {open === null ? null : (
        <TypePanel
          key={open}
          {...{ project, session }}
          type={open}
          facts={data?.types.find(({ type }) => type === open)}
          onClose={() => show(null)}
        />
      )}
    </Card>
  );
};
