import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
} from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { summaryOf } from '../event/event-text.ts';
import { clock, clockMs, day } from '../lib/format.ts';

/** Height of a row; all are alike, so that the list may move without measuring. */
const ROW_PX = 30;
/** Rows beyond the edges that are kept ready. */
const OVERSCAN = 8;
/** As long is an event called new, and marked as such, unless more than so many are: then all would be. */
const NEW_MS = 2_500;
const NEW_MAX = 5;
const DAY_MS = 86_400_000;

/** The time of day; of events that are older than a day, the day. */
const momentOf = (at: Date): string => (Date.now() - at.getTime() < DAY_MS ? clock(at) : day(at));

interface RowProps {
  readonly id: string;
  readonly event: StoredEvent;
  readonly slot: number;
  readonly isSelected: boolean;
  readonly isNew: boolean;
  readonly top: number;
  readonly index: number;
  readonly count: number;
  readonly onOpen: (id: string) => void;
}

const Row = memo(({ id, event, slot, isSelected, isNew, top, index, count, onOpen }: RowProps): ReactNode => {
  const at = new Date(event.timestamp);
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      className="row"
      data-new={isNew ? '' : undefined}
      aria-selected={isSelected}
      aria-posinset={index + 1}
      aria-setsize={count}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(event.id)}
    >
      <time className="row-time number" dateTime={event.timestamp} title={`${day(at, true)}, ${clockMs(at)}`}>
        {momentOf(at)}
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

/** Whoever has scrolled down keeps what is being read in place when events come in above. */
const useAnchor = (events: readonly StoredEvent[], host: RefObject<HTMLDivElement | null>): void => {
  const first = useRef<string>(undefined);
  useLayoutEffect(() => {
    const element = host.current;
    const before = first.current;
    first.current = events[0]?.id;
    if (element === null || before === undefined || element.scrollTop < 2) return;
    const added = events.findIndex(({ id }) => id === before);
    if (added > 0) element.scrollTo(0, element.scrollTop + added * ROW_PX);
  }, [events, host]);
};

interface StreamListProps {
  readonly events: readonly StoredEvent[];
  readonly selectedId: string | undefined;
  readonly slotOf: (type: string) => number;
  readonly onOpen: (id: string) => void;
}

/** The events, newest first: one stop for the Tab key, j and k move inside. Only what is in view is drawn. */
export const StreamList = ({ events, selectedId, slotOf, onOpen }: StreamListProps): ReactNode => {
  const host = useRef<HTMLDivElement>(null);
  const listId = useId();
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => host.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => events[index]?.id ?? index,
  });
  useAnchor(events, host);
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
  return (
    <div
      ref={host}
      className="stream-list"
      role="listbox"
      tabIndex={0}
      aria-label="Events, newest first"
      aria-activedescendant={isSelectedDrawn ? `${listId}-${selectedAt}` : undefined}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, start }) => {
          const event = events[index];
          return event === undefined ? null : (
            <Row
              key={event.id}
              id={`${listId}-${index}`}
              event={event}
              slot={slotOf(event.type)}
              isSelected={event.id === selectedId}
              isNew={isCalm && isNew(event)}
              top={start}
              index={index}
              count={events.length}
              onOpen={onOpen}
            />
          );
        })}
      </div>
    </div>
  );
};
