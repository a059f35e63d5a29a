import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import type { Warehouse } from './client.ts';
import { deleteProjectRows } from './delete-project.ts';
import { openTestEngine } from './testing/engine.ts';
import { makeEvents, nativeBody } from './testing/rows.ts';
import { type Filled, fillingOf, type FillingTestOptions } from './testing/derived.ts';
import { MIGRATIONS } from './schema.ts';
import { FACTS_SQL, TRAITS_SQL, USER_ORDER } from './user-order.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const READY_MS = 180_000;
const RESTART_PAUSE_MS = 50;

const orderOf = (warehouse: Warehouse, more: FillingTestOptions): Filled =>
  fillingOf(warehouse, USER_ORDER, more);

const ROWS = `SELECT project, user_id, time, position, id, type, session_id, country, region, device_type, os, browser, currency, value`;

/** Fails unless the order of users holds exactly the events of users before a position. */
const assertSame = async (warehouse: Warehouse, before: number): Promise<void> => {
  const hash = (source: string) =>
    `SELECT count() AS n, toString(sum(cityHash64(*))) AS hash FROM (${source})`;
  const from = `WHERE project != '' AND position < ${before}`;
  const [ordered, events] = await Promise.all([
    warehouse.query(hash(`${ROWS}, traits, facts FROM user_events ${from}`)),
    warehouse.query(
      hash(`${ROWS}, ${TRAITS_SQL} AS traits, ${FACTS_SQL} FROM events ${from} AND user_id != ''`),
    ),
  ]);
  assert.deepEqual(ordered.rows, events.rows);
};

test('parts of the order of users are one file of all columns, also when they are large and merged', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const partsOf = async (table: string) => {
    const { rows } = await warehouse.query<{ part_type: string }>(
      `SELECT part_type FROM system.parts WHERE database = currentDatabase() AND table = '${table}' AND active`,
      {},
      { class: 'control' },
    );
    return rows.map(({ part_type }) => part_type);
  };
  // Like it, but for what is tried.
  await warehouse.command('CREATE TABLE peer AS user_events');
  await warehouse.command('ALTER TABLE peer RESET SETTING min_bytes_for_wide_part, min_rows_for_wide_part');
  for (const table of ['user_events', 'peer']) {
    for (const step of [0, 1])
      await warehouse.command(
        `INSERT INTO ${table} (project, user_id, time, position, id)
         SELECT 'p', toString(number % 1000), toDateTime64(number, 3, 'UTC'), number * 2 + ${step}, hex(sipHash128(number, ${step})) FROM numbers(200000)`,
      );
    await warehouse.command(`OPTIMIZE TABLE ${table} FINAL`);
  }
  assert.deepEqual(await partsOf('peer'), ['Wide'], 'they are large enough to be told apart');
  assert.deepEqual(await partsOf('user_events'), ['Compact']);
});

test('parts from before there were facts tell the same: computed until they are merged', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const adds = MIGRATIONS.find(({ name }) => name === 'facts of users in one column');
  await warehouse.command('ALTER TABLE user_events DROP COLUMN facts');
  for (const position of [0, 1]) {
    const events = makeEvents({ rows: 1_000, seed: position, fromMs: NOW_MS });
    await warehouse.load('events', nativeBody(events, position), `${position}`);
    await orderOf(warehouse, { loaded: () => position + 1 }).catchUp();
  }
  for (const statement of adds?.statements ?? []) await warehouse.command(statement);
  const partsThatKeepIt = async () => {
    const { rows } = await warehouse.query<{ n: number }>(
      `SELECT count() AS n FROM system.parts_columns
       WHERE database = currentDatabase() AND table = 'user_events' AND active AND column = 'facts'`,
      {},
      { class: 'control' },
    );
    return Number(rows[0]?.n);
  };
  /** As a profile asks for them. */
  const factsOfUser = async (table: string, facts: string) => {
    const { rows } = await warehouse.query<{ facts: string }>(
      `SELECT ${facts} AS facts FROM ${table} PREWHERE user_id = {user:String} WHERE project = {project:String} ORDER BY facts`,
      busiest,
    );
    return rows;
  };
  const { rows } = await warehouse.query<{ project: string; user: string }>(
    "SELECT project, user_id AS user FROM events WHERE user_id != '' GROUP BY project, user ORDER BY count() DESC LIMIT 1",
  );
  const busiest = rows[0] ?? assert.fail('no user');
  const expected = await factsOfUser('events', FACTS_SQL.replace('traits', TRAITS_SQL));
  assert.ok(expected.length > 1);
  assert.equal(await partsThatKeepIt(), 0);
  assert.deepEqual(await factsOfUser('user_events', 'facts'), expected);
  await assertSame(warehouse, 2);
  await warehouse.command('OPTIMIZE TABLE user_events FINAL');
  assert.equal(await partsThatKeepIt(), 1);
  assert.deepEqual(await factsOfUser('user_events', 'facts'), expected);
  await assertSame(warehouse, 2);
});

test('every event of a user is in the order of users once, in steps that are one part each', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  await warehouse.command('SYSTEM STOP MERGES user_events');
  const load = (position: number, rows: number) =>
    warehouse.load(
      'events',
      nativeBody(makeEvents({ rows, seed: position, fromMs: NOW_MS }), position),
      `${position}`,
    );
  let loaded = 0;
  const order = orderOf(warehouse, { loaded: () => loaded, stepRowsMax: 3_000 });
  assert.equal(order.covered(), 0);
  await order.catchUp();
  assert.equal(order.covered(), 0);
  for (let position = 0; position < 8; position++) await load(position, 1_000);
  // Loaded but not known to be: left for later.
  loaded = 7;
  await order.catchUp();
  assert.equal(order.covered(), 7);
  await assertSame(warehouse, 7);
  const { rows } = await warehouse.query<{ parts: number; steps: number }>(
    `SELECT count() AS parts, (SELECT uniqExact(_part) FROM user_events) AS steps FROM system.parts
     WHERE database = currentDatabase() AND table = 'user_events' AND active`,
    {},
    { class: 'control' },
  );
  const parts = Number(rows[0]?.parts);
  assert.ok(parts >= 3 && parts <= 4, `${parts} parts for 7,000 rows in steps of at most 3,000`);
  loaded = 20; // records without events of users, too
  await order.catchUp();
  await order.catchUp();
  assert.equal(order.covered(), 20);
  // Another process goes on where this one was.
  const next = orderOf(warehouse, { loaded: () => loaded });
  await next.catchUp();
  await load(20, 500);
  loaded = 21;
  await next.catchUp();
  assert.equal(next.covered(), 21);
  await assertSame(warehouse, 21);
});

test('of two steps from one place one counts, and both know how far it went', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  for (let position = 0; position < 6; position++)
    await warehouse.load(
      'events',
      nativeBody(makeEvents({ rows: 500, seed: position, fromMs: NOW_MS }), position),
      `${position}`,
    );
  const short = orderOf(warehouse, { loaded: () => 2 });
  const long = orderOf(warehouse, { loaded: () => 6 });
  await Promise.all([short.catchUp(), long.catchUp()]);
  assert.equal(long.covered(), 6);
  await assertSame(warehouse, 6);
});

test('a large record behind empty ones is one step, of a process that does not know what was before', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  await warehouse.load('events', nativeBody(makeEvents({ rows: 300, seed: 1, fromMs: NOW_MS }), 5), '5');
  const order = orderOf(warehouse, { loaded: () => 7, stepRowsMax: 10 });
  await order.catchUp();
  assert.equal(order.covered(), 7);
  await assertSame(warehouse, 7);
});

test('a removal meets no step, and steps go on behind it', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  await warehouse.load('events', nativeBody(makeEvents({ rows: 2_000, seed: 1, fromMs: NOW_MS }), 0), '0');
  const order = orderOf(warehouse, { loaded: () => 1 });
  const { signal } = new AbortController();
  const { rows } = await warehouse.query<{ project: string }>('SELECT DISTINCT project FROM events');
  const filling = order.catchUp();
  for (const { project } of rows)
    await order.tables.removing(project, signal, () => deleteProjectRows(warehouse, project, signal));
  await filling;
  await order.catchUp();
  const ofProjects = "SELECT count() AS n FROM user_events WHERE project != ''";
  assert.deepEqual((await warehouse.query(ofProjects)).rows, [{ n: 0 }]);
});

test('what is loaded behind a removed project is taken, though its own steps began there', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const { signal } = new AbortController();
  const load = (position: number, project: string) =>
    warehouse.load(
      'events',
      nativeBody(makeEvents({ rows: 100, seed: position, fromMs: NOW_MS, project }), position),
      `${position}`,
    );
  await load(0, 'stays');
  await orderOf(warehouse, { loaded: () => 1 }).catchUp();
  for (const position of [1, 2]) {
    await load(position, 'goes');
    await orderOf(warehouse, { loaded: () => position + 1 }).catchUp();
  }
  const order = orderOf(warehouse, { loaded: () => 3 });
  await order.tables.removing('goes', signal, () => deleteProjectRows(warehouse, 'goes', signal));
  for (const position of [3, 4]) {
    await load(position, 'stays');
    const next = orderOf(warehouse, { loaded: () => position + 1 });
    await next.catchUp();
    assert.equal(next.covered(), position + 1);
  }
  await assertSame(warehouse, 5);
});

test('kill -9 of the engine at random moments of steps: nothing twice, nothing missing', async (t) => {
  const seed = testSeed();
  t.diagnostic(`AEVUM_TEST_SEED=${seed}`);
  const random = new SeededRandom(seed);
  await using running = await openTestEngine(undefined, { restartPauseMsMax: RESTART_PAUSE_MS });
  const warehouse = await running.migrated();
  let loaded = 0;
  let order = orderOf(warehouse, { loaded: () => loaded, stepRowsMax: 20_000 });
  let failed = 0;
  for (let round = 0; round < 8; round++) {
    const rows = 1 + random.below(60_000);
    const block = makeEvents({ rows, seed: seed + round, fromMs: NOW_MS });
    await warehouse.load('events', nativeBody(block, round), `${round}`);
    loaded = round + 1;
    const { pid } = running.engine;
    const killing = sleep(random.below(120)).then(() => {
      if (pid !== undefined && running.engine.pid === pid) process.kill(pid, 'SIGKILL');
    });
    await order.catchUp().catch(() => {
      failed += 1;
    });
    await killing;
    while (running.engine.pid === pid) await sleep(5);
    await running.engine.ready(READY_MS);
    // Every other time the process that fills has died as well.
    if (random.chance(0.5)) order = orderOf(warehouse, { loaded: () => loaded, stepRowsMax: 20_000 });
    await order.catchUp();
    assert.equal(order.covered(), loaded);
    await assertSame(warehouse, loaded);
  }
  t.diagnostic(`8 kills, ${failed} of them in a step`);
});
