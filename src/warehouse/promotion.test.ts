import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlockBuilder } from '../event/block-builder.ts';
import { columnIndex, EVENTS } from '../event/columns.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { PATIENCE_MS, until } from '../lib/testing/until.ts';
import type { Warehouse } from './client.ts';
import { openPromotions, type Promotions, type PromotionsOptions } from './promotion.ts';
import { columnNameOf, propertyTextSql } from './property-columns.ts';
import { openTestEngine, type TestEngine } from './testing/engine.ts';
import { nativeBody } from './testing/rows.ts';

const DAY_MS = 86_400_000;

/** Keys as people make them, and as they break things. */
const ODD_KEYS = [
  'plan',
  'a.b',
  'a b',
  '',
  "it's",
  '`',
  '"',
  '\\',
  '日本',
  'Plan',
  'x'.repeat(256),
  '--',
  '{x:String}',
  '\u{1f600}',
  'a\nb',
  '0',
  '-1',
  'project',
];

/** Every kind of value that a property can have, and texts that JSON forbids to differ in meaning. */
const VALUES = [
  '"text"',
  '""',
  '"5"',
  '"true"',
  '"null"',
  '5',
  '-5',
  '0.1',
  '1e3',
  '1E400',
  '12345678901234567890',
  '1.0',
  'true',
  'false',
  'null',
  '[]',
  '[1, "a"]',
  '{}',
  '{"a": {"b": null}}',
  '"\\u0041\\n\\"ü"',
  '"\\ud83d\\ude00"',
];

const propertiesOf = (key: string): string[] => {
  const name = JSON.stringify(key);
  return [
    '{}',
    '',
    `{"other": 1}`,
    `{"nested": {${name}: 1}}`,
    `{${name}: 1, ${name}: 2}`,
    `{${name}: null, ${name}: "second"}`,
    `  { "first" : [1, {"x": "}"}] ,  ${name} : "spaced" } `,
    ...VALUES.map((value) => `{${name}:${value}}`),
  ];
};

let running: TestEngine;
let warehouse: Warehouse;
let position = 0;

const load = async (properties: readonly string[]): Promise<void> => {
  const builder = new BlockBuilder(EVENTS);
  properties.forEach((text, index) => {
    builder.text(0, 'p');
    builder.text(1, String(index));
    builder.int64(columnIndex(EVENTS, 'time'), Date.UTC(2026, 10, 20) + index);
    builder.int64(columnIndex(EVENTS, 'received_at'), Date.UTC(2026, 10, 20));
    builder.text(columnIndex(EVENTS, 'properties'), text);
    builder.endRow();
  });
  position += 1;
  await warehouse.load('events', nativeBody(builder.build(), position), String(position));
};

const open = (options: Partial<PromotionsOptions> = {}): Promise<Promotions> =>
  openPromotions({
    warehouse,
    clock: systemClock,
    telemetry: quietTelemetry(),
    budget: 50,
    everyMs: 20,
    retiredMs: 100,
    ...options,
  });

/** As the operator sees it. */
const ALL = { withColumns: true, withNumbers: true };

const columns = async (): Promise<string[]> =>
  (
    await warehouse.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE database = 'aevum' AND table = 'events' AND name LIKE 'property%' ORDER BY name",
    )
  ).rows.map(({ name }) => name);

const demoteAll = async (): Promise<void> => {
  const promotions = await open({ budget: 0 });
  for (const { key, promotion } of (await promotions.list('p', ALL)).properties)
    if (promotion !== 'none') await promotions.demote(key);
  await until('it is so', async () => (await columns()).length === 0);
  await promotions.close();
};

before(async () => {
  running = await openTestEngine();
  warehouse = await running.migrated();
});

after(() => running[Symbol.asyncDispose]());

/** The readings of a property that queries use, over a text. */
const readings = (text: string): string =>
  `SELECT id, position, ${text} AS text, toFloat64OrNull(${text}) AS number, ${text} = 'true' AS bool, isNotNull(${text}) AS has FROM events ORDER BY position, toUInt32(id)`;

test('answers are the same promoted or not, for every key and value, before and after', async () => {
  for (const key of ODD_KEYS) await load(propertiesOf(key));
  const settings = { settings: { output_format_json_quote_denormals: 1 } } as const;
  const plain = new Map<string, unknown[]>();
  const promotions = await open();
  for (const key of ODD_KEYS) await promotions.promote(key);
  // Rows loaded while or after the columns are made have them computed at load.
  for (const key of ODD_KEYS) await load(propertiesOf(key));
  for (const key of ODD_KEYS)
    plain.set(key, (await warehouse.query(readings(propertyTextSql(key)), {}, settings)).rows);
  await until('it is so', () => ODD_KEYS.every((key) => promotions.columnOf(key) !== undefined));
  for (const key of ODD_KEYS) {
    const column = promotions.columnOf(key) ?? '';
    assert.deepEqual((await warehouse.query(readings(column), {}, settings)).rows, plain.get(key), key);
    const found =
      (await warehouse.query<{ n: number }>(`SELECT count(${column}) AS n FROM events`)).rows[0]?.n ?? 0;
    assert.ok(found >= 2 * (VALUES.length - 1), `${key}: ${found}`);
  }
  const { properties, budget } = await promotions.list('p', ALL);
  assert.deepEqual(budget, { promoted: ODD_KEYS.length, max: 50 });
  for (const property of properties) {
    assert.deepEqual([property.promotion, property.pinned, property.error], ['ready', true, null]);
    assert.ok((property.bytes ?? -1) >= 0);
  }
  await promotions.close();
});

test('promotions are still there after a restart of everything, and go when demoted', async () => {
  const first = await open();
  assert.equal(first.columnOf('plan'), columnNameOf('plan'));
  await first.close();
  const { pid } = running.engine;
  process.kill(pid ?? 0, 'SIGKILL');
  await until('it is so', () => running.engine.pid !== pid);
  await running.engine.ready(PATIENCE_MS);
  const second = await open({ retiredMs: 1_000_000 });
  for (const key of ODD_KEYS) {
    assert.equal(second.columnOf(key), columnNameOf(key));
    assert.equal((await second.demote(key)).promotion, 'none');
    assert.equal(second.columnOf(key), undefined);
  }
  await assert.rejects(second.demote('plan'), { code: 'not_found' });
  assert.equal((await columns()).length, ODD_KEYS.length, 'kept for queries under way');
  await second.close();
  const third = await open();
  await until('it is so', async () => (await columns()).length === 0);
  await third.close();
});

test('a build that was interrupted is taken up again', async () => {
  const first = await open();
  await first.promote('interrupted');
  await first.close();
  await warehouse.command("KILL MUTATION WHERE database = 'aevum' AND table = 'events' SYNC");
  const second = await open();
  await until('it is so', () => second.columnOf('interrupted') !== undefined);
  await second.demote('interrupted');
  await second.close();
  // A demotion that was interrupted is finished at the next start.
  const third = await open({ retiredMs: 1_000_000 });
  await until('it is so', async () => (await columns()).length === 0);
  await third.close();
});

test('keys that are asked for are promoted by themselves, the most asked first, within the budget', async () => {
  const promotions = await open({ budget: 2 });
  promotions.asked('p', ['once']);
  for (let time = 0; time < 5; time += 1) promotions.asked('p', ['often', 'plan']);
  promotions.asked('p', ['often']);
  await until(
    'it is so',
    () => promotions.columnOf('often') !== undefined && promotions.columnOf('plan') !== undefined,
  );
  for (let time = 0; time < 100; time += 1) promotions.asked('p', ['late']);
  await sleep(200);
  assert.equal(promotions.columnOf('late'), undefined);
  const listed = (await promotions.list('p', ALL)).properties.map(({ key, asked, promotion, pinned }) => [
    key,
    asked,
    promotion,
    pinned,
  ]);
  assert.deepEqual(listed, [
    ['often', 6, 'ready', false],
    ['plan', 5, 'ready', false],
    ['late', 100, 'none', false],
    ['once', 1, 'none', false],
  ]);
  // By hand takes the place of one that was promoted by use; one promoted by hand gives way to nobody.
  assert.deepEqual(
    [(await promotions.promote('late')).pinned, (await promotions.promote('once')).pinned],
    [true, true],
  );
  await assert.rejects(promotions.promote('more'), { code: 'conflict' });
  assert.deepEqual([promotions.columnOf('often'), promotions.columnOf('plan')], [undefined, undefined]);
  await promotions.close();
  await demoteAll();
});

test('a project sees the keys that it asked for itself, and columns of others only if told to', async () => {
  const promotions = await open({ budget: 1, askedMin: 4 });
  promotions.asked('shop', ['shared', 'secret']);
  for (let time = 0; time < 3; time += 1) promotions.asked('app', ['shared']);
  await until('it is so', () => promotions.columnOf('shared') !== undefined);
  const seen = async (project: string, withColumns: boolean) =>
    (await promotions.list(project, { ...ALL, withColumns })).properties.map(
      ({ key, asked }) => `${key} ${asked}`,
    );
  assert.deepEqual(await seen('shop', false), ['shared 1', 'secret 1']);
  assert.deepEqual(await seen('app', false), ['shared 3']);
  assert.deepEqual(await seen('none', false), []);
  assert.deepEqual(await seen('none', true), ['shared 0']);
  assert.equal((await promotions.list('none', ALL)).budget.promoted, 1);
  const { budget, properties } = await promotions.list('shop', { withColumns: false, withNumbers: false });
  assert.deepEqual(budget, { promoted: null, max: 1 });
  assert.deepEqual(
    properties.map(({ key, bytes }) => [key, bytes]),
    [
      ['shared', null],
      ['secret', null],
    ],
  );
  await promotions.demote('shared');
  assert.deepEqual(await seen('shop', false), ['secret 1']);
  await promotions.close();
  await demoteAll();
});

test('a key that nobody asks for gives way after a week', async () => {
  let passedMs = 0;
  const clock: Clock = { nowMs: () => Date.now() + passedMs, monotonicMs: () => performance.now() };
  const promotions = await open({ budget: 1, clock });
  for (let time = 0; time < 3; time += 1) promotions.asked('p', ['old']);
  await until('it is so', () => promotions.columnOf('old') !== undefined);
  passedMs = 8 * DAY_MS;
  for (let time = 0; time < 3; time += 1) promotions.asked('p', ['new']);
  await until('it is so', () => promotions.columnOf('new') !== undefined);
  assert.equal(promotions.columnOf('old'), undefined);
  await promotions.close();
});

test('no two keys share a column', () => {
  const keys = [...ODD_KEYS, 'plan ', 'PLAN', 'a_b', 'a-b', 'a b '];
  assert.equal(new Set(keys.map(columnNameOf)).size, keys.length);
  for (const key of keys) assert.match(columnNameOf(key), /^property_[a-z0-9_]+$/);
});
