/** What becomes of the statements of a question that fails, and of those that take too much memory, on the real engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { trendRequestSchema } from '../contract/trend.ts';
import { ApiError } from '../event/errors.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { until } from '../lib/testing/until.ts';
import type { QueryOptions, QueryParameters, Warehouse } from '../warehouse/client.ts';
import type { WarehouseError } from '../warehouse/warehouse-error.ts';
import { type Followed, RunningQueries } from './running.ts';
import { openTestWarehouse, type Row, type TestWarehouse, testService } from './testing/test-warehouse.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const MIB = 1024 * 1024;

let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
});
after(() => bench.close());

const clock = { nowMs: () => NOW_MS, monotonicMs: () => performance.now() };

const isUnderWay = async (id: string): Promise<boolean> => {
  const { rows } = await bench.warehouse.query(
    "SELECT 1 FROM system.processes WHERE Settings['log_comment'] = {id:String}",
    { id },
  );
  return rows.length > 0;
};

/** Takes hours. */
const SLOW =
  'SELECT sum(sipHash64(a.number, b.number)) FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b';

for (const isPart of [false, true])
  test(`of a question that fails nothing goes on${isPart ? ', one that is part of another' : ''}`, async () => {
    const running = new RunningQueries({ clock, telemetry: quietTelemetry() });
    const { warehouse } = bench;
    const id = `slow-${isPart}`;
    const asked = { kind: 'test', project: 'p' };
    const part = isPart ? running.open(asked, {}) : undefined;
    const slow: Promise<unknown>[] = [];
    const options: Followed = part === undefined ? {} : { part };
    const question = running.follow(asked, options, async ({ signal }) => {
      assert.ok(signal);
      slow.push(warehouse.query(SLOW, {}, { id, signal, timeoutMs: 3_600_000 }));
      await until('the slow one runs', () => isUnderWay(id));
      await Promise.all([...slow, warehouse.query('SELECT nope')]);
    });
    await assert.rejects(question, ({ code }: WarehouseError) => code === 'invalid');
    await assert.rejects(Promise.all(slow), ({ code }: WarehouseError) => code === 'cancelled');
    await until('it is ended', async () => !(await isUnderWay(id)));
  });

/** A warehouse with so little memory for a statement, unless that was told to take little. */
const withOneMiB = (asked: QueryOptions[], alsoFrugal: boolean): Pick<TestWarehouse, 'warehouse'> => ({
  warehouse: new Proxy(bench.warehouse, {
    get(target, name: keyof Warehouse) {
      if (name !== 'query')
        return typeof target[name] === 'function' ? target[name].bind(target) : target[name];
      return async (text: string, params: QueryParameters, options: QueryOptions) => {
        asked.push(options);
        const isFree = options.isFrugal === true && !alsoFrugal;
        const settings = isFree ? {} : { max_memory_usage: String(MIB) };
        return target.query(text, params, { ...options, settings });
      };
    },
  }),
});

const question = trendRequestSchema.parse({
  kind: 'trend',
  range: 'last 1 hour',
  interval: 'total',
  by: ['user_id'],
  top: 3,
});

test('a statement that there is not enough memory for is read again with less', async () => {
  const users = Array.from(
    { length: 20_000 },
    (_, index): Row => ({
      ...{ project: 'p', id: `${index}`, time: NOW_MS - 1_000, received_at: NOW_MS, type: 'a' },
      user_id: `user-${index % 19_999}`,
    }),
  );
  await bench.load('events', users, 1);
  const asked: QueryOptions[] = [];
  const running = new RunningQueries({ clock, telemetry: quietTelemetry() });
  const part = running.open({ kind: 'trend', project: 'p' }, {});
  const answer = await testService(withOneMiB(asked, false), { nowMs: NOW_MS }).query('p', question, {
    part,
  });
  assert.deepEqual(
    answer.series.map(({ total, other }) => [total, other]),
    [
      [2, false],
      [1, false],
      [1, false],
      [19_996, true],
    ],
  );
  assert.deepEqual(
    asked.map(({ isFrugal }) => isFrugal),
    [false, true],
  );
  assert.notEqual(asked[0]?.id, asked[1]?.id, 'the engine takes a name once');
});

test('one that takes too much all the same is refused, and says what to do', async () => {
  const asked: QueryOptions[] = [];
  await assert.rejects(
    testService(withOneMiB(asked, true), { nowMs: NOW_MS }).query('p', question),
    (error) =>
      error instanceof ApiError &&
      error.code === 'result_too_large' &&
      /Ask for a shorter time range/u.test(error.message),
  );
  assert.equal(asked.length, 2, 'twice, and no more');
});

test('the engine reads with one thread, and on disk, what is to take little memory', async () => {
  const group =
    'SELECT count() AS n FROM (SELECT toString(number) AS k, count() FROM numbers_mt(10000000) GROUP BY k)';
  const settings = { max_memory_usage: String(300 * MIB) };
  await assert.rejects(
    bench.warehouse.query(group, {}, { settings }),
    ({ code }: WarehouseError) => code === 'memory',
  );
  const { rows } = await bench.warehouse.query(group, {}, { settings, isFrugal: true });
  assert.deepEqual(rows, [{ n: 10_000_000 }]);
});
