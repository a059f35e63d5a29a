import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { queryRequestSchema } from '../contract/query.ts';
import { tabulator } from './insights.ts';
import { parseRequest } from '../http/parse-request.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { EXAMPLES_NOW_MS, examplePages, loadExamples } from './testing/worked-examples.ts';

/** The worked examples of the pages, as tables. */
const PAGES = examplePages();

let bench: TestWarehouse;

before(async () => {
  bench = await openTestWarehouse();
  for (const [index, page] of PAGES.entries()) await loadExamples(bench, page, index);
});
after(() => bench.close());

const tableOf = async (page: string) => {
  const [example] = PAGES.find(({ name }) => name === page)?.examples ?? [];
  const request = parseRequest(queryRequestSchema, example?.request);
  const { columns, rows } = tabulator(request)(
    await testService(bench, { nowMs: EXAMPLES_NOW_MS }).query(page, request),
  );
  return { names: columns.map(({ name }) => name), rows };
};

test('revenue: one row a series and bucket', async () => {
  const { names, rows } = await tableOf('revenue');
  assert.deepEqual(names.slice(0, 5), ['bucket', 'currency', 'revenue', 'gross', 'refunded']);
  assert.deepEqual(rows, [
    ['2026-11-18T00:00:00+01:00', 'EUR', 75, 75, 0, 2, 0, 2, 37.5, 25, 37.5],
    ['2026-11-19T00:00:00+01:00', 'EUR', 15, 25, 10, 1, 1, 1, 25, 15, 15],
  ]);
});

test('attribution: one row a channel, model and currency', async () => {
  const { names, rows } = await tableOf('attribution');
  assert.deepEqual(names, [
    'channel',
    'other',
    'touches',
    'model',
    'conversions',
    'share',
    'currency',
    'value',
  ]);
  assert.equal(rows.length, 8);
  assert.deepEqual(rows[0], ['mail', false, 2, 'last', 2, 1, 'EUR', 100]);
  assert.deepEqual(rows[4], ['ads', false, 2, 'last', 0, 0, null, null]);
});

test('statistics: one row a series', async () => {
  const { names, rows } = await tableOf('statistics');
  assert.deepEqual(names, [
    ...['currency', 'count', 'mean', 'deviation', 'min', 'max', 'sum', 'quantile_0.5'],
    ...['both', 'pearson', 'slope', 'intercept'],
  ]);
  assert.deepEqual(
    rows.map((row) => row.map((cell) => (typeof cell === 'number' ? Math.round(cell * 100) / 100 : cell))),
    [['EUR', 4, 3.25, 1.71, 1, 5, 13, 3, 4, 1, 15, 5]],
  );
});

test('an experiment: one row a variant, the control compared with nothing', async () => {
  const { names, rows } = await tableOf('experiment');
  assert.equal(names.length, 14);
  assert.deepEqual(rows[0]?.slice(0, 4), ['blue', true, 3, 1]);
  assert.deepEqual(rows[0]?.slice(8), [null, null, null, null, null, null]);
  assert.deepEqual(rows[1]?.slice(0, 4), ['green', false, 2, 2]);
  assert.equal(rows[1]?.at(-1), false);
});
