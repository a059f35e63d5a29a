import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TrendRequest, trendRequestSchema } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import { noPropertyColumns } from './ports.ts';
import { parseTrend, planTrend } from './trend-plan.ts';

const FROM_MS = Date.UTC(2026, 10, 1);
const MINUTE_MS = 60_000;

const plan = (part: object, minutes = 60) => {
  const request: TrendRequest = trendRequestSchema.parse({ kind: 'trend', interval: '1m', ...part });
  const range = { fromMs: FROM_MS, toMs: FROM_MS + minutes * MINUTE_MS };
  return planTrend(parseTrend(request), range, 'p', {
    columns: noPropertyColumns,
    nowMs: FROM_MS,
    asOf: undefined,
    timeZone: 'UTC',
  });
};

const refused = (part: object, minutes: number, path: string, message: RegExp): void =>
  assert.throws(
    () => plan(part, minutes),
    (error) =>
      error instanceof ApiError && error.message.startsWith(`${path}: `) && message.test(error.message),
  );

const series = (count: number) => ({ series: Array.from({ length: count }, () => ({})) });

test('what would be too many numbers is refused before anything is asked, with what would fit', () => {
  plan(series(8), 10_000);
  refused(series(10), 10_000, 'interval', /^interval: 10,000 buckets of 10 series would be 100,010 numbers/u);
  refused(
    { ...series(5), compare: 'previous_period' },
    10_000,
    'interval',
    /of 5 series in two periods would be 100,010 numbers; at most 90,000 are answered\. Take fewer series/u,
  );
  refused(
    { by: ['country'], top: 9 },
    10_000,
    'top',
    /^top: 10 groups in 10,000 buckets would be 100,010 numbers; .* Take fewer groups/u,
  );
  refused({ window: '400m' }, 10_000, 'window', /10,001 windows of 400 steps would be 4,000,400 parts/u);
});

test('one statement a series and period, and one for the users that are divided by', () => {
  const { series: current, compared } = plan({
    ...series(3),
    formula: ['A / B', 'C * 2'],
    compare: 'previous_day',
    per: 'active_user',
  });
  assert.deepEqual(
    [current, compared?.series ?? []].map((period) => period.map(({ series: { id } }) => id)),
    [
      ['A', 'B', 'C', 'users'],
      ['A', 'B', 'C', 'users'],
    ],
  );
});

test('each series is counted from the rollup where that gives the same', () => {
  const { series: counted } = plan({
    series: [{}, { filter: { field: 'country', op: 'exists' } }, { measure: { kind: 'max', of: 'value' } }],
  });
  assert.deepEqual(
    counted.map(({ source }) => source),
    ['rollup_10s', 'events', 'events'],
  );
});

test('nothing of a formula, a name or a value is in a statement', () => {
  const secret = "x'); DROP TABLE events; --";
  const { series: counted } = plan({
    series: [
      {
        name: secret,
        types: [secret],
        filter: { field: `properties["${secret}"]`, op: 'eq', value: secret },
      },
    ],
    formula: [{ name: secret, formula: '12345.678 * A' }],
  });
  for (const { statement } of counted) {
    assert.ok(!statement.text.includes('DROP'), statement.text);
    assert.ok(!statement.text.includes('12345'), statement.text);
  }
});
