import { type ReactNode, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { Palette } from '../chart/series.ts';
import { useSessionEvents } from '../data/events.ts';
import { Button, Card, CopyButton, Fresh, Link, Notice, Page, Skeleton, Stat } from '../design/index.ts';
import { EventPanel } from '../event/event-panel.tsx';
import { EventRow } from '../event/event-row.tsx';
import { countryName } from '../lib/country.ts';
import { duration, fullCount } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { dateIn, instantIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';

const usersOf = (events: readonly StoredEvent[]): readonly string[] => [
  ...new Set(events.flatMap(({ user_id: user }) => (user === undefined ? [] : [user]))),
];

const firstOf = (events: readonly StoredEvent[], field: 'country' | 'device_type' | 'browser' | 'referrer') =>
  events.findLast(({ context }) => context?.[field] !== undefined)?.context?.[field];

const Where = ({ events }: { readonly events: readonly StoredEvent[] }): ReactNode => {
  const country = firstOf(events, 'country');
  const facts = [
    country === undefined ? undefined : countryName(country),
    firstOf(events, 'device_type'),
    firstOf(events, 'browser'),
    firstOf(events, 'referrer'),
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? null : <>{facts.join(' · ')}</>;
};

interface KnownProps {
  readonly project: string;
  /** Newest first. */
  readonly events: readonly StoredEvent[];
  readonly hasMore: boolean;
  readonly atMs: number | undefined;
}

const Numbers = ({ events, hasMore, atMs }: Omit<KnownProps, 'project'>): ReactNode => {
  const zone = useTimeZone();
  const [last] = events;
  const first = events.at(-1);
  if (last === undefined || first === undefined) return null;
  const views = events.filter(({ type }) => type === 'page_view' || type === 'screen_view').length;
  const more = hasMore ? ' or more: not all are read' : '';
  return (
    <div className="stats">
      <Stat
        label="Began"
        value={instantIn(first.timestamp, zone).split(', ')[1]}
        note={dateIn(first.timestamp, zone)}
        atMs={atMs}
      />
      <Stat
        label="Length"
        value={duration(Date.parse(last.timestamp) - Date.parse(first.timestamp))}
        note={`first event to last${more}`}
        atMs={atMs}
      />
      <Stat label="Events" value={fullCount(events.length)} note={`in this session${more}`} atMs={atMs} />
      <Stat label="Views" value={fullCount(views)} note={<Where events={events} />} atMs={atMs} />
    </div>
  );
};

const Events = ({ project, events }: Pick<KnownProps, 'project' | 'events'>): ReactNode => {
  const [openId, setOpen] = useState<string>();
  const [palette] = useState(() => new Palette());
  const zone = useTimeZone();
  const slots = palette.slotsOf([...new Set(events.map(({ type }) => type))]);
  const at = events.findIndex(({ id }) => id === openId);
  const opened = events[at];
  return (
    <Card title="What happened" className="session-events">
      <ol>
        {[...events].reverse().map((event) => (
          <EventRow
            key={event.id}
            event={event}
            slot={slots.get(event.type) ?? 0}
            zone={zone}
            isOpen={event.id === openId}
            onOpen={() => setOpen(event.id)}
          />
        ))}
      </ol>
      {opened === undefined ? null : (
        <EventPanel
          project={project}
          event={opened}
          slot={slots.get(opened.type) ?? 0}
          onStep={(by) => setOpen(events[at + by]?.id ?? openId)}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Card>
  );
};

const Users = ({ events }: { readonly events: readonly StoredEvent[] }): ReactNode => {
  const users = usersOf(events);
  if (users.length === 0) return <>Nobody is named by its events.</>;
  return (
    <>
      By{' '}
      {users.map((user, index) => (
        <span key={user}>
          {index === 0 ? '' : ', '}
          <Link to={`/users/${encodeURIComponent(user)}`}>{user}</Link>
        </span>
      ))}
    </>
  );
};

/** One session: whose it was, how long it took, and everything that happened, in its order. */
export const SessionView = ({
  project,
  session,
  status,
  id,
}: PageProps & { readonly id: string }): ReactNode => {
  const may = session.permissions.includes('personal:read');
  const list = useSessionEvents(may ? project : null, id);
  const events = list.pages.flatMap((page) => page.events);
  return (
    <Page
      title={`Session ${id}`}
      heading={
        <span className="session-heading">
          Session {id}
          <CopyButton text={id} what="the id" />
        </span>
      }
      description={events.length === 0 ? undefined : <Users events={events} />}
      status={
        <>
          {status}
          <Fresh atMs={list.atMs} />
        </>
      }
      actions={
        <Button icon="refresh" disabled={list.isFetching} onClick={list.again}>
          Refresh
        </Button>
      }
    >
      {!may ? (
        <Notice icon="lock" title="You may not see single sessions">
          They are shown to those with the permission <code>personal:read</code>; your role in the project{' '}
          {project} is {session.role}.
        </Notice>
      ) : list.error !== undefined && events.length === 0 ? (
        <Notice
          kind="error"
          icon="warning"
          title="The session could not be read"
          action={<Button onClick={list.again}>Try again</Button>}
        >
          {list.error.message}
        </Notice>
      ) : list.isLoading ? (
        <Skeleton height="20rem" />
      ) : events.length === 0 ? (
        <Notice icon="session" title="There is no such session">
          No event of this project has the session <code>{id}</code>. Ids are as they were sent, upper and
          lower case differ.
        </Notice>
      ) : (
        <>
          <Numbers events={events} hasMore={list.hasMore} atMs={list.atMs} />
          <Events project={project} events={events} />
          {list.hasMore ? (
            <Button className="button list-more" disabled={list.isFetching} onClick={list.more}>
              {list.isFetching ? 'Loading' : 'Earlier events'}
            </Button>
          ) : null}
        </>
      )}
    </Page>
  );
};
