import { type ReactNode, useMemo, useState } from 'react';
import type { CatalogType } from '../../../src/contract/event-catalog.ts';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { useEventTypes, useFoundTypes } from '../data/catalog.ts';
import { useQuestion } from '../data/questions.ts';
import { Button, Card, type Column, Fresh, Link, Loaded, Notice, Skeleton, Table } from '../design/index.ts';
import { Seen } from '../design/seen.tsx';
import { Sparkline } from '../design/stat.tsx';
import { addressStore, changeAddress, mayLeave } from '../lib/address.ts';
import { fullCount, plural, share } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useSettled } from '../lib/use-settled.ts';
import { useStore } from '../lib/use-store.ts';
import { ownersOf, typesWith } from './catalog-search.ts';
import { may, type TabProps } from './tab-props.ts';
import { TypePanel } from './type-panel.tsx';

/** Types that get a line of their days. */
const LINES_MAX = 200;
/** Characters of a type that may be described. */
const NAME_MAX = 200;
/** What is typed is looked for when it has stood still so long. */
const SEARCH_MS = 250;
/** Types that are listed; a search finds the others. */
const ROWS_MAX = 300;

/** Events a day, by type. */
const daysByType = (answer: TrendAnswer | undefined): ReadonlyMap<string, readonly number[]> =>
  new Map(
    (answer?.series ?? []).flatMap(({ group, other, values }) =>
      other ? [] : [[Object.values(group ?? {})[0] ?? '', values.map((value) => value ?? 0)] as const],
    ),
  );

interface NameProps {
  readonly of: CatalogType;
  readonly onOpen: (type: string) => void;
}

/** What a type is called, and what it is. */
const Name = ({ of: { type, description }, onOpen }: NameProps): ReactNode => (
  <span className="type-name">
    <button type="button" className="stretch-button truncate" title={type} onClick={() => onOpen(type)}>
      {type}
    </button>
    {description === '' ? null : (
      <span className="type-said truncate" title={description}>
        {description}
      </span>
    )}
  </span>
);

const Never = (): ReactNode => <span className="quiet">never</span>;

const columnsOf = (
  days: ReadonlyMap<string, readonly number[]>,
  whole: number,
  onOpen: (type: string) => void,
): readonly Column<CatalogType>[] => [
  {
    key: 'type',
    head: 'Type',
    sortBy: ({ type }) => type,
    cell: (of) => <Name of={of} onOpen={onOpen} />,
  },
  {
    key: 'owner',
    head: 'Owner',
    isWide: true,
    sortBy: ({ owner }) => owner,
    cell: ({ owner }) => (
      <span className="type-owner truncate" title={owner}>
        {owner}
      </span>
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
    sortBy: ({ first_seen: at }) => at ?? '',
    cell: ({ first_seen: at }) => (at === null ? <Never /> : <Seen at={at} />),
  },
  {
    key: 'last',
    head: 'Last seen',
    sortBy: ({ last_seen: at }) => at ?? '',
    cell: ({ last_seen: at }) => (at === null ? <Never /> : <Seen at={at} />),
  },
];

const None = (
  <Notice
    icon="data"
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

interface ToolsProps {
  readonly types: readonly CatalogType[];
  readonly hasMore: boolean;
  /** Events of all of them. */
  readonly whole: number;
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

const Tools = ({ types, hasMore, whole, search, onSearch }: ToolsProps): ReactNode => (
  <div className="catalog-tools">
    <input
      type="search"
      className="input"
      aria-label="Search types"
      placeholder="Name, description or owner"
      value={search}
      onChange={({ target }) => onSearch(target.value)}
    />
    <span className="quiet number">
      {plural(types.length, 'type')}
      {hasMore ? ' and more' : ''}, {plural(whole, 'event')}
    </span>
  </div>
);

interface NotFoundProps extends Pick<TabProps, 'session'> {
  readonly search: string;
  readonly onDescribe: (type: string) => void;
}

/** No type is called so; it may be one that is only planned. */
const NotFound = ({ search, session, onDescribe }: NotFoundProps): ReactNode => {
  const type = search.trim();
  return (
    <Notice
      title="No type has this in its name, description or owner"
      action={
        may(session, 'insights:write') && type.length <= NAME_MAX ? (
          <Button icon="edit" onClick={() => onDescribe(type)}>
            Describe <span className="type-planned truncate">{type}</span> before its first event
          </Button>
        ) : undefined
      }
    />
  );
};

interface OpenTypeProps extends TabProps {
  readonly type: string;
  /** Those that are known here. */
  readonly types: readonly CatalogType[] | undefined;
  /** There are more. */
  readonly hasMore: boolean;
  readonly onClose: () => void;
}

/** The type that is open, whether it is among those that are known here, among the others, or not there yet. */
const OpenType = ({ types, hasMore, type, ...rest }: OpenTypeProps): ReactNode => {
  const among = (all: readonly CatalogType[] | undefined): CatalogType | undefined =>
    all?.find((each) => each.type === type);
  const known = among(types);
  const isElsewhere = types !== undefined && known === undefined && hasMore;
  const { data: sought } = useFoundTypes(rest.project, isElsewhere ? type : null);
  const all = isElsewhere ? sought?.types : types;
  const facts = known ?? among(sought?.types) ?? (all === undefined ? undefined : unseen(type));
  return <TypePanel {...rest} type={type} facts={facts} owners={ownersOf(types ?? [])} />;
};

/** A type of which there is nothing yet. */
const unseen = (type: string): CatalogType => ({
  ...{ type, events: 0, first_seen: null, last_seen: null },
  ...{ description: '', owner: '', version: 0 },
});

/** What there is: the types of events, how many, since when, and what they hold. */
export const CatalogTab = ({ project, session }: TabProps): ReactNode => {
  const timezone = useTimeZone();
  const open = new URLSearchParams(useStore(addressStore)).get('type');
  const [search, setSearch] = useState('');
  const { data, atMs, error, again } = useEventTypes(project);
  const { data: trend } = useQuestion(project, {
    ...{ kind: 'trend', range: 'last 30 days', interval: '1d', by: ['type'], top: LINES_MAX, timezone },
  });
  const days = useMemo(() => daysByType(trend), [trend]);
  const show = (type: string | null): void => {
    if (mayLeave()) changeAddress({ type }, { isStep: true });
  };
  const wanted = useSettled(search.trim(), SEARCH_MS);
  const hasMore = data?.has_more === true;
  // What is not among those that are known here the server finds.
  const { data: sought } = useFoundTypes(project, hasMore && wanted !== '' ? wanted : null);
  return (
    <Card title="Event types" className="catalog-card" aside={<Fresh atMs={atMs} />}>
      <Loaded
        data={data}
        error={error?.message}
        trouble="The types could not be read"
        again={again}
        loading={<Skeleton height="20rem" />}
      >
        {({ types }) => {
          const whole = types.reduce((sum, { events }) => sum + events, 0);
          const found = typesWith(sought?.types ?? types, search);
          if (types.length === 0) return None;
          return (
            <>
              <Tools {...{ types, hasMore, search, whole }} onSearch={setSearch} />
              <Table
                caption="Types of events"
                columns={columnsOf(days, whole, show)}
                rows={found.slice(0, ROWS_MAX)}
                keyOf={({ type }) => type}
                onRow={({ type }) => show(type)}
                isChosen={({ type }) => type === open}
                empty={<NotFound {...{ search, session }} onDescribe={show} />}
              />
              {found.length > ROWS_MAX ? (
                <p className="quiet">The {ROWS_MAX} most frequent are listed. Search for the others.</p>
              ) : null}
            </>
          );
        }}
      </Loaded>
      {open === null || (data === undefined && error !== undefined) ? null : (
        <OpenType
          key={open}
          {...{ project, session, types: data?.types, hasMore }}
          type={open}
          onClose={() => show(null)}
        />
      )}
    </Card>
  );
};
