import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { applyTrendChange } from '../contract/live-apply.ts';
import type { TrendAnswer, TrendSeries } from '../contract/trend.ts';
import { trendChange } from './trend-change.ts';

const BASE = { kind: 'trend', interval: '10s', incomplete: { first: false, last: true } } as const;

const valueArbitrary = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null });

const groupArbitrary = fc.record(
  { country: fc.constantFrom('DE', 'FR', null), page: fc.constantFrom('/', '/a') },
  { noNullPrototype: true },
);

const identityArbitrary = fc.record({
  group: fc.option(groupArbitrary, {
    nil: null,
  }),
  other: fc.boolean(),
  currency: fc.constantFrom('EUR', null, undefined),
});

const seriesArbitrary = (buckets: number): fc.Arbitrary<TrendSeries> =>
  fc
    .record({
      identity: identityArbitrary,
      total: valueArbitrary,
      exact: fc.option(fc.constantFrom('1', '2.5'), { nil: undefined }),
      values: fc.array(valueArbitrary, { minLength: buckets, maxLength: buckets }),
    })
    .map(({ identity: { group, other, currency }, total, exact, values }) => ({
      ...{ group, other, total, values },
      ...(currency === undefined ? {} : { currency }),
      ...(exact === undefined ? {} : { total_exact: exact }),
    }));

const answerArbitrary: fc.Arbitrary<TrendAnswer> = fc
  .record({ first: fc.integer({ min: 0, max: 6 }), length: fc.integer({ min: 0, max: 4 }), asOf: fc.nat() })
  .chain(({ first, length, asOf }) =>
    fc
      .uniqueArray(seriesArbitrary(length), {
        maxLength: 6,
        selector: ({ group, other, currency }) =>
          JSON.stringify([group, other, currency, currency === undefined]),
      })
      .map((series) => ({
        ...BASE,
        source: asOf % 2 === 0 ? ('events' as const) : ('rollup_10s' as const),
        as_of: String(asOf),
        freshness: { answered_at: String(asOf), pending_events: asOf, pending_since: null },
        range: { from: String(first), to: String(first + length), timezone: 'UTC' },
        buckets: Array.from({ length }, (_, index) => `bucket ${first + index}`),
        series,
        statistics: { elapsed_ms: asOf, rows_read: null, bytes_read: null },
      })),
  );

test('a change applied to the earlier answer is the later one, over the wire too', () => {
  fc.assert(
    fc.property(fc.array(answerArbitrary, { minLength: 2, maxLength: 5 }), ([first, ...later]) => {
      assert.ok(first);
      let known = first;
      for (const answer of later) {
        const copy = structuredClone(known);
        const change = trendChange(known, answer);
        const sent = change && (JSON.parse(JSON.stringify(change)) as typeof change);
        const next = sent === undefined ? answer : applyTrendChange(known, sent);
        assert.deepEqual(next, answer);
        assert.deepEqual(known, copy, 'the earlier answer is left as it was');
        known = next;
      }
    }),
    { numRuns: 2_000 },
  );
});

test('an axis that only moved on is always told as a change', () => {
  fc.assert(
    fc.property(answerArbitrary, answerArbitrary, (before, after) => {
      const overlaps = before.buckets.includes(after.buckets[0] ?? '') || after.buckets.length === 0;
      const movedOn =
        overlaps && (before.buckets.at(-1) ?? '') <= (after.buckets.at(-1) ?? before.buckets.at(-1) ?? '');
      if (movedOn) assert.ok(trendChange(before, after) !== undefined);
    }),
    { numRuns: 2_000 },
  );
});

test('what did not change is not sent', () => {
  const answer: TrendAnswer = {
    ...BASE,
    source: 'events',
    as_of: '1',
    freshness: { answered_at: '1', pending_events: 0, pending_since: null },
    range: { from: '0', to: '2', timezone: 'UTC' },
    buckets: ['0', '1', '2'],
    series: [
      { group: { country: 'DE' }, other: false, total: 6, values: [1, 2, 3] },
      { group: { country: 'FR' }, other: false, total: 3, values: [1, 1, 1] },
    ],
    statistics: { elapsed_ms: 1, rows_read: null, bytes_read: null },
  };
  const later = {
    ...answer,
    buckets: ['1', '2', '3'],
    series: [
      { group: { country: 'FR' }, other: false, total: 9, values: [1, 1, 7] },
      { group: { country: 'DE' }, other: false, total: 5, values: [2, 3, 0] },
    ],
  };
  const change = trendChange(answer, later);
  assert.deepEqual(change?.buckets, { drop: 1, add: ['3'] });
  assert.deepEqual(change.series, [
    { group: { country: 'FR' }, other: false, total: 9, points: [[2, 7]] },
    { group: { country: 'DE' }, other: false, total: 5, points: [[2, 0]] },
  ]);
  assert.deepEqual([change.removed, change.order], [[], [1, 0]]);
  assert.deepEqual(trendChange(answer, answer)?.series, []);
});
