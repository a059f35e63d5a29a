import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedEvent } from '../event/testing/stored-event.ts';
import { daysOf, lengthOf } from './timeline-groups.ts';

const at = (timestamp: string, session_id?: string) =>
  storedEvent({ id: timestamp, timestamp, ...(session_id === undefined ? {} : { session_id }) });

const EVENTS = [
  at('2026-03-29T22:30:00.000Z', 'b'),
  at('2026-03-29T22:10:00.000Z', 'b'),
  at('2026-03-29T21:50:00.000Z'),
  at('2026-03-29T09:00:00.000Z', 'a'),
  at('2026-03-28T09:00:00.000Z', 'a'),
];

const shape = (zone: string) =>
  daysOf(EVENTS, zone).map(({ key, sittings }) => [
    key,
    ...sittings.map(({ session = '-', events }) => `${session} ${events.length}`),
  ]);

test('days go by the clock of the zone, sessions follow each other within them', () => {
  assert.deepEqual(shape('UTC'), [
    ['29 Mar 2026', 'b 2', '- 1', 'a 1'],
    ['28 Mar 2026', 'a 1'],
  ]);
  // Berlin goes to summer time that day: 22:30 UTC is half past midnight.
  assert.deepEqual(shape('Europe/Berlin'), [
    ['30 Mar 2026', 'b 2'],
    ['29 Mar 2026', '- 1', 'a 1'],
    ['28 Mar 2026', 'a 1'],
  ]);
});

test('a sitting takes from its first event to its last', () => {
  const [day] = daysOf(EVENTS, 'UTC');
  assert.deepEqual(day?.sittings.map(lengthOf), [20 * 60_000, 0, 0]);
  assert.deepEqual(daysOf([], 'UTC'), []);
});
