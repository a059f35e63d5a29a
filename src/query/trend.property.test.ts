import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import type { Filter } from '../contract/question.ts';
import { type TrendAnswer, type TrendRequest, trendRequestSchema } from '../contract/trend.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import {
  CURRENCIES,
  filters,
  isNear,
  loadModelEvents,
  makeEvents,
  STRETCHES,
  textFields,
  TYPES,
  ZONES,
} from './testing/trend-data.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { bucketOf, modelTrend } from './testing/trend-model.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 4_000;
const QUESTIONS = 150;
const ROLLUP_QUESTIONS = 80;
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED), EVENTS);

before(async () => {
  bench = await openTestWarehouse();
  await loadModelEvents(bench, events, NOW_MS);
});
after(() => bench.close());

/** Filters that the rollup can answer. */
const rollupCondition: fc.Arbitrary<Filter> = fc.record({
  field: fc.constantFrom('type', 'currency'),
  op: fc.constantFrom('eq' as const, 'neq' as const),
  value: fc.constantFrom(...TYPES, ...CURRENCIES),
});

const measures = fc.oneof(
  fc.constantFrom('count' as const, 'unique_users' as const, 'unique_sessions' as const),
  fc.record({
    kind: fc.constantFrom('sum' as const, 'avg' as const, 'min' as const, 'max' as const),
    of: fc.constantFrom('value', 'properties.n', 'properties.plan'),
  }),
  fc.record({
    kind: fc.constant('quantile' as const),
    of: fc.constantFrom('value', 'properties.n'),
    level: fc.constantFrom(0, 0.5, 0.9, 1),
  }),
  fc.record({
    kind: fc.constant('unique' as const),
    of: fc.constantFrom('country', 'properties.plan', 'properties.ref'),
  }),
);

const fine = ['10s', '30s', '1m', '5m', '15m'] as const;
const coarse = ['1h', '1d', '1w', '1M', 'total'] as const;

const ranges = fc.tuple(
  fc.constantFrom(...STRETCHES),
  fc.integer({ min: -DAY_MS, max: 4 * DAY_MS }),
  fc.integer({ min: 1, max: 4 * DAY_MS }),
  fc.boolean(),
);

interface Question {
  readonly measure: TrendRequest['measure'];
  /** Begin of a stretch, milliseconds from there, length, and whether bounds are multiples of 10 seconds. */
  readonly stretch: readonly [number, number, number, boolean];
  readonly isFine: boolean;
  readonly fineInterval: TrendRequest['interval'];
  readonly coarseInterval: TrendRequest['interval'];
  readonly timezone: string;
  readonly types: string[] | undefined;
  readonly filter: Filter | undefined;
  readonly by: string[] | undefined;
  readonly top: number;
}

const questions: fc.Arbitrary<Question> = fc.record({
  measure: measures,
  stretch: ranges,
  isFine: fc.boolean(),
  fineInterval: fc.constantFrom(...fine),
  coarseInterval: fc.constantFrom(...coarse),
  timezone: fc.constantFrom(...ZONES),
  types: fc.option(fc.subarray(TYPES, { minLength: 1 }), { nil: undefined }),
  filter: fc.option(filters, { nil: undefined }),
  by: fc.option(fc.uniqueArray(textFields, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  top: fc.integer({ min: 1, max: 5 }),
});

/** Questions that the rollup answers. */
const rollupQuestions: fc.Arbitrary<Question> = fc
  .record({
    question: questions,
    measure: fc.oneof(
      fc.constantFrom('count' as const, 'unique_users' as const, 'unique_sessions' as const),
      fc.record({ kind: fc.constantFrom('sum' as const, 'avg' as const), of: fc.constant('value') }),
    ),
    filter: fc.option(
      fc.oneof(
        rollupCondition,
        fc.record({ and: fc.array(rollupCondition, { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: rollupCondition }),
      ),
      { nil: undefined },
    ),
    by: fc.option(fc.subarray(['type', 'currency'], { minLength: 1 }), { nil: undefined }),
  })
  .map(({ question, ...rest }) => {
    const [start, offset, length] = question.stretch;
    return { ...question, ...rest, stretch: [start, offset, length, true] } satisfies Question;
  });

const requestOf = (
  question: Question,
): { request: TrendRequest; range: { fromMs: number; toMs: number } } => {
  const [start, offset, length, isAligned] = question.stretch;
  const snap = (ms: number) => (isAligned ? Math.floor(ms / 10_000) * 10_000 : ms);
  const fromMs = snap(start + offset);
  // Fine buckets over short ranges, or there would be too many.
  const toMs = Math.max(snap(fromMs + (question.isFine ? length % 7_200_000 : length)), fromMs + 10_000);
  const { measure, timezone, types, filter, by, top } = question;
  const request = trendRequestSchema.parse({
    kind: 'trend',
    measure,
    timezone,
    top,
    interval: question.isFine ? question.fineInterval : question.coarseInterval,
    range: { from: fromMs, to: toMs },
    ...(types === undefined ? {} : { types }),
    ...(filter === undefined ? {} : { filter }),
    ...(by === undefined ? {} : { by }),
  });
  return { request, range: { fromMs, toMs } };
};

const keyOf = (series: { group: unknown; other: boolean; currency?: string | null | undefined }): string =>
  JSON.stringify([series.group, series.other, series.currency ?? null]);

const startsOf = (answer: TrendAnswer): number[] =>
  answer.buckets.map((text) => Temporal.Instant.from(text).epochMilliseconds);

const QUANTILE_TOLERANCE = 0.002;
const ALL_GROUPS = 1_000_000;

/**
 * A quantile is near the true value, not equal to it, so groups that are nearly equal may swap places across the edge of the top. Each group that the model does not name must
 * stand for one of the same currency that is as large, within the tolerance of both.
 */
const checkNearTies = (keys: string[], expectedKeys: string[], all: ReturnType<typeof modelTrend>): void => {
  const extra = keys.filter((key) => !expectedKeys.includes(key));
  const missing = expectedKeys.filter((key) => !keys.includes(key));
  assert.equal(extra.length, missing.length, `${keys.join()} for ${expectedKeys.join()}`);
  const named = (key: string) => all.find((series) => !series.other && keyOf(series) === key);
  for (const key of extra) {
    const group = named(key);
    const stands = missing
      .map(named)
      .some(
        (other) =>
          other?.currency === group?.currency &&
          isNear(group?.total ?? null, other?.total ?? null, 2 * QUANTILE_TOLERANCE),
      );
    assert.ok(group !== undefined && stands, `${key} for one of ${missing.join()}`);
  }
};

const check = (answer: TrendAnswer, request: TrendRequest, range: { fromMs: number; toMs: number }): void => {
  const isQuantile = typeof request.measure === 'object' && request.measure.kind === 'quantile';
  const tolerance = isQuantile ? QUANTILE_TOLERANCE : 1e-12;
  const expected = modelTrend(events, 'mine', request, range);
  const keys = answer.series.map(keyOf).sort();
  const expectedKeys = expected.map(keyOf).sort();
  if (isQuantile && keys.join() !== expectedKeys.join()) {
    checkNearTies(keys, expectedKeys, modelTrend(events, 'mine', { ...request, top: ALL_GROUPS }, range));
    return;
  }
  assert.deepEqual(keys, expectedKeys);
  const starts = startsOf(answer);
  const isCounted =
    request.measure === 'count' ||
    typeof request.measure === 'string' ||
    request.measure.kind === 'unique' ||
    request.measure.kind === 'sum';
  for (const model of expected) {
    const series = answer.series.find((one) => keyOf(one) === keyOf(model));
    assert.ok(series);
    assert.ok(isNear(series.total, model.total, tolerance), `total ${series.total}, expected ${model.total}`);
    series.values.forEach((value, index) => {
      const wanted = model.values.get(starts[index] ?? 0) ?? (isCounted ? 0 : null);
      assert.ok(isNear(value, wanted, tolerance), `${answer.buckets[index]}: ${value}, expected ${wanted}`);
    });
    for (const start of model.values.keys())
      assert.ok(starts.includes(start), `no bucket begins at ${new Date(start).toISOString()}`);
  }
  for (const start of request.interval === 'total' ? [] : starts.slice(1))
    assert.equal(bucketOf(start, request.interval, request.timezone), start);
};

test(`trends agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  await fc.assert(
    fc.asyncProperty(questions, async (question) => {
      const { request, range } = requestOf(question);
      check(await service.query('mine', request), request, range);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

test(`rollup and events give the same numbers (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  await fc.assert(
    fc.asyncProperty(rollupQuestions, async (question) => {
      const { request, range } = requestOf(question);
      const answer = await service.query('mine', request);
      assert.equal(answer.source, 'rollup_10s');
      check(answer, request, range);
      const raw = await service.query('mine', { ...request, source: 'events' });
      assert.equal(raw.source, 'events');
      assert.deepEqual(raw.series, answer.series);
      assert.deepEqual(raw.buckets, answer.buckets);
    }),
    { seed: SEED, numRuns: ROLLUP_QUESTIONS },
  );
});
