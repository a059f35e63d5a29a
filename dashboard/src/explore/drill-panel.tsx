import { type ReactNode, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { useEventsBehind, useFunnelUsers, useUsersBehind } from '../data/behind.ts';
import type { Listing } from '../data/listing.ts';
import { Link, Listed, Notice, Panel, Segmented, Select } from '../design/index.ts';
import { EventPanel } from '../event/event-panel.tsx';
import { fullCount, plural } from '../lib/format.ts';
import { sessionPath } from '../lib/paths.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { instantIn, momentIn } from '../lib/zoned.ts';
import { type EventChoice, type Found, isOfGroup } from './drill.ts';

interface ListViewProps<Page> {
  readonly list: Listing<Page>;
  /** How many rows are shown. */
  readonly count: number;
  readonly what: string;
  readonly children: ReactNode;
}

/** Rows that are read page by page, with what there is to say while there are none. */
const ListView = <Page,>({ list, count, what, children }: ListViewProps<Page>): ReactNode => (
  <Listed
    list={list}
    trouble={`The ${what}s could not be listed`}
    moreText={`More ${what}s`}
    height="12rem"
    note={`${plural(count, what)}${list.hasMore ? ' so far' : ''}`}
  >
    {count === 0 && !list.hasMore ? <Notice title={`No ${what}s here`} /> : children}
  </Listed>
);

const userPath = (id: string): string => `/users/${encodeURIComponent(id)}`;

const Actors = ({
  project,
  found,
}: {
  readonly project: string;
  readonly found: Extract<Found, { kind: 'actors' }>;
}): ReactNode => {
  const zone = useTimeZone();
  const list = useFunnelUsers(project, found.question);
  const actors = list.pages
    .flatMap(({ users }) => users)
    .filter(({ group }) => isOfGroup(group, found.group));
  const isUser = found.question.actor !== 'session';
  return (
    <ListView list={list} count={actors.length} what={isUser ? 'user' : 'session'}>
      <ol className="drill-list">
        {actors.map(({ id, times, steps_done: done }) => (
          <li key={id}>
            <Link className="drill-name truncate" to={isUser ? userPath(id) : sessionPath(id)}>
              {id}
            </Link>
            <span className="quiet number">{plural(done, 'step')}</span>
            <span className="quiet number">{times[0] === undefined ? '' : momentIn(times[0], zone)}</span>
          </li>
        ))}
      </ol>
    </ListView>
  );
};

const Users = ({
  project,
  choice,
}: {
  readonly project: string;
  readonly choice: EventChoice;
}): ReactNode => {
  const zone = useTimeZone();
  const list = useUsersBehind(project, choice.behind);
  const users = list.pages.flatMap((page) => page.users);
  return (
    <ListView list={list} count={users.length} what="user">
      <ol className="drill-list">
        {users.map(({ user_id: id, events, last_seen: last }) => (
          <li key={id}>
            <Link className="drill-name truncate" to={userPath(id)}>
              {id}
            </Link>
            <span className="quiet number">{fullCount(events)} events ever</span>
            <span className="quiet number">{momentIn(last, zone)}</span>
          </li>
        ))}
      </ol>
    </ListView>
  );
};

interface EventsProps {
  readonly project: string;
  readonly choice: EventChoice;
  readonly onOpen: (event: StoredEvent) => void;
}

const Events = ({ project, choice, onOpen }: EventsProps): ReactNode => {
  const zone = useTimeZone();
  const list = useEventsBehind(project, choice.behind);
  const events = list.pages.flatMap((page) => page.events);
  return (
    <ListView list={list} count={events.length} what="event">
      <ol className="drill-list">
        {events.map((event) => (
          <li key={event.id}>
            <button type="button" className="drill-name truncate" onClick={() => onOpen(event)}>
              {event.type}
            </button>
            {event.user_id === undefined ? (
              <span className="quiet">nobody</span>
            ) : (
              <Link className="truncate" to={userPath(event.user_id)}>
                {event.user_id}
              </Link>
            )}
            <span className="quiet number">{instantIn(event.timestamp, zone)}</span>
          </li>
        ))}
      </ol>
    </ListView>
  );
};

const VIEWS = [
  { value: 'events', text: 'Events' },
  { value: 'users', text: 'Users' },
] as const;

interface EventsViewProps {
  readonly project: string;
  readonly found: Extract<Found, { kind: 'events' }>;
  readonly onOpen: (event: StoredEvent) => void;
}

const EventsView = ({ project, found, onOpen }: EventsViewProps): ReactNode => {
  const [view, setView] = useState<(typeof VIEWS)[number]['value']>('events');
  const [at, setAt] = useState(0);
  const choice = found.choices[at] ?? found.choices[0];
  if (choice === undefined) return null;
  return (
    <>
      <div className="drill-head">
        <Segmented label="What is listed" options={VIEWS} value={view} onChange={setView} />
        {found.choices.length < 2 ? null : (
          <Select
            label="Of which events"
            value={String(at)}
            options={found.choices.map(({ text }, index) => ({ value: String(index), text }))}
            onChange={(next) => setAt(Number(next))}
          />
        )}
      </div>
      {view === 'events' ? (
        <Events project={project} choice={choice} onOpen={onOpen} />
      ) : (
        <Users project={project} choice={choice} />
      )}
    </>
  );
};

interface DrillPanelProps {
  readonly project: string;
  readonly found: Exclude<Found, { kind: 'place' }>;
  /** Whether who looks may see single people. */
  readonly mayRead: boolean;
  readonly onClose: () => void;
}

/** Who or what stands behind a number. Users lead to their profile, events to their trace. */
export const DrillPanel = ({ project, found, mayRead, onClose }: DrillPanelProps): ReactNode => {
  const [event, setEvent] = useState<StoredEvent>();
  if (event !== undefined)
    return <EventPanel project={project} event={event} onClose={() => setEvent(undefined)} />;
  return (
    <Panel title={found.title} onClose={onClose}>
      {mayRead ? null : (
        <Notice icon="lock" title="Single people are not for you">
          Lists of users and events need the permission personal:read. Ask who administers the project for it.
        </Notice>
      )}
      {mayRead && found.kind === 'actors' ? <Actors project={project} found={found} /> : null}
      {mayRead && found.kind === 'events' ? (
        <EventsView project={project} found={found} onOpen={setEvent} />
      ) : null}
    </Panel>
  );
};
