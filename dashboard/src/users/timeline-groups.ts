import type { StoredEvent } from '../../../src/contract/event.ts';
import { dateIn } from '../lib/zoned.ts';

/** What somebody did in one session, or outside of any, newest first. */
export interface Sitting {
  readonly key: string;
  readonly session: string | undefined;
  readonly events: readonly StoredEvent[];
}

/** A day of somebody's. */
export interface TimelineDay {
  readonly key: string;
  readonly sittings: readonly Sitting[];
}

/** Events of a timeline (newest first) by day of a time zone, and within it by session as they follow each other. */
export const daysOf = (events: readonly StoredEvent[], zone: string): readonly TimelineDay[] => {
  const days: {
    key: string;
    sittings: { key: string; session: string | undefined; events: StoredEvent[] }[];
  }[] = [];
  for (const event of events) {
    const key = dateIn(event.timestamp, zone);
    let day = days.at(-1);
    if (day?.key !== key) days.push((day = { key, sittings: [] }));
    const sitting = day.sittings.at(-1);
    if (sitting !== undefined && sitting.session === event.session_id) sitting.events.push(event);
    else day.sittings.push({ key: event.id, session: event.session_id, events: [event] });
  }
  return days;
};

/** How long a sitting took, milliseconds; 0 with one event. */
export const lengthOf = ({ events }: Sitting): number => {
  const [newest] = events;
  const oldest = events.at(-1);
  return newest === undefined || oldest === undefined
    ? 0
    : Date.parse(newest.timestamp) - Date.parse(oldest.timestamp);
};
