import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useEffect, useEffectEvent, useId, useLayoutEffect, useRef } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { summaryOf } from '../event/event-text.ts';
import { clock, clockMs, day } from '../lib/format.ts';
import { ROW_PX, rowPlaces } from './row-place.ts';

/** Rows beyond the edges that are kept ready. */
const OVERSCAN = 8;
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

/** Whoever has scrolled down keeps what is being read in place when events come in above. */
const useAnchor = (shown: number, virtual: Virtualizer<HTMLDivElement, Element>): void => {
  const before = useRef(shown);
  useLayoutEffect(() => {
    const added = shown - before.current;
    before.current = shown;
    // As the last scrolling left it: asking the element would have the page laid out here.
    const offset = virtual.scrollOffset ?? 0;
    if (added <= 0 || added >= virtual.options.count || offset < 2) return;
    virtual.scrollElement?.scrollBy({ top: added * ROW_PX, behavior: 'instant' });
  }, [shown, virtual]);
};

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
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => host.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    // Rows are drawn with the next frame: enough are kept ready, and drawing at once would hold up scrolling.
    useFlushSync: false,
  });
  useAnchor(shown, virtual);
  const selectedAt = events.findIndex(({ id }) => id === selectedId);
  const showSelected = useEffectEvent(() => {
    if (selectedAt >= 0) virtual.scrollToIndex(selectedAt, { align: 'auto' });
  });
  // Only another selection scrolls, not every new event.
  useEffect(() => {
    if (selectedId !== undefined) showSelected();
  }, [selectedId]);
  const oldestMarked = events[NEW_MAX];
  const isCalm = oldestMarked === undefined || !isNew(oldestMarked);
  const items = virtual.getVirtualItems();
  const isSelectedDrawn = items.some(({ index }) => index === selectedAt);
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
      <div role="presentation" className="stream-length" style={{ height: virtual.getTotalSize() }}>
        <div role="presentation" style={{ transform: `translateY(${places.rows}px)` }}>
          {items.map(({ index }) => {
            const event = events[index];
            const isSelected = index === selectedAt;
            return event === undefined ? null : (
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
