import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  foundRuns,
  HISTORY_MAX,
  type PastRun,
  REMEMBERED_MAX,
  runsOf,
  withKept,
  withRun,
} from './history.ts';

const run = (sql: string, atMs: number) => ({ sql, atMs, rows: 1, ms: 2 });

const filled = (count: number): readonly PastRun[] =>
  Array.from({ length: count }, (_, at) => run(`SELECT ${at}`, at)).reduce<readonly PastRun[]>(withRun, []);

test('the same statement is there once, the last run first', () => {
  const runs = withRun(filled(3), run('SELECT 1', 9));
  assert.deepEqual(
    runs.map(({ sql, atMs }) => [sql, atMs]),
    [
      ['SELECT 1', 9],
      ['SELECT 2', 2],
      ['SELECT 0', 0],
    ],
  );
});

test('the oldest make room, but for what is kept', () => {
  const kept = withKept(filled(HISTORY_MAX), 'SELECT 0', true);
  const runs = withRun(kept, run('SELECT new', 500));
  assert.equal(runs.length, HISTORY_MAX);
  assert.equal(runs[0]?.sql, 'SELECT new');
  assert.ok(runs.some(({ sql, isKept }) => sql === 'SELECT 0' && isKept));
  assert.ok(!runs.some(({ sql }) => sql === 'SELECT 1'));
  const all = filled(HISTORY_MAX).map((each) => ({ ...each, isKept: true }));
  assert.equal(withRun(all, run('one more', 501)).length, HISTORY_MAX);
});

test('nothing blank, nothing too long', () => {
  assert.equal(withRun([], run('  ', 0)).length, 0);
  assert.equal(withRun([], run('x'.repeat(REMEMBERED_MAX + 1), 0)).length, 0);
});

test('a search finds all its words, what is kept first', () => {
  const runs = withKept(
    [run('SELECT a FROM events', 1), run('select B from refused', 2), run('SELECT c', 3)].reduce<
      readonly PastRun[]
    >(withRun, []),
    'SELECT a FROM events',
    true,
  );
  assert.deepEqual(
    foundRuns(runs, 'FROM  select').map(({ sql }) => sql),
    ['SELECT a FROM events', 'select B from refused'],
  );
});

test('what was written is read again; anything else is nothing', () => {
  const runs = withKept(filled(2), 'SELECT 1', true);
  assert.deepEqual(runsOf(JSON.stringify(runs)), runs);
  for (const text of [null, '', '{', '{}', '[1, null, {"sql": 1}]']) assert.deepEqual(runsOf(text), []);
});
