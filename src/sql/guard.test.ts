/** What the engine is asked while a statement is judged, and as whom, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SqlLane } from '../warehouse/sql-lane.ts';
import { createSqlGuard } from './guard.ts';
import { SqlProblem } from './problem.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench();
  await bench.warehouse.command(
    `INSERT INTO events (project, id, time, type, user_id, position) SELECT 'mine', toString(number), now64(3), 't', 'ada', number FROM numbers(10)`,
  );
});

after(() => bench[Symbol.asyncDispose]());

/** The beginnings of what the engine is asked, with the project whose rows it may see. */
const judge = async (text: string): Promise<{ asked: string[]; failure: unknown }> => {
  const asked: string[] = [];
  const lane: SqlLane = {
    run: (sql, request) => {
      asked.push(`${/^EXPLAIN (?:AST|QUERY TREE)/.exec(sql)?.[0]} ${request.project ?? 'nobody'}`);
      return bench.lane.run(sql, request);
    },
  };
  const failure = await createSqlGuard({ lane })
    .judge(text, { project: 'mine' })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return { asked, failure };
};

const AS_NOBODY = ['EXPLAIN AST nobody', 'EXPLAIN QUERY TREE nobody'];

test('a statement is resolved once, as one who sees no row, also where a sub-query is computed for it', async () => {
  for (const text of [
    'SELECT count() FROM events',
    'SELECT count() / (SELECT count() FROM events) FROM events',
    'SELECT user_id FROM events WHERE time > (SELECT max(time) FROM events) - INTERVAL 1 DAY',
    'SELECT exists(SELECT 1 FROM events)',
  ])
    assert.deepEqual(await judge(text), { asked: AS_NOBODY, failure: undefined }, text);
});

test('what fails for want of rows is resolved again as the one who asks', async () => {
  for (const text of [
    'SELECT (SELECT [user_id] FROM events LIMIT 1)',
    'SELECT (SELECT groupArray(user_id) FROM events HAVING count() > 0)',
    'SELECT number FROM numbers(10) LIMIT (SELECT position FROM events WHERE position = 5)',
  ]) {
    const { asked, failure } = await judge(text);
    assert.equal(failure, undefined, text);
    assert.deepEqual(asked, [...AS_NOBODY, 'EXPLAIN QUERY TREE mine'], text);
  }
});

test('nothing is resolved that the parse refuses: resolving computes what is constant', async () => {
  for (const text of [
    "SELECT file('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    'SELECT (SELECT count() FROM system.tables)',
  ]) {
    const { asked, failure } = await judge(text);
    assert.ok(failure instanceof SqlProblem, text);
    assert.deepEqual(asked, ['EXPLAIN AST nobody'], text);
  }
});

test('what no row would mend is said at once', async () => {
  for (const text of ['SELECT nothing_like_it FROM events', 'SELECT 1 FROM nothing_like_it']) {
    const { asked, failure } = await judge(text);
    assert.ok(failure instanceof Error, text);
    assert.deepEqual(asked, AS_NOBODY, text);
  }
});
