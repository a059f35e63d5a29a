import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOADED_TABLES } from './client.ts';
import { loadAgain } from './load-again.ts';
import { ROLLUP_COLUMNS, rollupSql } from './schema.ts';
import { openTestEngine } from './testing/engine.ts';
import { assertExact } from './testing/exact.ts';
import { makeEvents, makeOthers, nativeBody } from './testing/rows.ts';

const ROWS = 2_000;
/** Within a minute, the middle of which a month begins in: two partitions, and groups of the rollup that loads share. */
const AUTUMN = { fromMs: Date.UTC(2026, 9, 31, 23, 59, 30), spreadMs: 60_000 };
/** Years that are partitions, and instants that are negative numbers. */
const LONG_AGO = { fromMs: Date.UTC(1965, 0, 1), spreadMs: Date.UTC(1970, 0, 2) - Date.UTC(1965, 0, 1) };

const bodyOf = (position: number, time = AUTUMN): Uint8Array[] =>
  nativeBody(makeEvents({ rows: ROWS, seed: position, ...time }), position);

const again = (
  warehouse: Parameters<typeof loadAgain>[0],
  position: number,
  time = AUTUMN,
): Promise<void> => {
  const range = { from: position, to: position + 1, token: `${position}` };
  return loadAgain(warehouse, 'events', bodyOf(position, time), ROWS, range);
};

/** Makes the rollup what it would be of some of the events. */
const rollUp = (where: string): string[] => [
  'TRUNCATE TABLE rollup_10s',
  `INSERT INTO rollup_10s (${ROLLUP_COLUMNS}) ${rollupSql('events', where)}`,
];

const IN_OCTOBER = "time < toDateTime64('2026-11-01', 3, 'UTC')";

/** What a crash may leave of the load at position 2, beside that at 1. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  nothing: ['ALTER TABLE events DELETE WHERE position = 2', ...rollUp('position = 1')],
  'events of one partition': [
    `ALTER TABLE events DELETE WHERE position = 2 AND NOT (${IN_OCTOBER})`,
    ...rollUp('position = 1'),
  ],
  'all events': rollUp('position = 1'),
  'all events, and the rollup of one partition': rollUp(`position = 1 OR ${IN_OCTOBER}`),
  everything: [],
};

test('a load is completed from wherever it got to, and once more changes nothing', async (t) => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  for (const position of [1, 2]) await warehouse.load('events', bodyOf(position), `${position}`);
  for (const [state, statements] of Object.entries(LEFT))
    await t.test(state, async () => {
      for (const sql of statements) await warehouse.command(sql, {}, { settings: { mutations_sync: '2' } });
      for (let time = 0; time < 2; time++) {
        await again(warehouse, 2);
        await assertExact(warehouse, 2 * ROWS);
      }
    });
});

test('a load that reaches over years before 1970', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  await again(warehouse, 1, LONG_AGO);
  await assertExact(warehouse, ROWS);
  await warehouse.command('TRUNCATE TABLE rollup_10s');
  for (let time = 0; time < 2; time++) {
    await again(warehouse, 1, LONG_AGO);
    await assertExact(warehouse, ROWS);
  }
});

test('the other tables too, and rows of other loads stay as they are', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const others = makeOthers(AUTUMN.fromMs, 100);
  for (const [table, block] of Object.entries(others)) {
    const name = table as keyof typeof others;
    await warehouse.load(name, nativeBody(block, 1), '1');
    for (let time = 0; time < 2; time++)
      await loadAgain(warehouse, name, nativeBody(block, 2), 100, { from: 2, to: 3, token: '2' });
    const { rows } = await warehouse.query(
      `SELECT position, count() AS n FROM ${name} GROUP BY position ORDER BY position`,
    );
    assert.deepEqual(rows, [
      { position: 1, n: 100 },
      { position: 2, n: 100 },
    ]);
  }
  const { rows } = await warehouse.query(
    "SELECT name FROM system.tables WHERE database = 'aevum' AND name LIKE 'again%'",
  );
  assert.deepEqual(rows, []);
  assert.equal(LOADED_TABLES.length, Object.keys(others).length + 1);
});

test('what was put aside by a try that was given up is not taken', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const late: Parameters<typeof loadAgain>[0] = {
    command: (...args) => warehouse.command(...args),
    query: (...args) => warehouse.query(...args),
    load: async (...args) => {
      await warehouse.load(...args);
      await warehouse.load(...args);
    },
  };
  await assert.rejects(again(late, 1), { name: 'WarehouseError', message: /Of 2000 rows of a load 4000 / });
  await assertExact(warehouse, 0);
  await again(warehouse, 1);
  await assertExact(warehouse, ROWS);
});
