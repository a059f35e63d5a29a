import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WEB_LISTS, type WebAnswer, type WebEntry } from '../../../src/contract/web.ts';
import { LISTS, rowsOf, searched } from './lists.ts';

const entry = (value: string | null, visitors: number, other = false): WebEntry => ({
  value,
  other,
  visitors,
  sessions: visitors,
  views: visitors,
  views_per_session: 1,
  bounces: 0,
  bounce_rate: 0,
  duration_avg_ms: 0,
  previous: null,
});

const answer = (countries: readonly WebEntry[]): WebAnswer =>
  ({ lists: { countries } }) as unknown as WebAnswer;

test('every list of the answer has its words', () =>
  assert.deepEqual(Object.keys(LISTS).sort(), [...WEB_LISTS].sort()));

test('rows are those that are named, by visitors', () => {
  const rows = rowsOf(
    answer([entry('FR', 5), entry('DE', 10), entry(null, 1), entry(null, 99, true)]),
    'countries',
  );
  assert.deepEqual(
    rows.map(({ words, percent }) => [words, percent]),
    [
      ['Germany', 100],
      ['France', 50],
      ['Unknown', 10],
    ],
  );
  assert.deepEqual(rowsOf(answer([]), 'countries'), []);
});

test('rows are found by name and by value', () => {
  const rows = rowsOf(answer([entry('FR', 5), entry('DE', 10), entry('DK', 1)]), 'countries');
  const found = (text: string): string[] => searched(rows, text).map(({ words }) => words);
  assert.deepEqual(found('  '), ['Germany', 'France', 'Denmark']);
  assert.deepEqual(found('GER'), ['Germany']);
  assert.deepEqual(found('dk'), ['Denmark']);
  assert.deepEqual(found('x'), []);
});
