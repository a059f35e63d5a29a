import { type ReactNode, useRef, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { useTimeline } from '../data/users.ts';
import { Button, Card, Fresh, Link, Notice, Select, Skeleton } from '../design/index.ts';
import { EventPanel } from '../event/event-panel.tsx';
import { EventRow } from '../event/event-row.tsx';
import { duration, plural } from '../lib/format.ts';
import { useTimeZone } from '../lib/time-zone.ts';
import { daysOf, lengthOf, type Sitting } from './timeline-groups.ts';

interface TimelineProps {
  readonly project: string;
  readonly id: string;
  /** Types of the user's events, most first. */
  readonly types: readonly string[];
  /** Colours of types. */
  readonly slots: ReadonlyMap<string, number>;
}

const SittingHead = ({ sitting }: { readonly sitting: Sitting }): ReactNode => {
  const { session, events } = sitting;
  return (
    <p className="timeline-session">
      {session === undefined ? (
        'Outside of any session'
      ) : (
        <Link className="truncate" to={`/sessions/${encodeURIComponent(session)}`} title={session}>
          Session {session}
        </Link>
      )}
      <span className="number quiet">
        {plural(events.length, 'event')}
        {events.length > 1 ? `, ${duration(lengthOf(sitting))}` : ''}
      </span>
    </p>
  );
};

interface DaysProps {
  readonly events: readonly StoredEvent[];
  readonly slots: ReadonlyMap<string, number>;
  readonly zone: string;
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
}

const Days = ({ events, slots, zone, openId, onOpen }: DaysProps): ReactNode =>
  daysOf(events, zone).map((day) => (
    <section key={day.key} className="timeline-day" aria-label={day.key}>
      <h3>{day.key}</h3>
      {day.sittings.map((sitting) => (
        <div key={sitting.key} className="timeline-sitting">
          <SittingHead sitting={sitting} />
          <ol>
            {sitting.events.map((event) => (
              <EventRow
                key={event.id}
                event={event}
                slot={slots.get(event.type) ?? 0}
                zone={zone}
                isOpen={event.id === openId}
                onOpen={() => onOpen(event.id)}
              />
            ))}
          </ol>
        </div>
      ))}
    </section>
  ));

const ANY = '';

/** What a user did, newest first, by day and session; any event opens. */
export const Timeline = ({ project, id, types, slots }: TimelineProps): ReactNode => {
  const [type, setType] = useState(ANY);
  const [openId, setOpen] = useState<string>();
  const card = useRef<HTMLElement>(null);
  const zone = useTimeZone();
  const list = useTimeline(project, id, type === ANY ? undefined : type);
  const events = list.pages.flatMap((page) => page.events);
  const at = events.findIndex((event) => event.id === openId);
  const opened = events[at];
  const step = (by: 1 | -1): void => setOpen(events[at + by]?.id ?? openId);
  return (
    <Card
      ref={card}
      title="Timeline"
      className="timeline"
      aside={
        <>
          <Fresh atMs={list.atMs} isShort />
          <Select
            label="Type of event"
            size="small"
            options={[{ value: ANY, text: 'All types' }, ...types.map((value) => ({ value, text: value }))]}
            value={type}
            onChange={setType}
          />
          <Button size="small" icon="refresh" disabled={list.isFetching} onClick={list.again}>
            Refresh
          </Button>
        </>
      }
    >
      {list.isLoading && list.error === undefined ? <Skeleton height="16rem" /> : null}
      {list.error === undefined ? null : (
        <Notice
          kind="error"
          icon="warning"
          title="The timeline could not be read"
          action={<Button onClick={list.again}>Try again</Button>}
        >
          {list.error.message}
        </Notice>
      )}
      {!list.isLoading && list.error === undefined && events.length === 0 ? (
        <Notice title="Nothing here">There is no event of this type any more.</Notice>
      ) : null}
      <Days events={events} slots={slots} zone={zone} openId={openId} onOpen={setOpen} />
      {list.hasMore ? (
        <Button className="button list-more" disabled={list.isFetching} onClick={list.more}>
          {list.isFetching ? 'Loading' : 'Earlier events'}
        </Button>
      ) : null}
      {opened === undefined ? null : (
        <EventPanel
          project={project}
          event={opened}
          slot={slots.get(opened.type) ?? 0}
          onStep={step}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Card>
  );
};
