/** What the engine's process judges before it runs it, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PATIENCE_MS } from '../lib/testing/until.ts';
import { NotRunError, type SqlLaneRequest } from '../warehouse/sql-lane.ts';
import { WarehouseError } from '../warehouse/warehouse-error.ts';
import { openSqlBench, type SqlBench } from './testing/sql-bench.ts';

let bench: SqlBench;

before(async () => {
  bench = await openSqlBench();
  await bench.warehouse.command(
    `INSERT INTO events (project, id, time, type, user_id, position) SELECT 'mine', toString(number), now64(3), 't', 'ada', number FROM numbers(10)`,
  );
});

after(() => bench[Symbol.asyncDispose]());

const run = (sql: string, more: Partial<SqlLaneRequest> = {}) =>
  bench.lane.run(sql, { project: 'mine', isToJudge: true, timeoutMs: PATIENCE_MS, ...more });

/** Why a statement did not run. */
const reasonOf = async (sql: string): Promise<NotRunError['reason']> => {
  const error = await run(sql).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof NotRunError, `${sql}: ${String(error)}`);
  return error.reason;
};

test('what was judged good is run, and says what judging took', async () => {
  const sql = 'SELECT count() FROM events';
  const [first, again] = [await run(sql), await run(sql)];
  for (const { rows, judgedMs } of [first, again]) {
    assert.deepEqual(rows, [[10]]);
    assert.ok(judgedMs >= 0);
  }
  const unjudged = await run(sql, { isToJudge: false });
  assert.deepEqual([unjudged.rows, unjudged.judgedMs], [[[10]], Number.NaN]);
});

test('what may not run is not, and says why and where', async () => {
  const reason = await reasonOf('SELECT 1, currentDatabase() FROM events');
  assert.ok(!(reason instanceof WarehouseError));
  assert.equal(reason.kind, 'refused');
  assert.match(reason.message, /currentDatabase/u);
  const unknown = await reasonOf('SELECT countt() FROM events');
  assert.ok(!(unknown instanceof WarehouseError));
  assert.ok(unknown.suggestions.includes('count'), unknown.suggestions.join(' '));
  // The lane by itself has nothing against it.
  const { rows } = await run('SELECT currentDatabase()', { isToJudge: false });
  assert.deepEqual(rows, [['questions']]);
});

test('what cannot be judged is told apart from what fails as it runs', async () => {
  const syntax = await reasonOf('SELECT count( FROM events');
  assert.ok(syntax instanceof WarehouseError);
  assert.deepEqual([syntax.code, syntax.engineCode], ['invalid', 62]);
  const column = await reasonOf('SELECT nothing_like_it FROM events');
  assert.ok(column instanceof WarehouseError);
  assert.equal(column.engineCode, 47);
  await assert.rejects(
    run('SELECT toUInt8(user_id) FROM events'),
    (error) => error instanceof WarehouseError && error.engineCode === 6,
  );
});

test('one that sees no row is judged too, if that is wanted', async () => {
  const { rows } = await bench.lane.run('SELECT count() FROM events', {
    isToJudge: true,
    timeoutMs: PATIENCE_MS,
  });
  assert.deepEqual(rows, [[0]]);
  await assert.rejects(
    bench.lane.run('SELECT currentUser()', { isToJudge: true, timeoutMs: PATIENCE_MS }),
    NotRunError,
  );
});
