import { type ReactNode, useRef, useState } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { useTimeline } from '../data/users.ts';
import { Button, Card, Fresh, Link, Listed, Notice, Select } from '../design/index.ts';
import { EventRows } from '../event/event-rows.tsx';
import { useOpenEvent } from '../event/use-open-event.tsx';
import { duration, plural } from '../lib/format.ts';
import { sessionPath } from '../lib/paths.ts';
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
        <Link className="truncate" to={sessionPath(session)} title={session}>
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
          <EventRows events={sitting.events} slots={slots} zone={zone} openId={openId} onOpen={onOpen} />
        </div>
      ))}
    </section>
  ));

const ANY = '';

/** What a user did, newest first, by day and session; any event opens. */
export const Timeline = ({ project, id, types, slots }: TimelineProps): ReactNode => {
  const [type, setType] = useState(ANY);
  const card = useRef<HTMLElement>(null);
  const zone = useTimeZone();
  const list = useTimeline(project, id, type === ANY ? undefined : type);
  const events = list.pages.flatMap((page) => page.events);
  const { openId, open, panel } = useOpenEvent({ project, events, slots });
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
      <Listed list={list} trouble="The timeline could not be read" moreText="Earlier events">
        {events.length === 0 ? (
          <Notice title="Nothing here">There is no event of this type any more.</Notice>
        ) : (
          <Days events={events} slots={slots} zone={zone} openId={openId} onOpen={open} />
        )}
      </Listed>
      {panel}
    </Card>
  );
};
