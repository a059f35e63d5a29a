/** The views that users' SQL reads and the empty tables that it is judged on, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Warehouse } from './client.ts';
import { PUBLIC_TABLES, REHEARSAL_DATABASE, VIEWS_DATABASE } from './public-tables.ts';
import { makeQuestionViews } from './question-views.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';

let running: TestEngine;
let warehouse: Warehouse;

before(async () => {
  running = await openTestEngine();
  warehouse = await running.migrated();
  await makeQuestionViews(warehouse);
});

after(() => running[Symbol.asyncDispose]());

const ask = async (sql: string): Promise<unknown[]> =>
  (await warehouse.query(sql, {}, { class: 'control' })).rows;

const columnsOf = (database: string): Promise<unknown[]> =>
  ask(
    `SELECT table, name, type, default_kind FROM system.columns WHERE database = '${database}' ORDER BY table, position`,
  );

/** Every table with what the engine tells it from earlier ones of its name by. */
const made = (): Promise<unknown[]> =>
  ask(
    `SELECT database, name, toString(uuid) AS id, engine, comment FROM system.tables
     WHERE database IN ('${VIEWS_DATABASE}', '${REHEARSAL_DATABASE}') ORDER BY database, name`,
  );

const agree = async (): Promise<void> => {
  const documented = PUBLIC_TABLES.toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap((table) =>
    table.columns.map(({ name, type }) => ({ table: table.name, name, type, default_kind: '' })),
  );
  assert.deepEqual(await columnsOf(VIEWS_DATABASE), documented);
  assert.deepEqual(await columnsOf(REHEARSAL_DATABASE), documented);
  // Of a kind that keeps nothing, whoever may write.
  const engines = await ask(
    `SELECT DISTINCT engine FROM system.tables WHERE database = '${REHEARSAL_DATABASE}'`,
  );
  assert.deepEqual(engines, [{ engine: 'Null' }]);
};

test('the empty tables have the columns of the views, in their order and of their types, and so has the documentation', async () => {
  await agree();
});

test('nothing is made again that is as it is wanted', async () => {
  const former = await made();
  await makeQuestionViews(warehouse);
  assert.deepEqual(await made(), former);
});

test('a folder that an earlier release wrote, or a start that was interrupted, gets what is missing', async () => {
  for (const earlier of [
    `DROP DATABASE ${REHEARSAL_DATABASE}`,
    `DROP DATABASE ${VIEWS_DATABASE}`,
    `DROP TABLE ${REHEARSAL_DATABASE}.refused`,
    // Each as a release made it for which the table had another column.
    `CREATE OR REPLACE VIEW ${VIEWS_DATABASE}.events AS SELECT 1 AS former COMMENT 'earlier'`,
    `CREATE OR REPLACE TABLE ${REHEARSAL_DATABASE}.events (former UInt8) ENGINE = Null COMMENT 'earlier'`,
  ]) {
    await warehouse.command(earlier);
    await makeQuestionViews(warehouse);
    await agree();
  }
});

test('a view that is made anew has its table made anew', async () => {
  const idOf = async (database: string): Promise<unknown> =>
    ask(`SELECT toString(uuid) AS id FROM system.tables WHERE database = '${database}' AND name = 'refused'`);
  const former = await idOf(REHEARSAL_DATABASE);
  await warehouse.command(`DROP VIEW ${VIEWS_DATABASE}.refused`);
  await makeQuestionViews(warehouse);
  assert.notDeepEqual(await idOf(REHEARSAL_DATABASE), former);
  await agree();
});
