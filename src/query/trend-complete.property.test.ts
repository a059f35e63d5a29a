import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import {
  COMPARED_PERIODS,
  type TrendAnswer,
  type TrendRequest,
  trendRequestSchema,
} from '../contract/trend.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { bucketOf } from './testing/trend-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { type ModelFormula, modelCompleteTrend } from './testing/trend-complete-model.ts';
import {
  filters,
  isNear,
  loadModelEvents,
  makeEvents,
  STRETCHES,
  textFields,
  TYPES,
  ZONES,
} from './testing/trend-data.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 1_500;
const QUESTIONS = 80;
const ROLLUP_QUESTIONS = 30;
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED), EVENTS);

before(async () => {
  bench = await openTestWarehouse();
  await loadModelEvents(bench, events, NOW_MS);
});
after(() => bench.close());

/** Measures of which the model knows the exact value. */
const measures = fc.oneof(
  fc.constantFrom('count' as const, 'unique_users' as const, 'unique_sessions' as const),
  fc.record({
    kind: fc.constantFrom('sum' as const, 'avg' as const, 'min' as const, 'max' as const),
    of: fc.constantFrom('value', 'properties.n'),
  }),
  fc.record({ kind: fc.constant('unique' as const), of: fc.constantFrom('country', 'properties.plan') }),
  fc.record({ kind: fc.constant('rate' as const), per: fc.constantFrom('minute' as const, 'hour' as const) }),
  fc.record({
    kind: fc.constant('rate' as const),
    per: fc.constant('day' as const),
    of: fc.constantFrom('value', 'properties.n'),
  }),
);

/** Measures that the rollup holds. */
const rollupMeasures = fc.oneof(
  fc.constantFrom('count' as const, 'unique_users' as const, 'unique_sessions' as const),
  fc.record({ kind: fc.constantFrom('sum' as const, 'avg' as const), of: fc.constant('value') }),
  fc.record({ kind: fc.constant('rate' as const), per: fc.constant('second' as const) }),
);

const typesArbitrary = fc.option(fc.subarray(TYPES, { minLength: 1 }), { nil: undefined });

/** Formulas in both forms, by the letters that they need. */
const FORMULAS: readonly (readonly [text: string, letters: number, model: ModelFormula])[] = [
  ['100 * A', 1, ({ A = 0 }) => 100 * A],
  ['-A / (A - 3)', 1, ({ A = 0 }) => -A / (A - 3)],
  ['A / B', 2, ({ A = 0, B = 0 }) => A / B],
  ['A + B / 2 - 1', 2, ({ A = 0, B = 0 }) => A + B / 2 - 1],
  ['100 * B / (A + C)', 3, ({ A = 0, B = 0, C = 0 }) => (100 * B) / (A + C)],
];

/** Intervals with a window that suits each, and its steps; and how long ranges are. */
const AXES = [
  ['30s', '5m', 10, 1_800_000],
  ['1m', '3m', 3, 3_600_000],
  ['15m', '1h', 4, DAY_MS],
  ['1h', '6h', 6, 3 * DAY_MS],
  ['1d', '7d', 7, 20 * DAY_MS],
  ['1w', '2w', 2, 60 * DAY_MS],
  ['1M', '3M', 3, 400 * DAY_MS],
  ['total', undefined, undefined, 5 * DAY_MS],
] as const;

const questionsOf = (measure: typeof measures, isRollup: boolean) =>
  fc.record({
    series: fc.array(
      fc.record({
        measure,
        types: typesArbitrary,
        filter: isRollup ? fc.constant(undefined) : fc.option(filters, { nil: undefined, freq: 2 }),
        hidden: fc.boolean(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    isSingle: fc.boolean(),
    formulas: fc.subarray([...FORMULAS]),
    axis: fc.constantFrom(...AXES),
    mode: fc.constantFrom('plain', 'cumulative', 'window'),
    start: fc.tuple(fc.constantFrom(...STRETCHES), fc.integer({ min: -DAY_MS, max: 4 * DAY_MS })),
    length: fc.double({ min: 0.01, max: 1, noNaN: true }),
    snap: isRollup
      ? fc.constantFrom('pane', 'day')
      : fc.constantFrom('none', 'none', 'pane', 'day', 'month', 'day'),
    compare: fc.option(
      fc.oneof(
        fc.constantFrom(...COMPARED_PERIODS),
        fc.record({ days: fc.integer({ min: -30, max: 400 }), ms: fc.constantFrom(0, 0, 70_000) }),
      ),
      { nil: undefined, freq: 2 },
    ),
    smooth: fc.option(fc.integer({ min: 2, max: 5 }), { nil: undefined, freq: 1 }),
    isPerUser: fc.boolean(),
    types: typesArbitrary,
    filter: isRollup ? fc.constant(undefined) : fc.option(filters, { nil: undefined, freq: 1 }),
    timezone: fc.constantFrom(...ZONES),
    by: isRollup
      ? fc.option(fc.subarray(['type', 'currency'], { minLength: 1 }), { nil: undefined })
      : fc.option(fc.uniqueArray(textFields, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    top: fc.integer({ min: 1, max: 3 }),
  });

type Question = ReturnType<typeof questionsOf> extends fc.Arbitrary<infer Made> ? Made : never;

const snapped = (ms: number, how: string, timeZone: string): number => {
  if (how === 'none') return ms;
  if (how === 'pane') return Math.floor(ms / 10_000) * 10_000;
  const date = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate();
  return (how === 'month' ? date.with({ day: 1 }) : date).toZonedDateTime(timeZone).epochMilliseconds;
};

interface Asked {
  readonly request: TrendRequest;
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly steps: number | undefined;
  readonly formulas: readonly ModelFormula[];
}

const asked = (question: Question): Asked => {
  const [interval, window, steps, longest] = question.axis;
  const isWindow = question.mode === 'window' && window !== undefined;
  const { timezone, snap } = question;
  const fromMs = snapped(question.start[0] + question.start[1], snap, timezone);
  const wished = snapped(
    fromMs + Math.ceil(question.length * longest),
    snap === 'none' ? 'none' : 'pane',
    timezone,
  );
  const ends = [snapped(wished, snap, timezone), wished].filter((ms) => ms > fromMs);
  const toMs = ends[0] ?? fromMs + 10_000;
  const series = question.isSingle ? question.series.slice(0, 1) : question.series;
  const formulas = question.formulas.filter(([, letters]) => letters <= series.length);
  const compare =
    typeof question.compare === 'object'
      ? {
          to:
            Temporal.Instant.fromEpochMilliseconds(isWindow ? bucketOf(fromMs, interval, timezone) : fromMs)
              .toZonedDateTimeISO(timezone)
              .subtract({ days: question.compare.days }).epochMilliseconds -
            (['1d', '1w', '1M'].includes(interval) ? 0 : question.compare.ms),
        }
      : question.compare;
  const request = trendRequestSchema.parse({
    kind: 'trend',
    ...(question.isSingle ? { measure: series[0]?.measure } : { series }),
    ...(formulas.length === 0 ? {} : { formula: formulas.map(([text]) => text) }),
    ...{ interval, timezone, top: question.top, range: { from: fromMs, to: toMs } },
    ...(isWindow ? { window } : {}),
    cumulative: question.mode === 'cumulative',
    ...(question.isPerUser ? { per: 'active_user' } : {}),
    ...(question.smooth === undefined ? {} : { smooth: { moving_average: question.smooth } }),
    ...{ compare, types: question.types, filter: question.filter, by: question.by },
  });
  return {
    request,
    range: { fromMs, toMs },
    steps: isWindow ? steps : undefined,
    formulas: formulas.map(([, , model]) => model),
  };
};

const nameOf = (line: {
  id?: string | undefined;
  group: unknown;
  other: boolean;
  currency?: string | null | undefined;
}): string =>
  JSON.stringify([
    line.id ?? 'A',
    line.group,
    line.other,
    line.currency === undefined ? [] : [line.currency],
  ]);

const instantOf = (label: string | null): number | null =>
  label === null ? null : Temporal.Instant.from(label).epochMilliseconds;

const TOLERANCE = 1e-9;

const checkNumbers = (
  found: readonly (number | null)[],
  expected: readonly (number | null)[],
  what: string,
): void => {
  assert.equal(found.length, expected.length, what);
  found.forEach((value, index) => {
    const wanted = expected[index] ?? null;
    assert.ok(isNear(value, wanted, TOLERANCE), `${what}, bucket ${index}: ${value}, expected ${wanted}`);
  });
};

const check = (answer: TrendAnswer, { request, range, steps, formulas }: Asked): void => {
  const model = modelCompleteTrend(events, 'mine', request, range, { steps, formulas });
  assert.deepEqual(answer.buckets.map(instantOf), model.starts);
  assert.deepEqual(answer.compared?.buckets.map(instantOf), model.comparedStarts);
  assert.deepEqual(answer.series.map(nameOf).sort(), model.lines.map(nameOf).sort());
  for (const line of model.lines) {
    const name = nameOf(line);
    const series = answer.series.find((one) => nameOf(one) === name);
    assert.ok(series);
    checkNumbers([series.total, ...series.values], [line.total, ...line.values], name);
    assert.equal(series.compared === undefined, line.compared === undefined);
    const { compared } = line;
    if (compared === undefined || series.compared === undefined) continue;
    checkNumbers(
      [series.compared.total, ...series.compared.values],
      [compared.total, ...compared.values],
      `${name} compared`,
    );
  }
};

/** A month that has none of the days of the range cannot be compared with; that is refused, and no question for the model. */
const isComparable = async (ask: () => Promise<TrendAnswer>): Promise<TrendAnswer | undefined> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && /none of these days/u.test(error.message)) return undefined;
    throw error;
  }
};

test(`complete trends agree with a naive model (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  await fc.assert(
    fc.asyncProperty(questionsOf(measures, false), async (question) => {
      const each = asked(question);
      const answer = await isComparable(() => service.query('mine', each.request));
      if (answer !== undefined) check(answer, each);
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

test(`rollup and events give the same series (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  await fc.assert(
    fc.asyncProperty(questionsOf(rollupMeasures as typeof measures, true), async (question) => {
      const each = asked(question);
      const answer = await isComparable(() => service.query('mine', each.request));
      if (answer === undefined) return;
      assert.equal(answer.source, 'rollup_10s');
      check(answer, each);
      const raw = await service.query('mine', { ...each.request, source: 'events' });
      assert.equal(raw.source, 'events');
      const bare = (series: TrendAnswer['series']) => series.map((one) => ({ ...one, source: undefined }));
      assert.deepEqual(bare(raw.series), bare(answer.series));
      assert.deepEqual(raw.buckets, answer.buckets);
    }),
    { seed: SEED, numRuns: ROLLUP_QUESTIONS },
  );
});

/** Of the numbers themselves: the sketch is within this part of the true value. */
const QUANTILE_TOLERANCE = 0.002;

test(`running and sliding quantiles are near the true ones (seed ${SEED})`, {
  timeout: 300_000,
}, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const [start = 0] = STRETCHES;
  for (const part of [{ cumulative: true }, { window: '6h' }, { window: '6h', by: ['country'], top: 9 }])
    for (const field of ['value', 'properties.n'])
      for (const level of [0, 0.5, 0.9]) {
        const range = { fromMs: start, toMs: start + 3 * DAY_MS };
        const request = trendRequestSchema.parse({
          ...{ kind: 'trend', measure: { kind: 'quantile', of: field, level }, interval: '1h', ...part },
          range: { from: range.fromMs, to: range.toMs },
        });
        const steps = 'window' in part ? 6 : undefined;
        const answer = await service.query('mine', request);
        const model = modelCompleteTrend(events, 'mine', request, range, { steps, formulas: [] });
        for (const line of model.lines) {
          const series = answer.series.find((one) => nameOf(one) === nameOf({ ...line, id: 'A' }));
          assert.ok(series, nameOf(line));
          for (const [index, wanted] of [line.total, ...line.values].entries()) {
            const found: number | null = index === 0 ? series.total : (series.values[index - 1] ?? null);
            assert.ok(
              isNear(found, wanted, QUANTILE_TOLERANCE),
              `${nameOf(line)} ${index}: ${found}, ${wanted}`,
            );
          }
        }
      }
});
