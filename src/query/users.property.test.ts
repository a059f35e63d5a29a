import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { eventsQuerySchema } from '../contract/events.ts';
import type { Filter } from '../contract/question.ts';
import { USER_SORTS, usersQuerySchema } from '../contract/users.ts';
import { ApiError } from '../event/errors.ts';
import { systemClock } from '../lib/clock.ts';
import { quietTelemetry } from '../lib/telemetry.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { DerivedTables } from '../warehouse/derived-tables.ts';
import { USER_ORDER } from '../warehouse/user-order.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { decimalText, loadPlacedEvents } from './testing/trend-data.ts';
import { type ModelUserEvent, modelTimeline, modelUser, modelUsers } from './testing/users-model.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 2_000;
const LOAD_ROWS = 200;
const LOADS = EVENTS / LOAD_ROWS;
const NOW_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
const TYPES = ['page_view', 'purchase', 'identify', "it's"];

const makeEvents = (random: SeededRandom): ModelUserEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  return Array.from({ length: EVENTS }, (_, index) => {
    const type = pick(TYPES);
    const traits = {
      [pick(['plan', 'age', "d'o"])]: index,
      ...(random.next() < 0.5 ? { name: `n${index}` } : {}),
    };
    return {
      project: random.next() < 0.85 ? 'mine' : 'other',
      id: String(index).padStart(5, '0'),
      position: Math.floor(index / LOAD_ROWS),
      // A step of hours over days before and after 1970: many events share an instant, across loads as well. No two that tell traits do, so that the latest is one.
      timeMs: (Math.floor(random.next() * 300) - 100) * HOUR_MS + (type === 'identify' ? index : 0),
      type,
      user_id: random.next() < 0.15 ? '' : pick(['u', 'U', 'ü/', "'"]) + Math.floor(random.next() * 15),
      session_id: random.next() < 0.2 ? '' : `s${Math.floor(random.next() * 100)}`,
      country: pick(['DE', 'FR', '']),
      device_type: pick(['mobile', 'desktop', '']),
      currency: pick(['EUR', 'USD', '']),
      micros: type === 'purchase' ? BigInt(Math.floor(random.next() * 1e9) - 1e8) : null,
      properties: { ...(type === 'identify' ? { traits } : {}), plan: pick(['pro', 'free']) },
    };
  });
};

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED));

before(async () => {
  bench = await openTestWarehouse();
  await loadPlacedEvents(bench, events, NOW_MS);
});
after(() => bench.close());

/** The order of users, filled up to a record. */
const orderUpTo = async (loaded: number): Promise<void> => {
  await bench.warehouse.command('TRUNCATE TABLE user_events');
  const tables = new DerivedTables({
    warehouse: bench.warehouse,
    loaded: () => loaded,
    clock: systemClock,
    telemetry: quietTelemetry(),
  });
  const order = tables.add(USER_ORDER);
  await tables.catchUp();
  assert.equal(order.covered(), loaded);
};

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constant('properties.plan'),
    op: fc.constant('eq' as const),
    value: fc.constant('pro'),
  }),
  fc.record({ field: fc.constant('country'), op: fc.constant('neq' as const), value: fc.constant('DE') }),
);

const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const lists = fc.record({
  prefix: option(fc.constantFrom('u', 'u1', 'ü/', "'", 'x')),
  type: option(fc.constantFrom(...TYPES)),
  filter: option(filters),
  sinceMs: option(fc.integer({ min: -100, max: 200 }).map((hours) => hours * HOUR_MS)),
  untilMs: option(fc.integer({ min: -100, max: 200 }).map((hours) => hours * HOUR_MS)),
  sort: fc.constantFrom(...USER_SORTS),
  limit: fc.integer({ min: 9, max: 60 }),
});

/** As the processor tells it: in whatever project. */
const mayName = (user: string, from: number, to: number): boolean =>
  events.some(({ user_id, position }) => user_id === user && position >= from && position < to);

/** How far the order is filled, and how far it is known to be. */
const ORDERS = [
  { filled: 0, covered: 0 },
  { filled: LOADS / 2, covered: LOADS / 2 },
  { filled: LOADS, covered: LOADS / 2 },
  { filled: LOADS, covered: LOADS },
];

for (const { filled, covered } of ORDERS)
  test(`users agree with a naive model, ${filled} of ${LOADS} loads in their order, ${covered} known (seed ${SEED})`, {
    timeout: 300_000,
  }, async () => {
    await orderUpTo(filled);
    const userOrder = { covered: () => covered, mayName };
    const options = { nowMs: NOW_MS, userOrder, next: LOADS };
    const service = testService(bench, options);
    // Both ways to a profile: by the rows of the user, and by the engine.
    const ofMany = testService(bench, { ...options, profileRowsMax: 10 });
    await fc.assert(
      fc.asyncProperty(lists, async ({ limit, ...question }) => {
        const { prefix, type, filter, sinceMs, untilMs, sort } = question;
        const asked = {
          ...(prefix === undefined ? {} : { prefix }),
          ...(type === undefined ? {} : { type }),
          ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
          ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
          ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
          ...{ sort, limit },
        };
        const found = [];
        for (let cursor: string | null | undefined; cursor !== null; ) {
          const query = usersQuerySchema.parse({ ...asked, ...(cursor === undefined ? {} : { cursor }) });
          const page = await service.users('mine', query);
          assert.ok(page.users.length <= limit && (page.next_cursor === null || page.users.length === limit));
          found.push(...page.users);
          cursor = page.next_cursor;
        }
        assert.deepEqual(found, modelUsers(events, 'mine', question));
      }),
      { seed: SEED, numRuns: 12 },
    );
    for (const user of new Set(events.slice(0, 12).map(({ user_id }) => user_id))) {
      if (user === '' || modelTimeline(events, 'mine', user).length === 0) continue;
      const {
        as_of: _asOf,
        region: _region,
        os: _os,
        browser: _browser,
        revenue,
        ...answer
      } = await service.user('mine', user);
      assert.deepEqual(await ofMany.user('mine', user), await service.user('mine', user));
      const { revenue: expected, ...model } = modelUser(events, 'mine', user);
      assert.deepEqual(answer, model);
      assert.deepEqual(
        revenue,
        expected.map(({ currency, events: count, micros }) => ({
          currency,
          events: count,
          total: Number(decimalText(micros)),
          total_exact: revenue.find((of) => of.currency === currency)?.total_exact,
        })),
      );
      const timeline = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const query = eventsQuerySchema.parse({
          user_id: user,
          limit: 15,
          ...(cursor === undefined ? {} : { cursor }),
        });
        const page = await service.events('mine', query);
        timeline.push(...page.events.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      assert.deepEqual(
        timeline,
        modelTimeline(events, 'mine', user).map(({ id }) => id),
      );
    }
  });

test('a user whom no event of the project names is not found, and has an empty timeline', async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  for (const ask of ['user', 'userProfile'] as const)
    await assert.rejects(
      service[ask]('mine', 'nobody'),
      (error) => error instanceof ApiError && error.code === 'not_found' && /"nobody"/u.test(error.message),
    );
  const { events: found } = await service.events('mine', eventsQuerySchema.parse({ user_id: 'nobody' }));
  assert.deepEqual(found, []);
});

test('a list refuses what it does not understand', async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const refuses = (query: object, message: RegExp) =>
    assert.rejects(
      service.users('mine', usersQuerySchema.parse(query)),
      (error) => error instanceof ApiError && error.code === 'invalid_request' && message.test(error.message),
    );
  await refuses({ filter: 'plan=pro' }, /filter: is not JSON/u);
  await refuses({ filter: '{"field":"plan"}' }, /filter/u);
  await refuses({ filter: '{"field":"contry","op":"exists"}' }, /Did you mean "country"/u);
  await refuses({ cursor: 'x' }, /cursor: is not a cursor/u);
  await refuses({ since: 'soon' }, /since: "soon" is not an instant/u);
  const { next_cursor: cursor } = await service.users('mine', usersQuerySchema.parse({ limit: 1 }));
  await refuses({ cursor, sort: 'events' }, /sorted by "last_seen"/u);
});
