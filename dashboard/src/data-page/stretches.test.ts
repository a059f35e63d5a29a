import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerMinute } from '../../../src/contract/ledger.ts';
import { refusedIn, stretchesOf } from './stretches.ts';

const minute = (at: string, stored: number, stale = 0): LedgerMinute => ({
  minute: at,
  ...{ received: stored + stale, stored, stale, duplicate: 0, quarantined: 0, blocked: 0, pending: 0 },
  difference: 0,
  reasons: stale === 0 ? {} : { too_old: stale },
});

const MINUTES = [
  minute('2026-11-20T22:59:00.000Z', 1),
  minute('2026-11-20T23:00:00.000Z', 2, 3),
  minute('2026-11-20T23:30:00.000Z', 4, 1),
];

test('by the hour and the day of a zone', () => {
  const days = stretchesOf(MINUTES, 'day', 'Europe/Berlin');
  assert.deepEqual(
    days.map(({ from, to, stored, reasons }) => [from, to, stored, reasons]),
    [
      ['2026-11-20T22:59:00.000Z', '2026-11-20T23:00:00.000Z', 1, {}],
      ['2026-11-20T23:00:00.000Z', '2026-11-20T23:31:00.000Z', 6, { too_old: 4 }],
    ],
  );
  assert.equal(stretchesOf(MINUTES, 'day', 'UTC').length, 1);
  assert.equal(stretchesOf(MINUTES, 'hour', 'Asia/Kolkata').length, 2);
  assert.equal(stretchesOf(MINUTES, 'minute', 'UTC').length, 3);
});

test('nothing gets lost in between', () => {
  for (const step of ['minute', 'hour', 'day'] as const) {
    const stretches = stretchesOf(MINUTES, step, 'UTC');
    assert.equal(
      stretches.reduce((sum, { received }) => sum + received, 0),
      11,
    );
    assert.equal(
      stretches.reduce((sum, each) => sum + refusedIn(each), 0),
      4,
    );
  }
});
