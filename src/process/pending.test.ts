import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../lib/clock.ts';
import { createMemoryLog } from '../log/memory/memory-log.ts';
import { minuteOf } from './ledger.ts';
import { PendingCounts } from './pending.ts';
import { TEST_TIME_MS } from './testing/events.ts';
import { appendRaw, rawOf } from './testing/raw-records.ts';

const MINUTE = minuteOf(TEST_TIME_MS);
const LATER = TEST_TIME_MS + 60_000;

test('what is received is pending until it is loaded, per project and minute', () => {
  const pending = new PendingCounts();
  pending.add(0, rawOf([{ id: 'a' }, { id: 'b' }]).received);
  pending.add(
    1,
    rawOf([
      { id: 'c', receivedAtMs: LATER },
      { id: 'd', project: 'other' },
    ]).received,
  );
  assert.deepEqual(pending.of('default'), [
    { minute: MINUTE, events: 2 },
    { minute: MINUTE + 60_000, events: 1 },
  ]);
  assert.equal(pending.total, 4);
  pending.loaded(1);
  assert.deepEqual(pending.of('default'), [{ minute: MINUTE + 60_000, events: 1 }]);
  pending.loaded(0);
  pending.loaded(2);
  assert.deepEqual([pending.of('default'), pending.of('other'), pending.total], [[], [], 0]);
});

test('a record that is loaded before it is added is not pending', () => {
  const pending = new PendingCounts();
  pending.loaded(5);
  pending.add(4, rawOf([{ id: 'a' }]).received);
  assert.equal(pending.total, 0);
});

test('after a restart the raw topic tells what is pending', async () => {
  const log = createMemoryLog({ clock: systemClock });
  await appendRaw(log, [{ id: 'a' }]);
  await appendRaw(log, [{ id: 'b' }], [{ id: 'c', outcome: 'stale', reason: 'too_old' }]);
  await log.append({ rows: 1 }, [Buffer.from('damaged')]);
  await appendRaw(log, [{ id: 'd' }]);
  const pending = new PendingCounts();
  await pending.recover(log, 1);
  assert.equal(pending.total, 3);
  pending.loaded(3);
  assert.equal(pending.total, 1);
});

test('a great many entries are condensed without losing an event', () => {
  const pending = new PendingCounts();
  const { received } = rawOf([{ id: 'a' }]);
  const count = 1_000_100;
  for (let position = 0; position < count; position++) pending.add(position, received);
  assert.equal(pending.total, count);
  pending.loaded(count);
  assert.equal(pending.total, 0);
});
