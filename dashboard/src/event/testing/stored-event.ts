import type { StoredEvent } from '../../../../src/contract/event.ts';

/** An event as the server sends it, for tests. */
export const storedEvent = (fields: Partial<StoredEvent> = {}): StoredEvent => ({
  id: 'a',
  timestamp: '2026-11-20T12:00:00.000Z',
  received_at: '2026-11-20T12:00:00.000Z',
  type: 'page_view',
  properties: {},
  position: '7',
  ...fields,
});
