import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PATIENCE_MS, until } from '../lib/testing/until.ts';
import type { Warehouse } from './client.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';
import { WarehouseError } from './warehouse-error.ts';

let running: TestEngine;
let warehouse: Warehouse;

before(async () => {
  running = await openTestEngine();
  warehouse = await running.migrated();
});

after(() => running[Symbol.asyncDispose]());

const rejects = (work: Promise<unknown>, code: string, retryable: boolean): Promise<void> =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof WarehouseError, String(error));
    assert.deepEqual([error.code, error.retryable], [code, retryable]);
    return true;
  });

/** Resolves when so many statements that name this are under way. */
const underWay = (name: string, wanted: number): Promise<true> =>
  until(`${wanted} of ${name} are under way`, async () => {
    const { rows } = await warehouse.query<{ n: number }>(
      "SELECT count() AS n FROM system.processes WHERE position(query, {name:String}) > 0 AND query NOT LIKE '%processes%'",
      { name },
    );
    return rows[0]?.n === wanted;
  });

test('values come back as documented', async () => {
  const { rows, statistics } = await warehouse.query<Record<string, unknown>>(
    "SELECT toUInt64(5) AS u, toInt64(-5) AS i, toDecimal128('12345678901234.123456', 6) AS d, nan AS n, toDateTime64(1.5, 3, 'UTC') AS t, {x:String} AS x",
    { x: "a'b" },
  );
  assert.deepEqual(rows, [
    { u: 5, i: -5, d: '12345678901234.123456', n: null, t: '1970-01-01T00:00:01.500Z', x: "a'b" },
  ]);
  assert.ok(statistics.elapsedMs > 0);
});

test('errors by kind', async () => {
  await rejects(warehouse.query('SELECT nope'), 'invalid', false);
  await rejects(warehouse.query('SELECT 1 FROM numbers(10)', {}, { rowsMax: 5 }), 'too_large', false);
  await rejects(warehouse.query('SELECT sleep(3)', {}, { timeoutMs: 100 }), 'timeout', true);
  await rejects(warehouse.query('DROP TABLE events'), 'denied', false);
  await rejects(
    warehouse.query("SELECT * FROM file('/etc/passwd')", {}, { class: 'control' }),
    'denied',
    false,
  );
  await rejects(
    warehouse.query('SELECT groupArray(randomString(1000)) FROM numbers(1000000)'),
    'memory',
    true,
  );
  const stranger = running.connect({ password: 'wrong' });
  await rejects(stranger.query('SELECT 1'), 'unavailable', true);
  assert.equal(await stranger.ping(), false);
  const nowhere = running.connect({ url: 'http://127.0.0.1:1' });
  await rejects(nowhere.query('SELECT 1'), 'unavailable', true);
  assert.equal(await nowhere.ping(), false);
});

test('giving up ends the statement', async () => {
  const abort = new AbortController();
  const asked = warehouse.query(
    'SELECT sum(sipHash64(number)) FROM numbers(100000000000000)',
    {},
    { signal: abort.signal, timeoutMs: 2 * PATIENCE_MS },
  );
  await underWay('sipHash64', 1);
  abort.abort();
  await rejects(asked, 'cancelled', false);
  await underWay('sipHash64', 0);
});

test('streams rows, and stops when nobody wants more', async () => {
  let rows = 0;
  for await (const batch of warehouse.stream<{ n: number }>('SELECT number AS n FROM numbers({n:UInt64})', {
    n: 500_000,
  }))
    rows += batch.length;
  assert.equal(rows, 500_000);
  for (let round = 0; round < 10; round += 1) {
    for await (const batch of warehouse.stream('SELECT number FROM numbers(1000000000)')) {
      assert.ok(batch.length > 0);
      break;
    }
  }
  assert.deepEqual((await warehouse.query('SELECT 1 AS a')).rows, [{ a: 1 }]);
  await assert.rejects(async () => {
    for await (const _batch of warehouse.stream('SELECT throwIf(number = 900000) FROM numbers(2000000)'))
      continue;
  }, WarehouseError);
});

test('reads go on beside a slow statement of the control class', async () => {
  const abort = new AbortController();
  const slow = warehouse.command(
    'SELECT sleepEachRow(1) FROM numbers(600) SETTINGS max_block_size = 1',
    {},
    { signal: abort.signal },
  );
  await underWay('sleepEachRow', 1);
  await warehouse.query('SELECT 1');
  await underWay('sleepEachRow', 1);
  abort.abort();
  await rejects(slow, 'cancelled', false);
});
