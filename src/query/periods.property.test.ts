import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { type LifecycleAnswer, lifecycleRequestSchema } from '../contract/lifecycle.ts';
import type { Filter } from '../contract/question.ts';
import { type RetentionSeries, retentionRequestSchema } from '../contract/retention.ts';
import { stickinessRequestSchema } from '../contract/stickiness.ts';
import { testSeed } from '../lib/testing/random.ts';
import {
  COUNTRIES,
  loadPeriodEvents,
  makePeriodEvents,
  PLANS,
  STRETCH_DAYS,
  STRETCHES,
  TYPES,
  ZONES,
} from './testing/periods-data.ts';
import {
  instantOf,
  type ModelCohort,
  modelLifecycle,
  modelRetention,
  modelStickiness,
  type Moment,
  periodsOf,
} from './testing/periods-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 1_600;
const QUESTIONS = 60;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const events = makePeriodEvents(SEED, EVENTS);
let bench: TestWarehouse;
before(async () => {
  bench = await openTestWarehouse();
  await loadPeriodEvents(bench, events);
});
after(() => bench.close());

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    field: fc.constantFrom('country', 'properties.plan'),
    op: fc.constantFrom('eq' as const, 'neq' as const),
    value: fc.constantFrom(...COUNTRIES, 'pro', 5),
  }),
  fc.record({
    field: fc.constantFrom('country', 'properties.plan'),
    op: fc.constantFrom('exists' as const, 'not_exists' as const),
  }),
);
const types = fc.subarray(TYPES, { minLength: 1 });
const selectors = fc.oneof(
  fc.constantFrom(...TYPES),
  fc.constant({}),
  fc.record({ types, filter: filters }, { requiredKeys: [] }),
);

/** Ranges and the moments at which they are asked for: before their end, on the first instant of a period, or long after. */
const moments: fc.Arbitrary<Moment> = fc
  .tuple(
    fc.constantFrom(...STRETCHES),
    fc.integer({ min: -5, max: STRETCH_DAYS * 24 }),
    fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 * 24 }) },
      { arbitrary: fc.integer({ min: 64 * 24, max: 90 * 24 }), weight: 1 },
    ),
    fc.oneof(fc.integer({ min: -10 * 24, max: 60 * 24 }), fc.constant(24 * 5_000)),
    fc.boolean(),
  )
  .map(([start, fromHours, hours, nowHours, isFine]) => {
    const fromMs = start + fromHours * HOUR_MS + (isFine ? 1 : 0);
    const toMs = fromMs + hours * HOUR_MS;
    return { fromMs, toMs, nowMs: toMs + nowHours * HOUR_MS };
  });

const common = {
  period: fc.constantFrom('day' as const, 'week' as const, 'month' as const),
  actor: fc.constantFrom('user' as const, 'user' as const, 'session' as const),
  timezone: fc.constantFrom(...ZONES),
};

/** Without the keys that are undefined, which a strict schema refuses. */
const given = (request: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));

const rangeOf = ({ fromMs, toMs }: Moment) => ({ from: fromMs, to: toMs });

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const retentionQuestions = fc.record({
  ...common,
  start: selectors,
  return: selectors,
  filter: optional(filters),
  periods: fc.integer({ min: 1, max: 9 }),
  mode: fc.constantFrom('n_day' as const, 'unbounded' as const, 'rolling' as const),
  cohorts: fc.constantFrom('first_ever' as const, 'first_in_range' as const, 'recurring' as const),
  by: optional(
    fc.uniqueArray(fc.constantFrom('country', 'properties.plan', 'type'), { minLength: 1, maxLength: 2 }),
  ),
  top: fc.integer({ min: 1, max: 4 }),
});

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const sumOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const checkSeries = (series: RetentionSeries, cohorts: readonly ModelCohort[], where: string): void => {
  assert.equal(series.size, sumOf(cohorts.map(({ size }) => size)), where);
  series.cohorts.forEach((cohort, index) => {
    const model = cohorts[index];
    assert.ok(model, where);
    const counts = model.counts.map((count, period) => (model.over[period] === true ? count : null));
    assert.deepEqual([cohort.size, cohort.counts], [model.size, counts], `${where} ${cohort.start}`);
    assert.deepEqual(
      cohort.rates,
      counts.map((count) => (typeof count === 'number' ? ratio(count, model.size) : null)),
    );
    const running = model.over.indexOf(false);
    assert.deepEqual(
      cohort.running,
      running < 0 ? null : { period: running, count: model.counts[running] },
      where,
    );
    assert.equal(cohort.complete, model.over[0]);
  });
  series.average.rates.forEach((rate, period) => {
    const over = cohorts.filter((cohort) => cohort.over[period] === true);
    const size = sumOf(over.map((cohort) => cohort.size));
    assert.equal(series.average.sizes[period], size);
    assert.equal(rate, ratio(sumOf(over.map(({ counts }) => counts[period] ?? 0)), size));
  });
};

const startsAsInstants = (starts: readonly string[]): number[] =>
  starts.map((start) => Temporal.Instant.from(start).epochMilliseconds);

test(`retention agrees with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(retentionQuestions, moments, async (question, moment) => {
      const request = retentionRequestSchema.parse(
        given({ ...question, kind: 'retention', range: rangeOf(moment) }),
      );
      const expected = modelRetention(events, 'mine', request, moment);
      const answer = await testService(bench, { nowMs: moment.nowMs }).query('mine', request);
      const names = periodsOf(request, moment);
      const keys = answer.series.map(({ group, other }) =>
        other ? 'other' : JSON.stringify((request.by ?? []).map((field) => group?.[field] ?? null)),
      );
      assert.deepEqual(keys, [...expected.keys()]);
      for (const [index, series] of answer.series.entries()) {
        const table = expected.get(keys[index] ?? '');
        assert.deepEqual(
          startsAsInstants(series.cohorts.map(({ start }) => start)),
          names.map((name) => instantOf(name, request.timezone)),
        );
        checkSeries(
          series,
          names.map((name) => table?.get(name)).filter((cohort) => cohort !== undefined),
          keys[index] ?? '',
        );
      }
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

const activityQuestions = {
  ...common,
  types: optional(types),
  filter: optional(filters),
};

const checkBooks = ({ actors }: LifecycleAnswer): void => {
  actors.active.slice(1).forEach((active, index) => {
    const previous = actors.active[index] ?? 0;
    const [isNew = 0, back = 0, gone = 0] = [actors.new, actors.resurrecting, actors.dormant].map(
      (of) => of[index + 1],
    );
    assert.equal(active, previous + isNew + back - gone);
  });
};

test(`lifecycle agrees with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const questions = fc.record({
    ...activityQuestions,
    look_back: optional(fc.constantFrom('1d', '20d', '400d')),
  });
  await fc.assert(
    fc.asyncProperty(questions, moments, async (question, moment) => {
      const request = lifecycleRequestSchema.parse(
        given({ ...question, kind: 'lifecycle', range: rangeOf(moment) }),
      );
      const answer = await testService(bench, { nowMs: moment.nowMs }).query('mine', request);
      assert.deepEqual(answer.actors, modelLifecycle(events, 'mine', request, moment));
      const names = periodsOf(request, moment);
      assert.deepEqual(
        startsAsInstants(answer.starts),
        names.map((name) => instantOf(name, request.timezone)),
      );
      checkBooks(answer);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

test(`stickiness agrees with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const windows = fc.uniqueArray(fc.integer({ min: 2, max: 20 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.record({ ...activityQuestions, windows }), moments, async (question, moment) => {
      const request = stickinessRequestSchema.parse(
        given({ ...question, kind: 'stickiness', range: rangeOf(moment) }),
      );
      const answer = await testService(bench, { nowMs: moment.nowMs }).query('mine', request);
      const model = modelStickiness(events, 'mine', request, moment);
      assert.deepEqual(
        [answer.histogram.exactly, answer.active, answer.windows.map(({ active }) => active)],
        [model.exactly, model.active, model.windows],
      );
      const actors = sumOf(model.exactly);
      assert.equal(answer.actors, actors);
      const atLeast = model.exactly.map((_, index) => sumOf(model.exactly.slice(index)));
      assert.deepEqual(answer.histogram.at_least, atLeast);
      assert.deepEqual(
        answer.histogram.shares,
        atLeast.map((count) => ratio(count, actors)),
      );
      const periods = model.exactly.map((count, index) => count * (index + 1));
      assert.equal(answer.histogram.mean, ratio(sumOf(periods), actors));
      for (const { active, ratios, ratio: whole } of answer.windows) {
        assert.deepEqual(
          ratios,
          active.map((count, index) => ratio(model.active[index] ?? 0, count)),
        );
        const over = (numbers: readonly number[]) =>
          sumOf(numbers.filter((_, index) => answer.complete[index]));
        assert.equal(whole, ratio(over(model.active), over(active)));
      }
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

test('the data has what the questions are about', () => {
  assert.ok(events.some(({ user_id }) => user_id === '') && PLANS.length > 0);
  const instants = Map.groupBy(events, ({ timeMs, user_id }) => `${timeMs} ${user_id}`);
  assert.ok(
    [...instants.values()].some((of) => of.length > 1),
    'several events of a user share a millisecond',
  );
  assert.ok(events.every(({ timeMs }) => timeMs < (STRETCHES[1] ?? 0) + 62 * DAY_MS));
});
