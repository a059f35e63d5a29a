import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { cohortDefinitionSchema } from '../contract/cohorts.ts';
import { type RetentionAnswer, retentionRequestSchema } from '../contract/retention.ts';
import { trendRequestSchema } from '../contract/trend.ts';
import { usersQuerySchema } from '../contract/users.ts';
import { testSeed } from '../lib/testing/random.ts';
import type { CohortTree } from './ports.ts';
import { modelMembers } from './testing/cohorts-model.ts';
import { COUNTRIES, loadPeriodEvents, makePeriodEvents, STRETCHES, TYPES } from './testing/periods-data.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

/** Seed of the data and of the cohorts. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 1_600;
const COHORTS = 60;
const DAY_MS = 86_400_000;

const events = makePeriodEvents(SEED, EVENTS);
let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
  await loadPeriodEvents(bench, events);
});
after(() => bench.close());

const conditions = fc.oneof(
  fc.record({
    field: fc.constantFrom('country', 'properties.plan'),
    op: fc.constantFrom('eq' as const, 'neq' as const),
    value: fc.constantFrom(...COUNTRIES, 'pro', 5),
  }),
  fc.record({
    field: fc.constantFrom('country', 'properties.plan'),
    op: fc.constantFrom('in' as const, 'not_in' as const),
    values: fc.subarray([...COUNTRIES, 'pro', 5], { minLength: 1 }),
  }),
  fc.record({
    field: fc.constantFrom('country', 'properties.plan', 'properties.absent'),
    op: fc.constantFrom('exists' as const, 'not_exists' as const),
  }),
);
const selectors = fc.oneof(
  fc.constantFrom(...TYPES),
  fc.record({ types: fc.subarray(TYPES, { minLength: 1 }), filter: conditions }, { requiredKeys: [] }),
);
const ago = fc.constantFrom('1d', '5d', '12h', '30d', '300d', '5000d');
const within = fc.option(ago, { nil: undefined });

const criteria = fc.oneof(
  fc.record({ kind: fc.constant('did'), event: selectors, at_least: fc.integer({ min: 1, max: 6 }), within }),
  fc.record({ kind: fc.constant('did_not'), event: selectors, within }),
  fc.record({ kind: fc.constant('property'), is: conditions }),
  fc.record({ kind: fc.constant('first_seen'), within: ago, before: fc.option(ago, { nil: undefined }) }),
  fc.record({ kind: fc.constant('first_seen'), before: ago }),
);

const definitionOf = (match: string, list: readonly Readonly<Record<string, unknown>>[]) =>
  cohortDefinitionSchema.parse({
    match,
    criteria: list.map((criterion) =>
      Object.fromEntries(Object.entries(criterion).filter(([, value]) => value !== undefined)),
    ),
  });

const moments = fc
  .tuple(fc.constantFrom(...STRETCHES), fc.integer({ min: 0, max: 70 * 24 }))
  .map(([start, hours]) => start + (hours * DAY_MS) / 24);

const frozenMoments = fc.option(
  fc.record({
    atMs: moments,
    position: fc.constantFrom(null, '0', '3', '7'),
  }),
  { nil: null },
);

const plain = fc
  .tuple(fc.constantFrom('all', 'any'), fc.array(criteria, { minLength: 1, maxLength: 3 }), frozenMoments)
  .map(
    ([match, list, frozen]): CohortTree => ({ definition: definitionOf(match, list), frozen, nested: {} }),
  );

/** Some refer to another one. */
const trees: fc.Arbitrary<CohortTree> = fc.oneof(
  plain,
  fc.tuple(plain, plain, fc.boolean()).map(([outer, inner, member]) => ({
    ...outer,
    definition: {
      ...outer.definition,
      criteria: [...outer.definition.criteria, { kind: 'cohort' as const, cohort: 'coh_inner', member }],
    },
    nested: { coh_inner: inner },
  })),
);

/** A static cohort that names one of later: each is of its own moment. */
const EARLIER_NAMES_LATER: CohortTree = {
  definition: definitionOf('all', [
    { kind: 'first_seen', before: '1d' },
    { kind: 'cohort', cohort: 'coh_inner', member: false },
  ]),
  frozen: { atMs: Date.UTC(2026, 2, 1), position: '0' },
  nested: {
    coh_inner: {
      definition: definitionOf('all', [
        { kind: 'property', is: { field: 'properties.plan', op: 'eq', value: 'pro' } },
      ]),
      frozen: { atMs: Date.UTC(2026, 2, 1), position: '7' },
      nested: {},
    },
  },
};

const inCohort = { op: 'in_cohort' as const, cohort: 'coh_it' };

test(`cohorts agree with a naive model, by themselves and as a filter (seed ${SEED})`, {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(trees, moments, async (tree, nowMs) => {
      const members = modelMembers(tree, { events, project: 'mine', nowMs });
      const cohorts = {
        treeOf: async (project: string, id: string) =>
          project === 'mine' && id === 'coh_it' ? tree : undefined,
      };
      const service = testService(bench, { nowMs, cohorts });
      const { size } = await service.cohortSize('mine', tree);
      assert.equal(size, members.size);
      const count = async (filter: object) => {
        const range = { from: '2000-01-01', to: '2030-01-01' };
        const request = trendRequestSchema.parse({ kind: 'trend', interval: 'total', range, filter });
        return (await service.query('mine', request)).series[0]?.total ?? 0;
      };
      const mine = events.filter(({ project }) => project === 'mine');
      const theirs = mine.filter(({ user_id }) => members.has(user_id));
      assert.equal(await count(inCohort), theirs.length);
      assert.equal(await count({ not: inCohort }), mine.length - theirs.length);
      const german = { field: 'country', op: 'eq', value: 'DE' };
      assert.equal(
        await count({ and: [inCohort, german] }),
        theirs.filter(({ country }) => country === 'DE').length,
      );
    }),
    { seed: SEED, numRuns: COHORTS, examples: [[EARLIER_NAMES_LATER, Date.UTC(2026, 2, 1)]] },
  );
});

test('a cohort is a filter of users, of selectors and of every other kind of question', async () => {
  const tree: CohortTree = {
    definition: definitionOf('all', [{ kind: 'did', event: 'purchase', at_least: 3 }]),
    frozen: null,
    nested: {},
  };
  const nowMs = Date.UTC(2026, 11, 31);
  const members = modelMembers(tree, { events, project: 'mine', nowMs });
  const service = testService(bench, { nowMs, cohorts: { treeOf: async () => tree } });
  const { users } = await service.users(
    'mine',
    usersQuerySchema.parse({ filter: JSON.stringify(inCohort), limit: 1_000 }),
  );
  assert.deepEqual(new Set(users.map(({ user_id }) => user_id)), members);
  const retention = retentionRequestSchema.parse({
    kind: 'retention',
    start: { filter: inCohort },
    period: 'month',
    range: { from: '2011-01-01', to: '2026-12-31' },
  });
  const answer: RetentionAnswer = await service.query('mine', retention);
  assert.equal(answer.series[0]?.size, members.size);
});
