import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { rowViews } from '../event/blocks.ts';
import { LedgerSums, ledgerEntries, minuteOf } from './ledger.ts';
import { eventsOf, TEST_TIME_MS } from './testing/events.ts';
import { rawOf } from './testing/raw-records.ts';

test('stored rows are booked per project and minute of receipt, however they are mixed', () => {
  const event = fc.record({
    id: fc.constant('x'),
    project: fc.constantFrom('a', 'aa', '', 'b', 'ä'),
    receivedAtMs: fc.integer({ min: TEST_TIME_MS - 200_000, max: TEST_TIME_MS + 200_000 }),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const sums = new LedgerSums();
      sums.addStored(eventsOf(events));
      const expected = new Map<string, number>();
      for (const { project, receivedAtMs } of events) {
        const key = `${project} ${minuteOf(receivedAtMs)}`;
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const found = ledgerEntries(sums.build());
      assert.ok(found.every(({ account, reason }) => account === 'stored' && reason === ''));
      assert.deepEqual(
        new Map(found.map((entry) => [`${entry.project} ${entry.minute}`, entry.events])),
        expected,
      );
    }),
  );
});

test('refused rows are booked on their outcome with their reason, and entries add up', () => {
  const raw = rawOf(
    [{ id: 'a' }],
    [
      { id: 'b', outcome: 'stale', reason: 'too_old' },
      { id: 'c', outcome: 'stale', reason: 'too_old' },
      { id: 'd', outcome: 'quarantined', reason: 'missing_type' },
    ],
  );
  const sums = new LedgerSums();
  sums.addEntries(raw.received);
  sums.addEntries(raw.received);
  sums.addRefused(raw.refused);
  const rows = rowViews(sums.build()).map(({ account, reason, events }) => [account, reason, events]);
  assert.deepEqual(rows, [
    ['received', '', 8],
    ['stale', 'too_old', 2],
    ['quarantined', 'missing_type', 1],
  ]);
});
