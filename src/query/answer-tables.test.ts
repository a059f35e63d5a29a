import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type QueryRequest, queryRequestSchema } from '../contract/query.ts';
import { writeTable } from '../table/format.ts';
import type { Cell, ColumnType, Table } from '../table/table.ts';
import { tabulator } from './insights.ts';
import { parseRequest } from '../http/parse-request.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { EXAMPLES_NOW_MS, examplePages, loadExamples } from './testing/worked-examples.ts';

const PAGES = examplePages();

let bench: TestWarehouse;

before(async () => {
  bench = await openTestWarehouse();
  for (const [index, page] of PAGES.entries()) await loadExamples(bench, page, index);
});
after(() => bench.close());

const tableOf = async (project: string, asked: unknown): Promise<Table> => {
  const request = parseRequest(queryRequestSchema, asked);
  return tabulator(request)(await testService(bench, { nowMs: EXAMPLES_NOW_MS }).query(project, request));
};

/** Events of the page about trends, to ask other questions of. */
const SHOP = 'trend';
const RANGE = { from: '2026-11-11', to: '2026-11-20' };
const STEPS = ['page_view', 'purchase'];

const REQUESTS: Readonly<Partial<Record<QueryRequest['kind'], Record<string, unknown>>>> = {
  trend: { kind: 'trend', by: ['type', 'properties.x'], compare: 'previous_week', formula: ['A * 2'] },
  funnel: { kind: 'funnel', steps: STEPS, by: ['country'] },
  funnel_users: { kind: 'funnel_users', steps: STEPS, step: 1, outcome: 'converted', by: ['country'] },
  paths: { kind: 'paths' },
  sessions: { kind: 'sessions', by: ['country'] },
  web: { kind: 'web' },
  revenue: { kind: 'revenue', events: 'purchase', by: ['country'] },
  attribution: { kind: 'attribution', conversion: 'purchase', channel: 'type', models: ['first', 'markov'] },
  statistics: { kind: 'statistics', of: 'value', with: 'properties.x', by: ['country'] },
  experiment: { kind: 'experiment', exposure: 'page_view', variant: 'type', goal: 'purchase' },
  retention: { kind: 'retention', by: ['country'] },
  lifecycle: { kind: 'lifecycle' },
  stickiness: { kind: 'stickiness', windows: [2, 7] },
};

const FITS: Readonly<Record<ColumnType, (cell: Cell) => boolean>> = {
  text: (cell) => typeof cell === 'string',
  number: (cell) => typeof cell === 'number' && Number.isFinite(cell),
  integer: (cell) => Number.isSafeInteger(cell),
  boolean: (cell) => typeof cell === 'boolean',
  instant: (cell) =>
    typeof cell === 'string' && Number.isFinite(Temporal.Instant.from(cell).epochMilliseconds),
};

const check = (table: Table, what: string): void => {
  const names = table.columns.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, what);
  for (const row of table.rows) {
    assert.equal(row.length, names.length, what);
    row.forEach((cell, index) => {
      const column = table.columns[index];
      assert.ok(
        column !== undefined && (cell === null || FITS[column.type](cell)),
        `${what}, ${column?.name}: ${String(cell)} is no ${column?.type}`,
      );
    });
  }
  for (const format of ['csv', 'ndjson', 'parquet', 'arrow', 'arrow_stream'] as const)
    assert.ok(
      writeTable(table, format, 'x').body.length > 0 || table.rows.length === 0,
      `${what} as ${format}`,
    );
};

test('the examples of all pages have a flat form in all formats', async () => {
  for (const { name, examples } of PAGES)
    for (const { request } of examples) check(await tableOf(name, request), name);
});

for (const [kind, request] of Object.entries(REQUESTS)) {
  test(`${kind} has one, with rows and without`, async () => {
    const table = await tableOf(SHOP, { ...request, range: RANGE });
    check(table, kind);
    const empty = await tableOf('nobody', { ...request, range: RANGE });
    check(empty, kind);
    if (kind !== 'statistics' && kind !== 'attribution')
      assert.deepEqual(
        empty.columns.filter(({ name }) => name !== 'currency'),
        table.columns.filter(({ name }) => name !== 'currency'),
      );
  });
}

const rowsOf = async (request: Record<string, unknown>) => {
  const { columns, rows } = await tableOf(SHOP, { ...request, range: RANGE });
  return { names: columns.map(({ name }) => name), rows };
};

test('a trend: one row a series and bucket', async () => {
  const { names, rows } = await rowsOf({
    kind: 'trend',
    series: [{ measure: 'count', name: 'Events' }],
    formula: ['A / 2'],
    by: ['type'],
    interval: 'total',
    compare: 'previous_day',
  });
  assert.deepEqual(names, [
    ...['bucket', 'series', 'name', 'type', 'other', 'value', 'compared_bucket', 'compared_value'],
  ]);
  const [at, other] = ['2026-11-11T00:00:00+00:00', '2026-11-10T00:00:00+00:00'];
  assert.deepEqual(rows, [
    [at, 'A', 'Events', 'page_view', false, 9, other, 6],
    [at, 'A', 'Events', 'purchase', false, 3, other, 2],
    [at, 'formula_1', 'A / 2', 'page_view', false, 4.5, other, 3],
    [at, 'formula_1', 'A / 2', 'purchase', false, 1.5, other, 1],
  ]);
});

test('a funnel: one row a step', async () => {
  const { names, rows } = await rowsOf({ kind: 'funnel', steps: STEPS });
  assert.deepEqual(names.slice(0, 7), [
    ...['step', 'name', 'actors', 'from_start', 'from_previous', 'dropped', 'drop_off'],
  ]);
  assert.deepEqual(
    rows.map((row) => row.slice(0, 4)),
    [
      [1, 'page_view', 4, 1],
      [2, 'purchase', 3, 0.75],
    ],
  );
});

test('users of a funnel: one row each, a column a step', async () => {
  const { names, rows } = await rowsOf({ kind: 'funnel_users', steps: STEPS, step: 1, outcome: 'dropped' });
  assert.deepEqual(names, ['id', 'steps_done', 'time_1', 'time_2']);
  assert.deepEqual(rows, [['dan', 1, '2026-11-18T12:30:00.000Z', null]]);
});

test('paths: one row a link', async () => {
  const { names, rows } = await rowsOf({ kind: 'paths', depth: 1 });
  assert.deepEqual(names, [
    ...['source_level', 'source_label', 'source_other', 'source_actors'],
    ...['target_level', 'target_label', 'target_other', 'target_actors', 'actors', 'share_of_source'],
  ]);
  assert.deepEqual(rows[0]?.slice(0, 7), [0, 'page_view', false, 4, 1, 'purchase', false]);
});

test('retention: one row a cohort and period', async () => {
  const { names, rows } = await rowsOf({ kind: 'retention', period: 'week', periods: 1 });
  assert.deepEqual(names, ['cohort', 'size', 'complete', 'period', 'count', 'rate']);
  assert.deepEqual(rows.slice(0, 2), [
    ['2026-11-09T00:00:00+00:00', 2, true, 0, 2, 1],
    ['2026-11-09T00:00:00+00:00', 2, true, 1, null, null],
  ]);
});

test('lifecycle and stickiness: one row a period', async () => {
  const lifecycle = await rowsOf({ kind: 'lifecycle', period: 'week' });
  assert.deepEqual(lifecycle.names, [
    ...['start', 'complete', 'new', 'returning', 'resurrecting', 'dormant', 'active'],
  ]);
  assert.deepEqual(lifecycle.rows, [
    ['2026-11-09T00:00:00+00:00', true, 2, 0, 0, 0, 2],
    ['2026-11-16T00:00:00+00:00', false, 2, 2, 0, 0, 4],
  ]);
  const stickiness = await rowsOf({ kind: 'stickiness', period: 'week', windows: [2] });
  assert.deepEqual(stickiness.names, ['start', 'complete', 'active', 'active_2', 'ratio_2']);
  assert.deepEqual(stickiness.rows[1], ['2026-11-16T00:00:00+00:00', false, 4, 4, 1]);
});
