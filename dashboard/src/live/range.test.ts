import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOfRange,
  askedRange,
  fittingRange,
  type Range,
  rangeBefore,
  rangeOfAddress,
  rangeText,
} from './range.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const MINUTE_MS = 60_000;
const PERIOD: Range = { kind: 'period', fromMs: NOW - 600 * MINUTE_MS, toMs: NOW };

const fittingFor = (ageMinutes: number, count = 5): Range =>
  fittingRange({ count, firstMs: 1000, lastMs: NOW - ageMinutes * MINUTE_MS, asOfMs: NOW });

test('the page shows the present if something happens there, else where the data is', () => {
  assert.deepEqual(fittingFor(1), { kind: 'live', span: '30m' });
  assert.deepEqual(fittingFor(99_999, 0), { kind: 'live', span: '30m' });
  assert.deepEqual(fittingFor(40), { kind: 'live', span: '24h' });
  assert.deepEqual(fittingFor(3000), { kind: 'period', fromMs: 1000, toMs: NOW - 3000 * MINUTE_MS });
});

test('a range survives a reload', () => {
  for (const range of [PERIOD, { kind: 'live', span: '7d' } as const]) {
    const given = Object.entries(addressOfRange(range)).filter(([, value]) => value !== null) as [
      string,
      string,
    ][];
    assert.deepEqual(rangeOfAddress(`?${new URLSearchParams(given).toString()}`), range);
  }
});

test('an address without a range, or with a wrong one, says none', () => {
  for (const search of ['', '?range=9y', '?from=x&to=y', '?from=2026-01-02&to=2026-01-01'])
    assert.equal(rangeOfAddress(search), undefined, search);
});

test('the time before is as long', () => {
  assert.deepEqual(rangeBefore({ kind: 'live', span: '30m' }), { from: 'now-60m', to: 'now-30m' });
  assert.deepEqual(rangeBefore(PERIOD), { from: NOW - 1200 * MINUTE_MS, to: NOW - 600 * MINUTE_MS });
  assert.deepEqual(askedRange(PERIOD), { from: PERIOD.fromMs, to: PERIOD.toMs });
});

test('ranges in words', () => {
  const at = (text: string): number => new Date(text).getTime();
  const words = (from: string, to: string): string =>
    rangeText({ kind: 'period', fromMs: at(from), toMs: at(to) });
  assert.equal(rangeText({ kind: 'live', span: '24h' }), 'last 24 hours');
  assert.equal(words('2024-03-03T10:00', '2024-04-09T11:00'), '3 Mar 2024 to 9 Apr 2024');
  assert.equal(words('2024-03-03T10:00', '2024-03-03T11:30'), '3 Mar 2024, 10:00 to 11:30');
  assert.equal(words('2024-03-03T23:00', '2024-03-04T01:00'), '3 Mar 2024, 23:00 to 4 Mar 2024, 01:00');
});
