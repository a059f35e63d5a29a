import { type ReactNode, useMemo } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import type { OneSessionAnswer } from '../../../src/contract/session-list.ts';
import { Palette } from '../chart/series.ts';
import type { Listing } from '../data/listing.ts';
import { useSession } from '../data/sessions.ts';
import { Button, Card, CopyButton, Fresh, Link, Listed, Notice, Page, Stat } from '../design/index.ts';
import { EventRows } from '../event/event-rows.tsx';
import { useOpenEvent } from '../event/use-open-event.tsx';
import { countryName } from '../lib/country.ts';
import { fullCount, plural, sessionLength } from '../lib/format.ts';
import { SESSIONS_PATH } from '../lib/paths.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { dateIn, secondIn } from '../lib/zoned.ts';
import type { PageProps } from '../page-props.ts';
import { OpenMark } from './open-mark.tsx';
import { lackingWords, maySeeOne } from './session-parts.tsx';

type Session = OneSessionAnswer['session'];

const factsOf = ({ country, region, device_type: device, os, browser }: Session): string =>
  [country === null ? null : countryName(country), region, device, os, browser]
    .filter((fact) => fact !== null)
    .join(' · ');

interface NumbersProps {
  readonly session: Session;
  readonly atMs: number | undefined;
}

const Numbers = ({ session, atMs }: NumbersProps): ReactNode => {
  const zone = useTimeZone();
  const { entry_page: entry, exit_page: exit, bounced } = session;
  const way = exit === null || exit === entry ? entry : `${entry ?? ''} → ${exit}`;
  return (
    <div className="stats">
      <Stat
        label="Began"
        value={secondIn(session.began_at, zone)}
        note={dateIn(session.began_at, zone)}
        atMs={atMs}
      />
      <Stat
        label="Length"
        value={sessionLength(session.duration_ms)}
        note={session.open ? <OpenMark /> : 'first event to last'}
        atMs={atMs}
      />
      <Stat label="Events" value={fullCount(session.events)} note={factsOf(session)} atMs={atMs} />
      <Stat
        label="Views"
        value={fullCount(session.views)}
        note={
          <span title={way ?? undefined}>
            {way ?? 'no page'}
            {bounced ? ' · bounced' : ''}
          </span>
        }
        atMs={atMs}
      />
    </div>
  );
};

/** Events in their order, by day where there are several. */
const daysOf = (
  events: readonly StoredEvent[],
  zone: string,
): readonly (readonly [string, readonly StoredEvent[]])[] => [
  ...Map.groupBy(events, ({ timestamp }) => dateIn(timestamp, zone)),
];

/** Longer rests between two events are told. */
const REST_MS = 60_000;

interface EventsProps {
  readonly project: string;
  readonly list: Listing<OneSessionAnswer>;
  readonly whole: number;
}

const Events = ({ project, list, whole }: EventsProps): ReactNode => {
  const zone = useTimeZone();
  const events = list.pages.flatMap((page) => page.events);
  const types = [...new Set(events.map(({ type }) => type))].join('\n');
  const slots = useMemo(() => new Palette().slotsOf(types.split('\n')), [types]);
  const { openId, open, panel } = useOpenEvent({ project, events, slots, isForward: true });
  const days = daysOf(events, zone);
  return (
    <Card
      title="What happened"
      className="session-events"
      aside={
        <span className="quiet number">
          {events.length < whole ? `first ${fullCount(events.length)} of ${fullCount(whole)}` : ''}
        </span>
      }
    >
      <Listed list={list} trouble="The session could not be read" moreText="Later events">
        {days.map(([day, ofDay], index) => (
          <section key={day} className="session-day" aria-label={day}>
            {days.length > 1 ? <h3>{day}</h3> : null}
            <EventRows
              events={ofDay}
              slots={slots}
              zone={zone}
              openId={openId}
              onOpen={open}
              restMs={REST_MS}
              before={days[index - 1]?.[1].at(-1)}
            />
          </section>
        ))}
      </Listed>
      {panel}
    </Card>
  );
};

const By = ({ session: { user_id: id, users, referrer } }: { readonly session: Session }): ReactNode => (
  <>
    {id === null ? (
      'Nobody is named by its events'
    ) : (
      <>
        By <Link to={`/users/${encodeURIComponent(id)}`}>{id}</Link>
        {users > 1 ? ` and ${plural(users - 1, 'other user')}` : ''}
      </>
    )}
    {referrer === null ? '.' : `, from ${referrer}.`}
  </>
);

const Unknown = ({ id }: { readonly id: string }): ReactNode => (
  <Notice
    icon="session"
    title="There is no such session"
    action={
      <Link className="button" to={SESSIONS_PATH}>
        All sessions
      </Link>
    }
  >
    No event of this project has the session <code>{id}</code>. Ids are as they were sent, upper and lower
    case differ.
  </Notice>
);

/** One session: whose it was, how long it took, and everything that happened, in its order. */
export const SessionView = (props: PageProps & { readonly id: string }): ReactNode => {
  const { project, session: viewer, status, id } = props;
  const may = maySeeOne(viewer);
  const list = useSession(may ? project : null, id);
  const session = list.pages[0]?.session;
  return (
    <Page
      title={`Session ${id}`}
      heading={
        <span className="session-heading">
          Session {id}
          <CopyButton text={id} what="the id" />
        </span>
      }
      description={session === undefined ? undefined : <By session={session} />}
      status={
        <>
          {status}
          <Fresh atMs={list.atMs} />
        </>
      }
      actions={
        may ? (
          <>
            <Link className="button" to={SESSIONS_PATH}>
              All sessions
            </Link>
            <Button icon="refresh" disabled={list.isFetching} onClick={list.again}>
              Refresh
            </Button>
          </>
        ) : undefined
      }
    >
      {!may ? (
        <Notice icon="lock" title="You may not see single sessions">
          {lackingWords(props)}
        </Notice>
      ) : session !== undefined ? (
        <>
          <Numbers session={session} atMs={list.atMs} />
          <Events project={project} list={list} whole={session.events} />
        </>
      ) : list.error?.status === 404 ? (
        <Unknown id={id} />
      ) : (
        <Listed list={list} trouble="The session could not be read" moreText="" height="20rem">
          {null}
        </Listed>
      )}
    </Page>
  );
};
