import type { ReactNode } from 'react';
import type { ListedSession, SessionListAnswer } from '../../../src/contract/session-list.ts';
import { FilterEditor } from '../ask/filter-editor.tsx';
import { RangePicker, useRange } from '../ask/range-picker.tsx';
import { ValuePicker } from '../ask/value-picker.tsx';
import type { Listing } from '../data/listing.ts';
import { useSessions } from '../data/sessions.ts';
import {
  Button,
  Card,
  Chip,
  type Column,
  Fresh,
  Link,
  Listed,
  Notice,
  Page,
  Select,
  Table,
} from '../design/index.ts';
import { adviceOn, AsOf } from '../insight/asked.tsx';
import { addressStore, changeAddress, goTo } from '../lib/address.ts';
import { countryName } from '../lib/country.ts';
import { fullCount, plural, sessionLength } from '../lib/format.ts';
import { SESSIONS_PATH, sessionPath } from '../lib/paths.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { useStore } from '../lib/use-store.ts';
import { dayIn, instantIn, secondIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { OpenMark } from './open-mark.tsx';
import { BOUNCES, COUNTS, isNarrow, LENGTHS, NOTHING, PICKED, searchIn } from './search.ts';
import { lackingWords, maySeeOne, NoSessions, SessionParts } from './session-parts.tsx';

const change = (parameters: Readonly<Record<string, string | null>>): void =>
  changeAddress(parameters, { isStep: true });

const Began = ({ one }: { readonly one: ListedSession }): ReactNode => {
  const zone = useTimeZone();
  return (
    <span className="session-began">
      <Link to={sessionPath(one.session_id)} title={`Session ${one.session_id}`}>
        <time dateTime={one.began_at} title={instantIn(one.began_at, zone)} className="number">
          {dayIn(one.began_at, zone)}, {secondIn(one.began_at, zone)}
        </time>
      </Link>
      {one.open ? <OpenMark /> : null}
    </span>
  );
};

const User = ({ one: { user_id: id, users } }: { readonly one: ListedSession }): ReactNode => {
  if (id === null) return <span className="quiet">nobody named</span>;
  return (
    <>
      <Link to={`/users/${encodeURIComponent(id)}`} title={id} onClick={(event) => event.stopPropagation()}>
        {id}
      </Link>
      {users > 1 ? <span className="quiet"> and {plural(users - 1, 'other')}</span> : null}
    </>
  );
};

/** Where it began and ended. */
const Way = ({ one: { entry_page: entry, exit_page: exit, bounced } }: { readonly one: ListedSession }) => {
  if (entry === null) return <span className="quiet">no page</span>;
  return (
    <span className="session-way" title={exit === null || exit === entry ? entry : `${entry} to ${exit}`}>
      <span className="truncate">
        {entry}
        {exit === null || exit === entry ? null : (
          <>
            <span className="quiet" aria-label="to">
              {' → '}
            </span>
            {exit}
          </>
        )}
      </span>
      {bounced ? <span className="quiet">· bounced</span> : null}
    </span>
  );
};

const where = ({ country, device_type: device }: ListedSession): string =>
  [country === null ? null : countryName(country), device].filter((fact) => fact !== null).join(' · ');

const COLUMNS: readonly Column<ListedSession>[] = [
  { key: 'began', head: 'Began', cell: (one) => <Began one={one} /> },
  { key: 'user', head: 'User', cell: (one) => <User one={one} /> },
  { key: 'length', head: 'Length', isNumber: true, cell: ({ duration_ms: ms }) => sessionLength(ms) },
  { key: 'events', head: 'Events', isNumber: true, isWide: true, cell: (one) => fullCount(one.events) },
  { key: 'views', head: 'Views', isNumber: true, isWide: true, cell: (one) => fullCount(one.views) },
  { key: 'way', head: 'From and to', isWide: true, cell: (one) => <Way one={one} /> },
  { key: 'where', head: 'Where', isWide: true, cell: where },
];

/** A narrowing by a value: to be picked, and once it is, to be taken back. */
const Picked = ({
  project,
  picked: { name, field, text },
  value,
}: {
  readonly project: string;
  readonly picked: (typeof PICKED)[number];
  readonly value: string | undefined;
}): ReactNode =>
  value === undefined ? (
    <ValuePicker
      project={project}
      label={text}
      field={field}
      value={undefined}
      placeholder={text}
      onChange={(next) => change({ [name]: next })}
    />
  ) : (
    <Chip
      text={`${text}: ${name === 'country' ? countryName(value) : value}`}
      onRemove={() => change({ [name]: null })}
    />
  );

const Tools = ({ project }: { readonly project: string }): ReactNode => {
  const search = searchIn(useStore(addressStore));
  return (
    <div className="session-tools" role="group" aria-label="Only sessions with">
      {PICKED.map((picked) => (
        <Picked key={picked.name} project={project} picked={picked} value={search[picked.name]} />
      ))}
      <Select
        label="Length"
        options={LENGTHS}
        value={LENGTHS.find(({ value }) => value === search.longer)?.value ?? ''}
        onChange={(longer) => change({ longer: longer === '' ? null : longer })}
      />
      <Select
        label="Events"
        options={COUNTS}
        value={COUNTS.find(({ value }) => value === search.events)?.value ?? ''}
        onChange={(events) => change({ events: events === '' ? null : events })}
      />
      <Select
        label="Bounced"
        options={BOUNCES}
        value={search.bounced ?? ''}
        onChange={(bounced) => change({ bounced: bounced === '' ? null : bounced })}
      />
      <div className="session-filter">
        <FilterEditor
          project={project}
          value={search.filter}
          onChange={(filter) => change({ filter: filter === undefined ? null : JSON.stringify(filter) })}
          lead="With an event where"
          addText="Condition"
        />
      </div>
    </div>
  );
};

const Rows = ({
  list,
  none,
}: {
  readonly list: Listing<SessionListAnswer>;
  readonly none: ReactNode;
}): ReactNode => {
  const sessions = list.pages.flatMap((page) => page.sessions);
  return (
    <Listed
      list={list}
      trouble="Sessions could not be listed"
      advice={adviceOn(list.error)}
      moreText="Earlier sessions"
      height="20rem"
    >
      <Table
        caption="Sessions"
        columns={COLUMNS}
        rows={sessions}
        keyOf={({ session_id: id, began_at: began }) => `${began} ${id}`}
        onRow={({ session_id: id }) => goTo(sessionPath(id))}
        empty={none}
      />
    </Listed>
  );
};

/** Up to where the list counts, and what it leaves out. */
const Foot = ({ list }: { readonly list: Listing<SessionListAnswer> }): ReactNode => {
  const [first] = list.pages;
  if (first === undefined) return null;
  const count = list.pages.reduce((sum, { sessions }) => sum + sessions.length, 0);
  return (
    <div className="insight-foot">
      <span>
        {plural(count, 'session')}
        {list.pages.at(-1)?.next_cursor === null ? '' : ' so far'}
      </span>
      <AsOf as_of={first.as_of} freshness={first.freshness} />
      {list.hasMore || list.pages.at(-1)?.next_cursor === null ? null : (
        <span>More than are listed here: narrow them, or take another time</span>
      )}
    </div>
  );
};

/** Single sessions, those that began last first; those of them that were sought. */
export const SessionList = (props: PageProps): ReactNode => {
  const { project, session, status } = props;
  const [range, setRange] = useRange('last 7 days');
  const timezone = useTimeZone();
  const search = searchIn(useStore(addressStore));
  const may = maySeeOne(session);
  const list = useSessions(may ? project : null, { range, timezone }, search);
  return (
    <Page
      title="Single sessions"
      heading="Sessions"
      status={status}
      actions={
        <>
          <RangePicker value={range} onChange={setRange} />
          <Button icon="refresh" disabled={list.isFetching || !may} onClick={list.again}>
            Refresh
          </Button>
        </>
      }
      toolbar={
        <>
          <SessionParts session={session} now={SESSIONS_PATH} />
          {may ? <Tools project={project} /> : null}
        </>
      }
    >
      {may ? (
        <Card title="Began last" aside={<Fresh atMs={list.atMs} />} className="session-list">
          <Rows
            list={list}
            none={
              <NoSessions
                isSought={isNarrow(search)}
                onShowAll={() => change(NOTHING)}
                range={range}
                onRange={setRange}
              />
            }
          />
          <Foot list={list} />
        </Card>
      ) : (
        <Notice icon="lock" title="You may not see single sessions">
          {lackingWords(props)}
        </Notice>
      )}
    </Page>
  );
};
