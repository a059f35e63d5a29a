import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PATIENCE_MS, until } from '../lib/testing/until.ts';
import type { Warehouse } from './client.ts';
import { makeQuestionViews } from './question-views.ts';
import { createSqlLane, type SqlLane } from './sql-lane.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';
import { WarehouseError } from './warehouse-error.ts';

/** What the lane holds back by itself, were a statement to reach it that should not have. */

const UNKNOWN_DATABASE = 81;

let running: TestEngine;
let warehouse: Warehouse;
let lane: SqlLane;

before(async () => {
  running = await openTestEngine();
  lane = createSqlLane(running.engine);
  // Without the views no session can be made ready, before a statement or with it: it must not stay so.
  for (let round = 0; round < 3; round += 1)
    await assert.rejects(run('SELECT 1'), { engineCode: UNKNOWN_DATABASE });
  warehouse = await running.migrated();
  await makeQuestionViews(warehouse);
  // Rows of both projects stand in the same granule, and those of `theirs` fail whatever takes them for numbers.
  await warehouse.command(
    `INSERT INTO events (project, id, time, type, user_id, properties, position)
     SELECT if(number % 2 = 0, 'mine', 'theirs'), toString(number), now64(3), if(number % 2 = 0, 't', 'hidden'), if(number % 2 = 0, '7', 'hidden'), '{}', number FROM numbers(2000)`,
  );
});

after(() => running[Symbol.asyncDispose]());

const run = (sql: string, project: string | undefined = 'mine', more: object = {}) =>
  lane.run(sql, { timeoutMs: PATIENCE_MS, ...(project === undefined ? {} : { project }), ...more });

/** Where a session is, what it may, and its settings. */
const state = `SELECT currentDatabase(), arraySort(currentRoles()), groupArray((name, value))
  FROM (SELECT name, value FROM system.settings WHERE changed AND name != 'log_comment' ORDER BY name)`;

const codeOf = async (sql: string): Promise<number | undefined> => {
  try {
    await run(sql);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof WarehouseError, String(error));
    return error.engineCode;
  }
};

test('a session that was made ready ahead is as one that was not', async () => {
  // Both sessions as the first statement finds them: they failed to be made ready when there were no views.
  const [first, other] = await Promise.all([run(state), run(state)]);
  assert.deepEqual(first.rows[0]?.slice(0, 2), ['questions', ['questions']]);
  assert.ok(JSON.stringify(first.rows).includes('["readonly","1"]'));
  assert.deepEqual(other.rows, first.rows);
  for (let round = 0; round < 8; round += 1) {
    // Whoever sees no row is elsewhere, and may have other settings; of whoever comes next they are gone.
    if (round % 2 === 0) await lane.run('SELECT 1', { timeoutMs: PATIENCE_MS, rowsMax: 7 });
    assert.deepEqual((await run(state)).rows, first.rows);
  }
});

const TRIES_MAX = 20;

/** As who may see no row: for five seconds at most, which says more of a busy machine than of the statement. */
const nobody = async (sql: string, rowsMax = 1_001): ReturnType<typeof lane.run> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await lane.run(sql, { timeoutMs: PATIENCE_MS, rowsMax });
    } catch (error) {
      if ((error as WarehouseError).code !== 'timeout' || tries === TRIES_MAX) throw error;
    }
  }
};

test('who may see no row is among the empty tables, with rights to nothing else, under the same settings', async () => {
  const [own, ...more] = [await nobody(state), await nobody(state), await run(state, '')];
  assert.deepEqual(own?.rows[0]?.slice(0, 2), ['rehearsal', ['rehearsal']]);
  // Whose rows, and how long: the latter is fixed for who sees none.
  const settingsOf = ({ rows }: { rows: readonly (readonly unknown[])[] }) =>
    JSON.stringify(rows[0]?.[2]).replaceAll(
      /\["(?:insert_deduplication_token|max_execution_time)","\w*"\],?/g,
      '',
    );
  assert.equal(settingsOf(own), settingsOf(await run(state)));
  for (const other of more) assert.deepEqual(other.rows, own.rows);
  for (const sql of [
    'SELECT * FROM questions.events',
    'SELECT count() FROM events WHERE id IN (SELECT id FROM questions.events)',
    'SELECT * FROM aevum.events',
    'SELECT * FROM system.users',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
  ])
    await assert.rejects(nobody(sql), { engineCode: 497 }, sql);
  assert.equal(await codeOf('SELECT * FROM rehearsal.events'), 497);
});

test('the sessions of who may see no row are used again, and nothing is left in them', async () => {
  const { rows } = await nobody(state);
  assert.ok(JSON.stringify(rows).includes('["max_execution_time","5"]'));
  for (const sql of [
    'SELECT count() FROM (SELECT * FROM events SETTINGS max_execution_time = 99, max_threads = 7)',
    'EXPLAIN AST SELECT 1',
    'WITH 7 AS x SELECT x',
    'SELECT 1 LIMIT 1',
  ])
    for (let round = 0; round < 4; round += 1) {
      await nobody(sql, 1);
      assert.deepEqual((await nobody(state)).rows, rows, sql);
    }
  for (let round = 0; round < 8; round += 1) {
    await assert.rejects(nobody("SELECT throwIf(1, 'left over')"), { engineCode: 395 });
    await assert.rejects(nobody('EXPLAIN AST SELECT 1 SETTINGS readonly = 0'), { engineCode: 164 });
    assert.deepEqual((await nobody(state)).rows, rows);
  }
  const abort = new AbortController();
  const asked = lane.run('SELECT sum(sipHash64(number)) FROM numbers(100000000000000)', {
    ...{ timeoutMs: PATIENCE_MS, signal: abort.signal },
  });
  const underWay = "SELECT count() AS n FROM system.processes WHERE query LIKE 'SELECT sum(sip%'";
  const busy = async () => (await warehouse.query<{ n: number }>(underWay, {}, { class: 'control' })).rows;
  const code = asked.then(
    () => 'answered',
    (error: unknown) => (error as WarehouseError).code,
  );
  let isOver = false;
  void code.then(() => {
    isOver = true;
  });
  // On a busy machine its five seconds may be over before anybody sees it.
  await until('it begins', async () => isOver || (await busy())[0]?.n === 1);
  abort.abort();
  assert.match(await code, /^(?:cancelled|timeout)$/);
  // Of those that come right behind it none is ended in its place.
  for (let round = 0; round < 20; round += 1) assert.deepEqual((await nobody(state)).rows, rows);
});

test('a statement sees the rows of its project, and without one none', async () => {
  const sql = 'SELECT project, count(), max(user_id) FROM events GROUP BY project';
  assert.deepEqual((await run(sql)).rows, [['mine', 1_000, '7']]);
  assert.deepEqual((await run(sql, 'theirs')).rows, [['theirs', 1_000, 'hidden']]);
  assert.deepEqual((await lane.run(sql, { timeoutMs: PATIENCE_MS })).rows, []);
  assert.deepEqual((await run(sql, '')).rows, []);
  assert.deepEqual((await run(sql, "mine' OR 1 = 1 --")).rows, []);
  const sums = await run('SELECT project, sum(events), uniqMerge(users) FROM rollup_10s GROUP BY project');
  assert.deepEqual(sums.rows, [['mine', 1_000, 1]]);
});

test('no expression is computed of a foreign value', async () => {
  for (const sql of [
    'SELECT count() FROM events WHERE toUInt64(user_id) = 7',
    "SELECT count() FROM events WHERE throwIf(user_id = 'hidden') = 0",
    "SELECT count() FROM events WHERE toUInt64(user_id) = 7 AND throwIf(type = 'hidden') = 0",
    "SELECT count() FROM (SELECT user_id, throwIf(project != 'mine') AS t FROM events)",
    "SELECT count() FROM events WHERE throwIf(user_id = 'hidden') = 0 ORDER BY count() LIMIT 1",
  ])
    assert.deepEqual((await run(sql)).rows, [[1_000]], sql);
});

test('a changed setting shows nothing, because its signature is missing', async () => {
  const forged = `${'A'.repeat(64)}theirs`;
  for (const setting of [
    `insert_deduplication_token = '${forged}'`,
    "insert_deduplication_token = 'theirs'",
    "insert_deduplication_token = ''",
  ])
    assert.deepEqual(
      (await run(`SELECT count() FROM (SELECT * FROM events SETTINGS ${setting})`)).rows,
      [[0]],
      setting,
    );
});

test('its role reads the views and nothing else', async () => {
  for (const sql of [
    'SELECT * FROM aevum.events',
    'SELECT * FROM aevum.ledger',
    'SELECT count() FROM events WHERE id IN (SELECT id FROM aevum.events)',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    'SELECT * FROM system.row_policies',
    'SELECT * FROM system.users',
  ])
    assert.equal(await codeOf(sql), 497, sql);
  for (const sql of [
    'SET ROLE everything',
    'SYSTEM SHUTDOWN',
    'INSERT INTO events SELECT * FROM events',
    'SELECT 1 FORMAT CSV',
    "SELECT 1 INTO OUTFILE '/tmp/aevum-test'",
    "WITH 1 AS a INSERT INTO FUNCTION file('/tmp/aevum-test', 'TSV', 'a UInt8') SELECT 1",
  ])
    assert.equal(await codeOf(sql), 164, sql);
});

test('whatever ran before leaves nothing to the next', async () => {
  for (let round = 0; round < 20; round += 1) {
    await assert.rejects(run('SELECT throwIf(number = 3) FROM numbers(10)'));
    const project = round % 2 === 0 ? 'mine' : 'theirs';
    assert.deepEqual((await run('SELECT any(project) FROM events', project)).rows, [[project]]);
  }
});

test('limits hold, and the engine lives', async () => {
  const { pid } = running.engine;
  const late = run('SELECT count() FROM numbers(1000000000000)', 'mine', { timeoutMs: 300 });
  await assert.rejects(late, { code: 'timeout' });
  const greedy = 'SELECT length(groupArray(randomPrintableASCII(1000))) FROM numbers(3000000)';
  await assert.rejects(run(greedy), { code: 'memory' });
  await assert.rejects(run("SELECT repeat('x', 100 + number % 2) FROM numbers(1000000)"), {
    code: 'too_large',
  });
  assert.equal((await run('SELECT number FROM numbers(100)', 'mine', { rowsMax: 3 })).rows.length, 3);
  assert.equal(running.engine.pid, pid);
});

test('whoever hangs up ends the statement', async () => {
  const abort = new AbortController();
  const asked = run('SELECT sum(sipHash64(number)) FROM numbers(100000000000000)', 'mine', {
    timeoutMs: 2 * PATIENCE_MS,
    signal: abort.signal,
  });
  const busy = async (): Promise<number> => {
    const sql =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'";
    return (await warehouse.query<{ n: number }>(sql, {}, { class: 'control' })).rows[0]?.n ?? -1;
  };
  await until('it begins', async () => (await busy()) > 0);
  abort.abort();
  await assert.rejects(asked, { code: 'cancelled' });
  await until('it ends', async () => (await busy()) === 0);
});

test('integers that a number would not hold are text', async () => {
  const { rows, columns } = await run(
    "SELECT toUInt64(18446744073709551615), [toInt64(-9007199254740993)], 9007199254740991, toDecimal64(1.5, 2), '12345678901234567890'",
  );
  assert.deepEqual(rows, [
    ['18446744073709551615', ['-9007199254740993'], 9_007_199_254_740_991, '1.5', '12345678901234567890'],
  ]);
  assert.equal(columns[1]?.type, 'Array(Int64)');
});

test('totals are no row of an answer, and no rows with totals are none', async () => {
  const sql = (rows: number) =>
    `SELECT number % 2 AS odd, count() AS n, '"data":\n\t[\n,' AS "{\n\t" FROM numbers(${rows}) GROUP BY odd WITH TOTALS ORDER BY odd`;
  const columns = (await run(sql(4))).columns;
  assert.deepEqual(
    (await run(sql(4))).rows.map(([odd, n]) => [odd, n]),
    [
      [0, 2],
      [1, 2],
    ],
  );
  const none = await run(sql(0));
  assert.deepEqual([none.rows, none.columns], [[], columns]);
});

test('an engine that is not there is said to be unavailable', async () => {
  const away = createSqlLane({ ...running.engine, url: 'http://127.0.0.1:1' });
  await assert.rejects(away.run('SELECT 1', { timeoutMs: PATIENCE_MS }), { code: 'unavailable' });
});

test('the file of the policies is for its owner alone', async () => {
  const path = join(running.dataDir, 'users.xml');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.match(await readFile(path, 'utf8'), /<asker>[\s\S]*<filter>/);
});
