import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrendAnswer } from '../../../src/contract/trend.ts';
import { layersOf, OTHER_KEY, Palette, presentRate, SLOTS, summed, totalOf } from './series.ts';

const answer = (series: Readonly<Record<string, readonly number[]>>): TrendAnswer => ({
  kind: 'trend',
  source: 'rollup_10s',
  as_of: '1',
  freshness: { answered_at: '2026-11-20T12:00:00.000Z', pending_events: 0, pending_since: null },
  range: { from: '2026-11-20T12:00:00.000Z', to: '2026-11-20T12:00:30.000Z', timezone: 'UTC' },
  interval: '10s',
  buckets: ['2026-11-20T12:00:00+00:00', '2026-11-20T12:00:10+00:00', '2026-11-20T12:00:20+00:00'],
  incomplete: { first: false, last: false },
  series: Object.entries(series).map(([type, values]) => ({
    group: type === 'other' ? null : { type },
    other: type === 'other',
    total: values.reduce((sum, value) => sum + value, 0),
    values: [...values],
  })),
  statistics: { elapsed_ms: 1, rows_read: null, bytes_read: null },
});

test('layers keep their colours when their order changes', () => {
  const palette = new Palette();
  const before = layersOf(answer({ a: [3, 3, 3], b: [1, 1, 1], other: [1, 0, 0] }), palette);
  assert.deepEqual(
    before.map(({ key, name, slot, total }) => [key, name, slot, total]),
    [
      ['a', 'a', 1, 9],
      ['b', 'b', 2, 3],
      [OTHER_KEY, 'Other', 0, 1],
    ],
  );
  const after = layersOf(answer({ b: [9, 9, 9], c: [5, 5, 5], a: [3, 3, 3] }), palette);
  assert.deepEqual(
    after.map(({ key, slot }) => [key, slot]),
    [
      ['b', 2],
      ['c', 3],
      ['a', 1],
    ],
  );
});

test('a colour becomes free with its name, and there are no more than the palette has', () => {
  const palette = new Palette();
  palette.slotsOf(['a', 'b', 'c']);
  assert.equal(palette.slotsOf(['b', 'c', 'd']).get('d'), 1);
  const many = palette.slotsOf(Array.from({ length: 20 }, (_, index) => `k${index}`));
  assert.equal(many.size, SLOTS);
  assert.equal(new Set(many.values()).size, SLOTS);
});

test('sums, totals and the present rate', () => {
  const counted = answer({ a: [10, 20, 5], b: [10, 0, 0] });
  assert.deepEqual(summed(counted), [20, 20, 5]);
  assert.equal(totalOf(counted), 45);
  const rateAt = (answered_at: string): number =>
    presentRate({ ...counted, freshness: { ...counted.freshness, answered_at } });
  assert.equal(rateAt('2026-11-20T12:00:25.000Z'), 45 / 25);
  // The first bucket is over half a minute old.
  assert.equal(rateAt('2026-11-20T12:00:35.000Z'), 25 / 25);
  assert.equal(rateAt('2026-11-20T12:09:00.000Z'), 0);
});
