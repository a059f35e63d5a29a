import type { ReactNode } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { duration } from '../lib/format.ts';
import { EventRow } from './event-row.tsx';

interface EventRowsProps {
  readonly events: readonly StoredEvent[];
  /** Colours of types. */
  readonly slots: ReadonlyMap<string, number>;
  readonly zone: string;
  readonly openId: string | undefined;
  readonly onOpen: (id: string) => void;
  /** Time between two events that is worth saying, milliseconds; none is if absent. */
  readonly restMs?: number;
  /** What happened before the first of them, on the day before say. */
  readonly before?: StoredEvent | undefined;
}

const between = (a: StoredEvent | undefined, b: StoredEvent): number =>
  a === undefined ? 0 : Math.abs(Date.parse(b.timestamp) - Date.parse(a.timestamp));

/** Events one below the other, each of which opens. */
export const EventRows = (props: EventRowsProps): ReactNode => {
  const { events, slots, zone, openId, onOpen, restMs = Number.POSITIVE_INFINITY, before } = props;
  return (
    <ol>
      {events.map((event, index) => {
        const gapMs = between(index === 0 ? before : events[index - 1], event);
        return [
          gapMs < restMs ? null : (
            <li key={`${event.id} rest`} className="event-rest">
              {duration(gapMs)} later
            </li>
          ),
          <EventRow
            key={event.id}
            event={event}
            slot={slots.get(event.type) ?? 0}
            zone={zone}
            isOpen={event.id === openId}
            onOpen={() => onOpen(event.id)}
          />,
        ];
      })}
    </ol>
  );
};
