import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockBuilder } from '../event/block-builder.ts';
import { columnIndex, EVENTS, LEDGER, REFUSED } from '../event/columns.ts';
import type { Warehouse } from './client.ts';
import { deleteProjectRows, PROJECT_TABLES } from './delete-project.ts';
import { WEB_TABLES } from './web-tables.ts';
import { openTestEngine } from './testing/engine.ts';
import { nativeBody } from './testing/rows.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

const load = async (warehouse: Warehouse, project: string, rows: number, position: number): Promise<void> => {
  const events = new BlockBuilder(EVENTS);
  const refused = new BlockBuilder(REFUSED);
  const ledger = new BlockBuilder(LEDGER);
  for (let row = 0; row < rows; row++) {
    events.text(columnIndex(EVENTS, 'project'), project);
    events.text(columnIndex(EVENTS, 'id'), `${project}-${position}-${row}`);
    events.int64(columnIndex(EVENTS, 'time'), NOON + row * 20_000);
    events.text(columnIndex(EVENTS, 'type'), 'order');
    events.endRow();
    refused.text(columnIndex(REFUSED, 'project'), project);
    refused.int64(columnIndex(REFUSED, 'received_at'), NOON);
    refused.text(columnIndex(REFUSED, 'outcome'), 'duplicate');
    refused.endRow();
    ledger.text(columnIndex(LEDGER, 'project'), project);
    ledger.int64(columnIndex(LEDGER, 'minute'), NOON + row * 60_000);
    ledger.text(columnIndex(LEDGER, 'account'), 'received');
    ledger.endRow();
  }
  const token = `${position}`;
  await warehouse.load('events', nativeBody(events.build(), position), token);
  await warehouse.load('refused', nativeBody(refused.build(), position), token);
  await warehouse.load('ledger', nativeBody(ledger.build(), position), token);
  for (const [derived, more] of [
    ['user_events (project)', ''],
    ['rollup_15m (project, pane)', ', number * 900'],
    ['metric_windows (project, window)', `, number + ${position * rows}`],
    ...[...WEB_TABLES].map((table) => [
      `${table} (project, ${WEB_NUMBERS[table]})`,
      `, number + ${position * rows}`,
    ]),
  ] as const)
    await warehouse.command(
      `INSERT INTO ${derived} SELECT {project:String}${more} FROM numbers({rows:UInt32})`,
      { project, rows },
    );
};

/** A column of numbers of each table. */
const WEB_NUMBERS = {
  web_steps: 'day',
  web_days: 'day',
  web_replaced: 'day',
  web_long: 'hour',
  web_sessions: 'began',
} as const;

const counts = async (warehouse: Warehouse, project: string): Promise<number[]> => {
  const found: number[] = [];
  for (const table of PROJECT_TABLES) {
    const { rows } = await warehouse.query<{ n: number }>(
      `SELECT count() AS n FROM ${table} WHERE project = {project:String}`,
      { project },
    );
    found.push(rows[0]?.n ?? -1);
  }
  return found;
};

test('the rows of one project go from every table that has any; those of others, with names alike, stay', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  const { rows } = await warehouse.query<{ table: string }>(
    `SELECT DISTINCT table FROM system.columns WHERE database = {database:String} AND name = 'project' AND table NOT LIKE '%_view' ORDER BY table`,
    { database: warehouse.database },
    { class: 'control' },
  );
  assert.deepEqual(
    rows.map(({ table }) => table),
    [...PROJECT_TABLES].sort(),
    'a table is left out',
  );
  const alike = ['shop~2', 'shop-2', "it's", 'sho'];
  for (const [at, project] of ['shop', ...alike, 'shop'].entries()) await load(warehouse, project, 50, at);
  assert.ok((await counts(warehouse, 'shop')).every((count) => count >= 50));
  const before = await Promise.all(alike.map((project) => counts(warehouse, project)));
  const { signal } = new AbortController();
  await Promise.all([
    deleteProjectRows(warehouse, 'shop', signal),
    // As after an interruption: a second one finds the first under way.
    deleteProjectRows(warehouse, 'shop', signal),
  ]);
  assert.deepEqual(
    await counts(warehouse, 'shop'),
    PROJECT_TABLES.map(() => 0),
  );
  assert.deepEqual(await Promise.all(alike.map((project) => counts(warehouse, project))), before);
  await deleteProjectRows(warehouse, "it's", signal);
  assert.deepEqual(
    await counts(warehouse, "it's"),
    PROJECT_TABLES.map(() => 0),
  );
  await deleteProjectRows(warehouse, 'never there', signal);
});

test('deleting ends when it is told to', async () => {
  await using running = await openTestEngine();
  const warehouse = await running.migrated();
  await load(warehouse, 'shop', 5, 1);
  await assert.rejects(deleteProjectRows(warehouse, 'shop', AbortSignal.abort()));
  assert.deepEqual(
    await counts(warehouse, 'shop'),
    PROJECT_TABLES.map(() => 5),
  );
});
