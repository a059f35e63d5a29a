import type { Block } from '../../event/block.ts';
import { BlockBuilder } from '../../event/block-builder.ts';
import { columnIndex, EVENTS } from '../../event/columns.ts';

/** For tests and benches: blocks of events. */

/** What a test says of an event. */
export interface TestEvent {
  readonly id: string;
  readonly project?: string;
  readonly receivedAtMs?: number;
  readonly type?: string;
  readonly user?: string;
  readonly currency?: string;
  readonly properties?: string;
}

const PROJECT = columnIndex(EVENTS, 'project');
const ID = columnIndex(EVENTS, 'id');
const TIME = columnIndex(EVENTS, 'time');
const RECEIVED_AT = columnIndex(EVENTS, 'received_at');
const TYPE = columnIndex(EVENTS, 'type');
const USER_ID = columnIndex(EVENTS, 'user_id');
const CURRENCY = columnIndex(EVENTS, 'currency');
const PROPERTIES = columnIndex(EVENTS, 'properties');

/** A moment for tests that do not care: 2026-11-20T12:00:00Z. */
export const TEST_TIME_MS = Date.UTC(2026, 10, 20, 12);

/** A block of the given events. */
export const eventsOf = (events: readonly TestEvent[]): Block<typeof EVENTS> => {
  const builder = new BlockBuilder(EVENTS);
  for (const event of events) {
    builder.text(PROJECT, event.project ?? 'default');
    builder.text(ID, event.id);
    builder.int64(TIME, event.receivedAtMs ?? TEST_TIME_MS);
    builder.int64(RECEIVED_AT, event.receivedAtMs ?? TEST_TIME_MS);
    builder.text(TYPE, event.type ?? 'page_view');
    builder.text(USER_ID, event.user ?? '');
    builder.text(CURRENCY, event.currency ?? '');
    builder.text(PROPERTIES, event.properties ?? '{}');
    builder.endRow();
  }
  return builder.build();
};
