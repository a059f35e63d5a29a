import { memo, type ReactNode, useEffect, useEffectEvent, useId, useRef } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { summaryOf } from '../event/event-text.ts';
import { clock, clockMs, day } from '../lib/format.ts';
import { ROW_PX, rowPlaces } from './row-place.ts';
import { useDrawnRows } from './use-drawn-rows.ts';

/** As long is an event called new, and marked as such, unless more than so many are: then all would be. */
const NEW_MS = 2_500;
const NEW_MAX = 5;
const DAY_MS = 86_400_000;

interface RowProps {
  readonly id: string;
  readonly event: StoredEvent;
  readonly slot: number;
  /** Pixels. */
  readonly top: number;
  readonly isNew: boolean;
  /** It happened more than a day ago: the day is shown, not the time of day. */
  readonly isOld: boolean;
  readonly isSelected: boolean;
  /** Where it is in the list, of the selected row only: others are not read out, and would be drawn anew with each event. */
  readonly place: number | undefined;
  readonly count: number | undefined;
}

/** Nothing of it changes when others come in above: it is not drawn again. */
const Row = memo((props: RowProps): ReactNode => {
  const { id, event, slot, top, isNew, isOld, isSelected, place, count } = props;
  const at = new Date(event.timestamp);
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      className="row"
      data-new={isNew ? '' : undefined}
      data-event={event.id}
      aria-selected={isSelected}
      aria-posinset={place}
      aria-setsize={count}
      style={{ top }}
    >
      <time className="row-time number" dateTime={event.timestamp} title={`${day(at, true)}, ${clockMs(at)}`}>
        {isOld ? day(at) : clock(at)}
      </time>
      <span className="row-type truncate" title={event.type}>
        <span className="swatch" data-slot={slot} />
        {event.type}
      </span>
      <span className="row-summary truncate">{summaryOf(event)}</span>
      <span className="row-user truncate">{event.user_id ?? ''}</span>
    </div>
  );
});
Row.displayName = 'Row';

const isNew = ({ received_at }: StoredEvent): boolean => Date.now() - Date.parse(received_at) < NEW_MS;

const isOld = ({ timestamp }: StoredEvent): boolean => Date.now() - Date.parse(timestamp) >= DAY_MS;

interface StreamListProps {
  readonly events: readonly StoredEvent[];
  /** How many events have been in the list since it was empty, those that it forgot included. */
  readonly shown: number;
  readonly selectedId: string | undefined;
  readonly slotOf: (type: string) => number;
  readonly onOpen: (id: string) => void;
}

/** The events, newest first: one stop for the Tab key, j and k move inside. Only what is in view is drawn, and when events come in all rows that are there are moved as one. */
export const StreamList = ({ events, shown, selectedId, slotOf, onOpen }: StreamListProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const listId = useId();
  const { from, to, reveal } = useDrawnRows(host, events.length, shown);
  const selectedAt = events.findIndex(({ id }) => id === selectedId);
  const showSelected = useEffectEvent(() => {
    if (selectedAt >= 0) reveal(selectedAt);
  });
  // Only another selection scrolls, not every new event.
  useEffect(() => {
    if (selectedId !== undefined) showSelected();
  }, [selectedId]);
  const oldestMarked = events[NEW_MAX];
  const isCalm = oldestMarked === undefined || !isNew(oldestMarked);
  const isSelectedDrawn = selectedAt >= from && selectedAt < to;
  const places = rowPlaces(shown);
  const rowId = (index: number): string => `${listId}-${shown - index}`;
  return (
    <div
      ref={host}
      className="stream-list"
      role="listbox"
      tabIndex={0}
      aria-label="Events, newest first"
      aria-activedescendant={isSelectedDrawn ? rowId(selectedAt) : undefined}
      onClick={({ target }) => {
        const row = target instanceof Element ? target.closest<HTMLElement>('.row') : null;
        if (row?.dataset['event'] !== undefined) onOpen(row.dataset['event']);
      }}
    >
      <div role="presentation" className="stream-length" style={{ height: events.length * ROW_PX }}>
        <div role="presentation" style={{ transform: `translateY(${places.rows}px)` }}>
          {events.slice(from, to).map((event, at) => {
            const index = from + at;
            const isSelected = index === selectedAt;
            return (
              <Row
                key={event.id}
                id={rowId(index)}
                event={event}
                slot={slotOf(event.type)}
                top={places.row(index)}
                isNew={isCalm && isNew(event)}
                isOld={isOld(event)}
                isSelected={isSelected}
                place={isSelected ? index + 1 : undefined}
                count={isSelected ? events.length : undefined}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
};
