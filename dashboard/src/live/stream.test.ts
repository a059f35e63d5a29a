import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEvent } from '../../../src/contract/event.ts';
import {
  EMPTY_STREAM,
  reduceStream,
  STREAM_EVENTS_MAX,
  type StreamAction,
  type StreamState,
} from './stream.ts';
import { storedEvent } from '../event/testing/stored-event.ts';

const event = (id: string): StoredEvent => storedEvent({ id });

const got = (ids: readonly string[], position: string | null = null, missed = 0): StreamAction => ({
  kind: 'received',
  events: ids.map(event),
  position,
  missed,
  leftOut: 0,
  gap: false,
});

const after = (...actions: readonly StreamAction[]): StreamState =>
  actions.reduce(reduceStream, EMPTY_STREAM);
const idsOf = (events: readonly StoredEvent[]): string => events.map(({ id }) => id).join(' ');

test('newest first', () => {
  const { events, seen } = after(got(['a', 'b']), got(['c']));
  assert.equal(idsOf(events), 'c b a');
  assert.equal(seen, 3);
});

test('what fills a gap twice is shown once', () => {
  assert.equal(idsOf(after(got(['a', 'b']), got(['b', 'c', 'c'])).events), 'c b a');
});

test('a pause holds back and a resumption shows what came', () => {
  const paused = after(got(['a']), { kind: 'paused' }, got(['b', 'c']));
  assert.equal(idsOf(paused.events), 'a');
  assert.equal(paused.heldCount, 2);
  const resumed = reduceStream(paused, { kind: 'resumed' });
  assert.equal(idsOf(resumed.events), 'c b a');
  assert.equal(resumed.heldCount, 0);
});

test('both lists are bounded, the count is not', () => {
  const ids = Array.from({ length: STREAM_EVENTS_MAX + 5 }, (_, index) => `e${index}`);
  assert.equal(after(got(ids)).events.length, STREAM_EVENTS_MAX);
  assert.equal(after(got(ids)).events[0]?.id, ids.at(-1));
  const paused = after({ kind: 'paused' }, got(ids));
  assert.equal(paused.held.length, STREAM_EVENTS_MAX);
  assert.equal(paused.heldCount, ids.length);
});

test('positions only go forward, as numbers', () => {
  assert.equal(after(got([], '9'), got([], '10')).position, '10');
  assert.equal(after(got([], '10'), got([], '9'), got([], null)).position, '10');
});

test('what was missed adds up until it was read', () => {
  const missing = after(got(['a'], '1', 3), got([], '2', 4), {
    kind: 'subscribed',
    position: '5',
    gap: true,
  });
  assert.equal(missing.missed, 7);
  assert.equal(missing.hasGap, true);
  const read = reduceStream(missing, { kind: 'acknowledged' });
  assert.deepEqual([read.missed, read.hasGap, read.position], [0, false, '5']);
});

test('a new filter empties the stream and keeps the pause', () => {
  const state = after(got(['a'], '1'), { kind: 'paused' }, { kind: 'emptied' });
  assert.deepEqual(state, { ...EMPTY_STREAM, isPaused: true });
});
