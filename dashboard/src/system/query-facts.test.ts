import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agedMs, kindText, progressOf, underWayText, wayText, whoText } from './query-facts.ts';

test('what is asked, by whom and how, in words', () => {
  assert.deepEqual(
    ['sql', 'funnel', 'metric_windows', 'cohort_size'].map((kind) => kindText({ kind })),
    ['SQL', 'Funnel', 'Metric windows', 'Size of a cohort'],
  );
  assert.equal(wayText({ way: 'board' }), 'a tile of a board');
  assert.equal(whoText({ asker: { kind: 'user', id: 'u', name: 'ada@example.com' } }), 'ada@example.com');
  assert.equal(whoText({ asker: null }), 'all who follow it');
});

test('how far it is, as far as that is known', () => {
  assert.equal(progressOf({ rows_read: 25, rows_total: 100 }), 0.25);
  assert.equal(progressOf({ rows_read: 250, rows_total: 100 }), 1);
  assert.equal(progressOf({ rows_read: 25, rows_total: null }), undefined);
  assert.equal(progressOf({ rows_read: null, rows_total: 10 }), undefined);
});

test('how long it has been under way', () => {
  assert.equal(agedMs(1_000, 500), 1_500);
  assert.equal(agedMs(1_000, -5), 1_000);
  assert.deepEqual([0, 1_840, 9_990, 10_000, 59_900, 65_000, 3_599_000, 7_380_000].map(underWayText), [
    '0.0 s',
    '1.8 s',
    '10.0 s',
    '10 s',
    '59 s',
    '1:05 min',
    '59:59 min',
    '2:03 h',
  ]);
});
