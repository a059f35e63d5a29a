import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlockBuilder } from '../event/block-builder.ts';
import { EVENTS } from '../event/columns.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { LOADED_TABLES, type Warehouse } from './client.ts';
import { loadedPosition, warehouseHealth } from './health.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';
import { assertExact } from './testing/exact.ts';
import { makeEvents, makeOthers, nativeBody } from './testing/rows.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;
const READY_MS = 180_000;

test('the same token counts once, in every table and in the rollup', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const others = makeOthers(NOW_MS, 100);
  const bodies = {
    events: nativeBody(makeEvents({ rows: 10_000, seed: 1, fromMs: NOW_MS }), 7),
    ...Object.fromEntries(Object.entries(others).map(([table, block]) => [table, nativeBody(block, 7)])),
  };
  for (let round = 0; round < 3; round += 1)
    for (const table of LOADED_TABLES) await warehouse.load(table, bodies[table as 'events'], '7-7');
  await assertExact(warehouse, 10_000);
  for (const table of ['refused', 'ledger', 'records'] as const) {
    assert.deepEqual((await warehouse.query(`SELECT count() AS n FROM ${table}`)).rows, [{ n: 100 }]);
    assert.equal(await loadedPosition(warehouse, table), 7);
  }
  await warehouse.load('events', bodies.events, '8-8');
  await assertExact(warehouse, 20_000);
  // A body that is sent is the same as one that was handed over.
  await running.connect({ bodiesDir: undefined }).load('events', bodies.events, '7-7');
  await assertExact(warehouse, 20_000);
});

test('nothing is left of bodies that were handed over, and one that is missing is an error', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const { bodiesDir, url, password } = running.engine;
  const body = nativeBody(makeEvents({ rows: 1_000, seed: 2, fromMs: NOW_MS }), 1);
  await warehouse.load('events', body, '1');
  await assert.rejects(running.connect({ password: 'wrong' }).load('events', body, '2'));
  await assert.rejects(running.connect({ database: 'elsewhere' }).load('events', body, '2'));
  await assert.rejects(running.connect({ bodiesDir: `${bodiesDir}/not-there` }).load('events', body, '2'), {
    code: 'unavailable',
  });
  assert.deepEqual(await readdir(bodiesDir), []);
  const insert = (name: string): Promise<Response> =>
    fetch(`${url}/?database=aevum`, {
      method: 'POST',
      body: 'INSERT INTO events FORMAT Native',
      headers: { 'X-ClickHouse-User': 'default', 'X-ClickHouse-Key': password, 'X-Aevum-Body': name },
    });
  const missing = await insert('no-such-body.handed');
  assert.equal(missing.headers.get('x-clickhouse-exception-code'), '107');
  assert.match(await missing.text(), /There is no body no-such-body.handed any more/);
  for (const name of ['../engine.xml', '../tmp/a.handed', 'a.body', '']) {
    const refused = await insert(name);
    assert.equal(refused.status, 400);
    await refused.text();
  }
  await assertExact(warehouse, 1_000);
});

test('every value arrives as it was', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const nasty = '\0 \' " \\ \t\n ü 日本 \u{1f600} \u2028 {x:String}';
  const builder = new BlockBuilder(EVENTS);
  const texts = EVENTS.columns
    .map(({ kind }, index) => (kind === 'string' ? index : -1))
    .filter((index) => index >= 0);
  const extremes: [number, bigint | null][] = [
    [Date.UTC(1900, 0, 1), -9_000_000_000_000_000_000n / 1_000n],
    [-1, 0n],
    [Date.UTC(2299, 11, 31, 23, 59, 59, 999), 999_999_999_999_999_999n],
    [NOW_MS, null],
  ];
  for (const [ms, value] of extremes) {
    for (const index of texts) builder.text(index, nasty);
    builder.int64(2, ms);
    builder.int64(3, ms);
    builder.decimal(19, value);
    builder.endRow();
  }
  assert.deepEqual([EVENTS.columns[2]?.name, EVENTS.columns[19]?.name], ['time', 'value']);
  await warehouse.load('events', nativeBody(builder.build(), 1), '1');
  const { rows } = await warehouse.query<Record<string, unknown>>(
    'SELECT *, toUnixTimestamp64Milli(time) AS ms FROM events ORDER BY ms',
  );
  const sorted = extremes.toSorted(([a], [b]) => a - b);
  assert.deepEqual(
    rows.map(({ ms }) => ms),
    sorted.map(([ms]) => ms),
  );
  assert.deepEqual(
    rows.map(({ value }) => value),
    ['-9000000000', '0', null, '999999999999.999999'],
  );
  for (const row of rows)
    for (const index of texts) assert.equal(row[EVENTS.columns[index]?.name ?? ''], nasty);
  const panes = await warehouse.query<{ s: number }>('SELECT toInt64(pane) AS s FROM rollup_10s ORDER BY s');
  assert.deepEqual(
    panes.rows.map(({ s }) => s),
    sorted.map(([ms]) => Math.floor(ms / 10_000) * 10),
  );
});

test('one load may reach over centuries', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const fromMs = Date.UTC(1900, 0, 1);
  const events = makeEvents({ rows: 5_000, seed: 3, fromMs, spreadMs: Date.UTC(2028, 0, 1) - fromMs });
  for (let round = 0; round < 2; round += 1) await warehouse.load('events', nativeBody(events, 1), '1');
  await assertExact(warehouse, 5_000);
  const { tables } = await warehouseHealth(warehouse);
  const table = tables.find((each) => each.table === 'events');
  assert.equal(table?.rows, 5_000);
  assert.equal(table.parts, 125 + 3 * 12);
  assert.equal(table.partsOfLargestPartition, 1);
});

test('what a merge wrote is flushed: what it was made of is removed at once', async () => {
  await using running = await openTestEngine();
  const { rows } = await running.connect({ database: 'default' }).query<{ name: string; value: string }>(
    `SELECT name, value FROM system.merge_tree_settings
     WHERE name IN ('min_rows_to_fsync_after_merge', 'old_parts_lifetime') ORDER BY name`,
  );
  assert.deepEqual(rows, [
    { name: 'min_rows_to_fsync_after_merge', value: '1' },
    { name: 'old_parts_lifetime', value: '0' },
  ]);
});

test('a bad body loads nothing', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const whole = Buffer.concat(nativeBody(makeEvents({ rows: 1_000, seed: 4, fromMs: NOW_MS }), 1));
  for (const client of [warehouse, running.connect({ bodiesDir: undefined })])
    for (const length of [1, 100, whole.length - 1])
      await assert.rejects(client.load('events', [whole.subarray(0, length)], 'bad'));
  await assertExact(warehouse, 0);
  await warehouse.load('events', [whole], 'bad');
  await assertExact(warehouse, 1_000);
});

test('health counts what is there', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  assert.equal(await loadedPosition(warehouse, 'events'), undefined);
  const { memoryBytes, mutations } = await warehouseHealth(warehouse);
  assert.ok(memoryBytes > 0);
  assert.equal(mutations, 0);
});

const ROUNDS = 12;
/** The engine is killed far more often than one that pauses longer and longer is made for. */
const RESTART_PAUSE_MS = 50;

/** Loads until it succeeds, as the loader does: the same rows, the same token. */
const insist = async (
  running: TestEngine,
  warehouse: Warehouse,
  body: Uint8Array[],
  token: string,
): Promise<number> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await warehouse.load('events', body, token);
      return attempt;
    } catch {
      await running.engine.ready(READY_MS);
    }
  }
};

test('kill -9 of the engine at random moments of loads: nothing twice, nothing missing', async (t) => {
  const seed = testSeed();
  t.diagnostic(`AEVUM_TEST_SEED=${seed}`);
  const random = new SeededRandom(seed);
  await using running = await openTestEngine(undefined, { restartPauseMsMax: RESTART_PAUSE_MS });
  const warehouse = await running.migrated();
  let expected = 0;
  let repeated = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = 1 + random.below(30_000);
    // Every other load reaches over months: one block a partition, each with a fate of its own.
    const spreadMs = random.chance(0.5) ? 400 * DAY_MS : 60_000;
    const body = nativeBody(
      makeEvents({ rows, seed: seed + round, fromMs: NOW_MS - spreadMs, spreadMs }),
      round,
    );
    const { pid } = running.engine;
    const killing = sleep(random.below(150)).then(() => {
      if (pid !== undefined && running.engine.pid === pid) process.kill(pid, 'SIGKILL');
    });
    const attempts = await insist(running, warehouse, body, `${round}-${round}`);
    await killing;
    if (attempts > 1) repeated += 1;
    expected += rows;
    while (running.engine.pid === pid) await sleep(5);
    await running.engine.ready(READY_MS);
    // The loader repeats its last intent after every crash, also one that had succeeded.
    await insist(running, warehouse, body, `${round}-${round}`);
    await assertExact(warehouse, expected);
  }
  t.diagnostic(`${ROUNDS} kills, ${repeated} of them in a load, ${expected} rows`);
  assert.ok(running.engine.restarts >= ROUNDS);
});
