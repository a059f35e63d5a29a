import './event.css';
import type { ReactNode } from 'react';
import type { StoredEvent } from '../../../src/contract/event.ts';
import { secondIn } from '../lib/zoned.ts';
import { summaryOf } from './event-text.ts';

interface EventRowProps {
  readonly event: StoredEvent;
  /** Colour of its type. */
  readonly slot: number;
  /** Whose clock its time goes by. */
  readonly zone: string;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

/** An event as a line of a list: when, what, and what it is about. Pressed, it opens. */
export const EventRow = ({ event, slot, zone, isOpen, onOpen }: EventRowProps): ReactNode => (
  <li>
    <button type="button" className="event-row" aria-pressed={isOpen} onClick={onOpen}>
      <time className="number quiet" dateTime={event.timestamp}>
        {secondIn(event.timestamp, zone)}
      </time>
      <span className="truncate event-row-type">
        <span className="swatch" data-slot={slot} /> {event.type}
      </span>
      <span className="truncate event-row-text">{summaryOf(event)}</span>
    </button>
  </li>
);
