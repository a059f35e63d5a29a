import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type TrendAnswer, trendAnswerSchema, trendRequestSchema } from '../contract/trend.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const DAY_MS = 86_400_000;

let bench: TestWarehouse;

/** Orders of a shop: country, currency, value, user, days ago. */
const ORDERS = [
  ['DE', 'EUR', '10', 'ada', 1],
  ['DE', 'EUR', '20', 'ben', 1],
  ['FR', 'EUR', '5', 'cleo', 1],
  ['US', 'USD', '40', 'dan', 1],
  ['US', 'USD', '2', 'dan', 2],
  ['IT', 'EUR', '100', 'eve', 2],
] as const;

before(async () => {
  bench = await openTestWarehouse();
  const rows = ORDERS.map(([country, currency, value, user, daysAgo], index) => ({
    ...{ project: 'shop', id: String(index), type: 'purchase', user_id: user, country, currency, value },
    ...{ time: NOW_MS - daysAgo * DAY_MS, received_at: NOW_MS },
  }));
  await bench.load('events', rows, 0);
});
after(() => bench.close());

const ask = async (part: object, project = 'shop'): Promise<TrendAnswer> => {
  const request = trendRequestSchema.parse({
    ...{ kind: 'trend', interval: 'total', range: { from: '2026-11-19', to: '2026-11-20' } },
    ...part,
  });
  const answer = await testService(bench, { nowMs: NOW_MS }).query(project, request);
  assert.deepEqual(trendAnswerSchema.parse(answer), answer, 'the answer is what the contract says');
  return answer;
};

const told = ({ series }: TrendAnswer) =>
  series.map(({ id, group, other, currency, total }) => [
    ...[id, group?.['country'] ?? (other ? 'other' : null), currency, total],
  ]);

const REVENUE = { kind: 'sum', of: 'value' };

test('a formula with money has a series a currency; what is no money holds in each', async () => {
  const answer = await ask({
    series: [{ measure: REVENUE }, { measure: 'unique_users', hidden: true }],
    formula: ['A / B'],
  });
  assert.deepEqual(told(answer), [
    ['A', null, 'EUR', 35],
    ['A', null, 'USD', 40],
    ['formula_1', null, 'EUR', 8.75],
    ['formula_1', null, 'USD', 10],
  ]);
});

test('all series have the groups that are large in any currency of the first', async () => {
  const answer = await ask({
    series: [{ measure: REVENUE }, { measure: 'count', name: 'Orders' }],
    by: ['country'],
    top: 1,
  });
  assert.deepEqual(told(answer), [
    ['A', 'DE', 'EUR', 30],
    ['A', 'other', 'EUR', 5],
    ['A', 'US', 'USD', 40],
    ['B', 'DE', undefined, 2],
    ['B', 'US', undefined, 1],
    ['B', 'other', undefined, 1],
  ]);
  assert.equal(answer.series[0]?.total_exact, '30');
  assert.deepEqual([answer.series[0].name, answer.series[3]?.name], ['A', 'Orders']);
});

test('a group that was larger in the other period is part of "other" in both', async () => {
  const answer = await ask({ measure: 'count', by: ['country'], top: 3, compare: 'previous_day' });
  assert.deepEqual(
    answer.series.map(({ group, other, total, compared }) => [
      ...[group?.['country'] ?? other, total, compared?.total],
    ]),
    [
      ['DE', 2, 0],
      ['FR', 1, 0],
      ['US', 1, 1],
      [true, 0, 1],
    ],
  );
  assert.equal(answer.series[0]?.id, undefined, 'one series has no letter');
});

test('without events counts are 0, money has no series, and formulas have nothing to divide by', async () => {
  const part = { series: [{ measure: 'count' }, { measure: REVENUE }], formula: ['A / A', 'B / A', 'A + 1'] };
  assert.deepEqual(told(await ask(part, 'nobody')), [
    ['A', null, undefined, 0],
    ['formula_1', null, undefined, null],
    ['formula_3', null, undefined, 1],
  ]);
  const empty = await ask({ ...part, by: ['country'], compare: 'previous_year', cumulative: true }, 'nobody');
  assert.deepEqual(empty.series, []);
});

test('explaining shows every statement and what it is of', async () => {
  const part = {
    series: [{}, { filter: { field: 'country', op: 'eq', value: 'DE' } }],
    compare: 'previous_day',
  };
  const { explain, source } = await ask({ ...part, per: 'active_user', explain: true });
  assert.equal(source, 'events');
  assert.deepEqual(
    explain?.statements?.map(({ of }) => of),
    ['A', 'B', 'users', 'A compared', 'B compared', 'users compared'],
  );
  assert.equal(explain.sql, explain.statements[0]?.sql);
  assert.match(explain.statements[1]?.source_reason ?? '', /does not keep "country" apart/u);
  assert.equal((await ask({ explain: true })).explain?.statements, undefined);
});
