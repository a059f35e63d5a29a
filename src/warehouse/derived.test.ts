import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry, Telemetry, type TelemetryEvent } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { PANE_LEVELS } from '../query/ports.ts';
import type { Warehouse } from './client.ts';
import { deleteProjectRows } from './delete-project.ts';
import { Derived, type DerivedDefinition } from './derived.ts';
import { openDerivedTables } from './derived-tables.ts';
import { ROLLUP_15M } from './rollup-15m.ts';
import { paneSql } from './schema.ts';
import { fillingOf } from './testing/derived.ts';
import { openTestEngine } from './testing/engine.ts';
import { makeEvents, nativeBody } from './testing/rows.ts';
import { USER_ORDER } from './user-order.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
const READY_MS = 180_000;
const LIMIT_MS = 120_000;

const load = async (
  warehouse: Warehouse,
  position: number,
  { rows, project = 'default' }: { readonly rows: number; readonly project?: string },
): Promise<void> => {
  // Some of each load happened long before.
  for (const [part, spreadMs] of [HOUR_MS, 40 * 24 * HOUR_MS].entries())
    await warehouse.load(
      'events',
      nativeBody(
        makeEvents({
          rows: Math.ceil(rows / 2),
          seed: 2 * position + part,
          fromMs: NOW_MS - spreadMs,
          spreadMs,
          project,
        }),
        position,
      ),
      `${position}-${part}`,
    );
};

/** Fails unless the rollup holds exactly the events before a position, in panes of every width. */
const assertSame = async (warehouse: Warehouse, before: number): Promise<void> => {
  const keys = 'project, pane, type, currency';
  const states = 'sum(events) AS n, uniqMerge(users) AS u, uniqMerge(sessions) AS s';
  const ofEvents =
    "count() AS n, uniqIf(user_id, user_id != '') AS u, uniqIf(session_id, session_id != '') AS s";
  for (const { isOfAllTypes, seconds } of PANE_LEVELS) {
    const type = isOfAllTypes ? "''" : 'events.type';
    const [rollup, events] = await Promise.all([
      warehouse.query(
        `SELECT ${keys}, ${states}, sum(value_sum) AS v, sum(value_count) AS c, max(position) AS p FROM rollup_15m
         WHERE project != '' AND all_types = ${Number(isOfAllTypes)} AND width = ${seconds} GROUP BY ${keys} ORDER BY ${keys}`,
      ),
      warehouse.query(
        `SELECT project, ${paneSql(seconds * 1_000)} AS pane, ${type} AS type, currency, ${ofEvents}, sum(ifNull(toDecimal128(value, 6), 0)) AS v, count(value) AS c, max(position) AS p
         FROM events WHERE position < ${before} GROUP BY ${keys} ORDER BY ${keys}`,
      ),
    ]);
    assert.equal(rollup.rows.length, events.rows.length);
    for (const [index, row] of rollup.rows.entries()) assert.deepEqual(row, events.rows[index]);
  }
};

const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const limit = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < limit, `waited in vain: ${what}`);
    await sleep(20);
  }
};

test('kill -9 of the engine at random moments of steps: the rollup holds every event once', async (t) => {
  const seed = testSeed();
  t.diagnostic(`AEVUM_TEST_SEED=${seed}`);
  const random = new SeededRandom(seed);
  await using running = await openTestEngine(undefined, { restartPauseMsMax: 50 });
  const warehouse = await running.migrated();
  let loaded = 0;
  const filler = () => fillingOf(warehouse, ROLLUP_15M, { loaded: () => loaded, stepRowsMax: 10_000 });
  let rollup = filler();
  for (let round = 0; round < 5; round++) {
    await load(warehouse, 2 * round, { rows: 1 + random.below(30_000) });
    // A record without events lies between.
    loaded = 2 * round + 2;
    const { pid } = running.engine;
    const killing = sleep(random.below(150)).then(() => {
      if (pid !== undefined && running.engine.pid === pid) process.kill(pid, 'SIGKILL');
    });
    await rollup.catchUp().catch(() => undefined);
    await killing;
    while (running.engine.pid === pid) await sleep(5);
    await running.engine.ready(READY_MS);
    // Every other time the process that fills has died as well.
    if (random.chance(0.5)) rollup = filler();
    await rollup.catchUp();
    assert.equal(rollup.covered(), loaded);
    await assertSame(warehouse, loaded);
  }
});

test('a table of which little is missing is current, also in the midst of catching up', async () => {
  await using engine = await openTestEngine();
  const warehouse = await engine.migrated();
  const [records, rowsOfRecord] = [40, 10];
  for (let position = 0; position < records; position++)
    await load(warehouse, position, { rows: rowsOfRecord });
  const isCurrentWith = async (tailRows: number): Promise<[isAtEnd: boolean, isCurrent: boolean]> => {
    const derived = new Derived(
      { ...ROLLUP_15M, tailRows },
      { warehouse, loaded: () => records, clock: systemClock, telemetry: quietTelemetry() },
    );
    assert.equal(derived.isCurrent, false, 'before its first step nothing is known');
    const { isAtEnd } = await derived.step(AbortSignal.timeout(LIMIT_MS));
    return [isAtEnd, derived.isCurrent];
  };
  // A first step takes 16 records, so 24 are left.
  assert.deepEqual(await isCurrentWith(24 * rowsOfRecord - 1), [false, false]);
  // Another process: 32 are covered after its step, and 8 are left.
  assert.deepEqual(await isCurrentWith(8 * rowsOfRecord), [false, true]);
  assert.deepEqual(await isCurrentWith(0), [true, true]);
});

test('tables are filled side by side, come and go meanwhile, and a removed project leaves none behind', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const { signal } = new AbortController();
  let loaded = 0;
  const tables = openDerivedTables({
    warehouse,
    loaded: () => loaded,
    clock: systemClock,
    telemetry: quietTelemetry(),
    everyMs: 20,
    retiredMs: 0,
    isBusy: () => false,
  });
  try {
    const rollup = tables.add(ROLLUP_15M);
    const users = tables.add({ ...USER_ORDER, stepRowsMax: 100 });
    const loadNext = async (project: string) => {
      await load(warehouse, loaded, { rows: 500, project });
      loaded += 1;
    };
    for (const project of ['one', 'two', 'three']) await loadNext(project);
    await until('both are filled', () => rollup.covered() === 3 && users.covered() === 3);
    await assertSame(warehouse, 3);
    assert.deepEqual([rollup.behind(), users.behind()], [0, 0]);
    assert.ok(rollup.cost.steps >= 1 && rollup.cost.rows === 1_500 && rollup.cost.seconds > 0);
    const own =
      'CREATE TABLE own (position UInt64) ENGINE = MergeTree ORDER BY position SETTINGS non_replicated_deduplication_window = 100';
    await warehouse.command(own);
    const ofTwo = tables.add({
      table: 'own',
      project: 'two',
      where: 'project = {project:String}',
      params: { project: 'two' },
      insert: 'own SELECT position FROM events WHERE {rows} ORDER BY position',
      stepRowsMax: 1_000,
      rest: { calm: 1, busy: 1 },
    });
    await until('the table that was added is filled', () => ofTwo.covered() === 3);
    assert.deepEqual((await warehouse.query('SELECT count() AS n FROM own')).rows, [{ n: 500 }]);
    await tables.removing('two', signal, () => deleteProjectRows(warehouse, 'two', signal));
    const isThere = async (table: string) =>
      (await warehouse.query<{ result: number }>(`EXISTS TABLE ${table}`)).rows[0]?.result === 1;
    assert.equal(await isThere('own'), false);
    await assertSame(warehouse, 3);
    await loadNext('three');
    await until('steps go on', () => rollup.covered() === 4 && users.covered() === 4);
    await assertSame(warehouse, 4);
    tables.drop('user_events');
    await until('the table is dropped', async () => !(await isThere('user_events')));
    assert.deepEqual(tables.all, [rollup]);
  } finally {
    await tables.close();
  }
});

/** Tells the order of the steps. */
class StepsTold extends Telemetry {
  readonly steps: string[] = [];
  override emit<Fields>(event: TelemetryEvent<Fields>, fields: Fields): void {
    if (event.name === 'derived_stepped') this.steps.push((fields as { readonly label: string }).label);
    super.emit(event, fields);
  }
}

test('a table that rests long has its turns beside one that is behind, one that is added again is not dropped, and a step that is too large is tried smaller', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  for (let position = 0; position < 6; position++) await load(warehouse, position, { rows: 100 });
  const told = new StepsTold(() => undefined);
  const tables = openDerivedTables({
    ...{ warehouse, loaded: () => 6, clock: systemClock, telemetry: told },
    ...{ everyMs: 20, retiredMs: 0, isBusy: () => true },
  });
  const make = async (table: string, more: Partial<DerivedDefinition>) => {
    await warehouse.command(
      `CREATE TABLE IF NOT EXISTS ${table} (position UInt64) ENGINE = MergeTree ORDER BY position SETTINGS non_replicated_deduplication_window = 100`,
    );
    return tables.add({
      table,
      insert: `${table} SELECT position FROM events WHERE {rows} ORDER BY position`,
      stepRowsMax: 1,
      rest: { calm: 1, busy: 1 },
      ...more,
    });
  };
  try {
    // Both are added before the first step.
    await tables.exclusive(async () => {
      await make('eager', {});
      await make('patient', { rest: { calm: 1, busy: 1_000 } });
    });
    await until('both had a turn', () => new Set(told.steps).size === 2);
    assert.ok(told.steps.indexOf('patient') <= 2, told.steps.join());
    tables.drop('patient');
    let free = (): void => undefined;
    const held = tables.exclusive(() => new Promise<void>((resolve) => (free = resolve)));
    tables.drop('eager');
    await sleep(100);
    await make('eager', { stepRowsMax: 1_000 });
    free();
    await held;
    const large = await make('large', {
      stepRowsMax: 1_000,
      insert: `large SELECT position FROM (SELECT position, count() OVER () AS n FROM events WHERE {rows}) WHERE NOT throwIf(n > 250, 'too large') ORDER BY position`,
    });
    for (let tries = 0; large.covered() < 6; tries++) {
      assert.ok(tries < 20);
      await tables.catchUp().catch(() => undefined);
    }
    const [row] = (
      await warehouse.query(
        'SELECT (SELECT count() FROM large) AS large, (SELECT count() > 0 FROM eager) AS eager',
      )
    ).rows;
    assert.deepEqual(row, { large: 600, eager: 1 });
  } finally {
    await tables.close();
  }
});
