import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fc } from '../../test/support/fast-check.ts';
import { queryRequestSchema } from '../contract/query.ts';
import {
  type StatisticsRequest,
  type StatisticsSeries,
  statisticsRequestSchema,
} from '../contract/statistics.ts';
import { SeededRandom, testSeed } from '../lib/testing/random.ts';
import { parseRequest } from '../http/parse-request.ts';
import { fieldText, selects } from './testing/revenue-model.ts';
import { openTestWarehouse, type TestWarehouse, testService } from './testing/test-warehouse.ts';
import { rowsOf } from './testing/trend-data.ts';
import type { ModelEvent } from './testing/trend-model.ts';

/** Seed of the data and of the questions. AEVUM_TEST_SEED repeats a run. */
const SEED = testSeed();
const EVENTS = 2_000;
const QUESTIONS = 60;
const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 5);
const FIRST_MS = NOW_MS - 10 * DAY_MS;

const makeEvents = (random: SeededRandom): ModelEvent[] => {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)] as T;
  return Array.from({ length: EVENTS }, () => {
    const tenths = Math.floor(random.next() * 41);
    return {
      project: random.next() < 0.85 ? 'mine' : 'other',
      timeMs: FIRST_MS + Math.floor(random.next() * 10 * DAY_MS),
      type: pick(['page_view', 'purchase']),
      user_id: 'u',
      session_id: 's',
      country: pick(['DE', 'FR', '']),
      currency: pick(['EUR', 'USD']),
      micros: random.next() < 0.3 ? null : BigInt(Math.floor(random.next() * 1e8) - 1e7),
      properties: JSON.parse(
        JSON.stringify({
          // Tenths lie on the edges of bins, or next to them once they were divided.
          n: pick([tenths / 10, String(tenths / 10), tenths, null, 'many', undefined]),
          m: tenths * 3 + Math.floor(random.next() * 20),
          same: 4,
        }),
      ) as Record<string, unknown>,
    };
  });
};

let bench: TestWarehouse;
const events = makeEvents(new SeededRandom(SEED));

before(async () => {
  bench = await openTestWarehouse();
  const rows = rowsOf(events, NOW_MS);
  await bench.load('events', rows.slice(0, 900), 0);
  await bench.load('events', rows.slice(900), 1);
});
after(() => bench.close());

const numberOf = (event: ModelEvent, field: string): number | null => {
  if (field === 'value') return event.micros === null ? null : Number(event.micros) / 1e6;
  const text = fieldText(event, field);
  return text !== null && /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : null;
};

interface Pair {
  readonly x: number;
  readonly y: number | null;
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

const near = (actual: number | null, expected: number, tolerance: number, what: string): void => {
  if (!Number.isFinite(expected)) return assert.equal(actual, null, what);
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= Math.max(1e-9, tolerance * Math.abs(expected)),
    `${what}: ${actual}, expected ${expected}`,
  );
};

/** The figures of one series, each as the textbook has it. */
const checkSeries = (series: StatisticsSeries, pairs: readonly Pair[], edges: readonly number[]): void => {
  const numbers = pairs.map(({ x }) => x).sort((a, b) => a - b);
  const average = mean(numbers);
  const squares = numbers.reduce((sum, x) => sum + (x - average) ** 2, 0);
  assert.equal(series.count, numbers.length);
  assert.equal(series.min, numbers[0]);
  assert.equal(series.max, numbers.at(-1));
  near(series.mean, average, 1e-9, 'mean');
  near(series.sum, average * numbers.length, 1e-9, 'sum');
  near(series.deviation, Math.sqrt(squares / (numbers.length - 1)), 1e-9, 'deviation');
  for (const { level, value } of series.quantiles) {
    near(value, numbers[Math.floor(level * (numbers.length - 1))] ?? Number.NaN, 0.002, `quantile ${level}`);
    assert.ok(
      value !== null && value >= (numbers[0] ?? 0) && value <= (numbers.at(-1) ?? 0),
      `quantile ${level}`,
    );
  }
  const last = edges.at(-1) ?? 0;
  const binOf = (x: number) =>
    Math.min(
      edges.findLastIndex((edge) => edge <= x),
      edges.length - 2,
    );
  const inside = numbers.filter((x) => x >= (edges[0] ?? 0) && x <= last);
  assert.deepEqual(
    series.histogram.counts,
    edges.slice(1).map((_, bin) => inside.filter((x) => binOf(x) === bin).length),
  );
  assert.equal(series.histogram.below, numbers.filter((x) => x < (edges[0] ?? 0)).length);
  assert.equal(series.histogram.above, numbers.filter((x) => x > last).length);
};

const checkCorrelation = (
  given: NonNullable<StatisticsSeries['correlation']>,
  pairs: readonly Pair[],
): void => {
  const both = pairs.flatMap(({ x, y }) => (y === null ? [] : [[x, y] as const]));
  assert.equal(given.count, both.length);
  const [meanX, meanY] = [mean(both.map(([x]) => x)), mean(both.map(([, y]) => y))];
  const xx = both.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const yy = both.reduce((sum, [, y]) => sum + (y - meanY) ** 2, 0);
  const xy = both.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const slope = both.length < 2 ? Number.NaN : xy / xx;
  near(given.pearson, both.length < 2 ? Number.NaN : xy / Math.sqrt(xx * yy), 1e-7, 'pearson');
  near(given.slope, slope, 1e-7, 'slope');
  near(given.intercept, meanY - slope * meanX, 1e-6, 'intercept');
};

test(`statistics agree with the textbook (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const questions = fc.record({
    of: fc.constantFrom('value', 'properties.n', 'properties.m', 'properties.same', 'properties.absent'),
    with: fc.constantFrom(undefined, 'value', 'properties.m', 'properties.n', 'properties.same'),
    events: fc.constantFrom<StatisticsRequest['events']>({}, 'purchase', {
      filter: { field: 'country', op: 'exists' },
    }),
    by: fc.constantFrom(undefined, ['country'], ['country', 'type']),
    top: fc.integer({ min: 1, max: 4 }),
    bins: fc.constantFrom(1, 4, 10, 20, 37),
    bounds: fc.constantFrom({}, { from: 0.5 }, { to: 3.3 }, { from: 1, to: 2 }, { from: 1e6 }),
    hours: fc.integer({ min: 1, max: 240 }),
  });
  await fc.assert(
    fc.asyncProperty(questions, async ({ with: other, by, bounds, hours, ...rest }) => {
      fc.pre(other !== rest.of);
      const range = { fromMs: NOW_MS - hours * 3_600_000, toMs: NOW_MS };
      const request = statisticsRequestSchema.parse({
        kind: 'statistics',
        ...rest,
        ...bounds,
        range: { from: range.fromMs, to: range.toMs },
        ...(other === undefined ? {} : { with: other }),
        ...(by === undefined ? {} : { by }),
      });
      const answer = await service.query('mine', request);
      assert.ok(answer.kind === 'statistics');
      const mine = events.filter(
        (event) =>
          event.project === 'mine' &&
          event.timeMs >= range.fromMs &&
          event.timeMs < range.toMs &&
          selects(request.events, event),
      );
      const measured = mine.filter((event) => numberOf(event, request.of) !== null);
      assert.equal(answer.missing, mine.length - measured.length);
      const textsOf = (event: ModelEvent) => (by ?? []).map((field) => fieldText(event, field));
      const ranked = [...Map.groupBy(measured, (event) => JSON.stringify(textsOf(event)))]
        .map(([key, of]) => ({ key, size: of.length }))
        .sort((a, b) => b.size - a.size || (sortKey(a.key) < sortKey(b.key) ? -1 : 1));
      const named = new Set(ranked.slice(0, request.top).map(({ key }) => key));
      const isMoney = request.of === 'value' || request.with === 'value';
      const groups = Map.groupBy(measured, (event) => {
        const key = JSON.stringify(textsOf(event));
        return JSON.stringify([
          by !== undefined && !named.has(key) ? null : key,
          isMoney ? event.currency : null,
        ]);
      });
      assert.equal(answer.series.length, groups.size);
      for (const [key, of] of groups) {
        const [texts, currency] = JSON.parse(key) as [string | null, string | null];
        const values = texts === null ? [] : (JSON.parse(texts) as (string | null)[]);
        const series = answer.series.find(
          (one) =>
            one.other === (texts === null) &&
            (one.currency ?? null) === currency &&
            JSON.stringify(Object.values(one.group ?? {})) === JSON.stringify(values),
        );
        assert.ok(series, key);
        const pairs = of.map((event) => ({
          x: numberOf(event, request.of) ?? Number.NaN,
          y: request.with === undefined ? null : numberOf(event, request.with),
        }));
        checkSeries(series, pairs, answer.edges);
        assert.equal(series.correlation === undefined, request.with === undefined);
        if (series.correlation !== undefined) checkCorrelation(series.correlation, pairs);
      }
    }),
    { seed: SEED, numRuns: QUESTIONS },
  );
});

/** Absent values come first: their key is empty. */
const sortKey = (key: string): string =>
  (JSON.parse(key) as (string | null)[]).map((text) => text ?? '').join('\0');

test('what cannot be asked is refused at its place', async () => {
  const service = testService(bench, { nowMs: NOW_MS });
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ of: 'country' }, /^of: "country" is no number/u],
    [{ of: 'value', with: 'timestamp' }, /^with: "timestamp" is no number/u],
    [{ of: 'value', with: 'value' }, /^with: A field goes perfectly with itself/u],
    [{ of: 'value', from: 2, to: 2 }, /^to: "from" must lie before "to"/u],
    [{ of: 'value', bins: 201 }, /^bins: must be at most 200/u],
    [{ of: 'value', levels: [1.5] }, /^levels\.0: must be at most 1/u],
    [{}, /^of: is missing/u],
  ];
  for (const [rest, message] of cases)
    await assert.rejects(
      async () => service.query('mine', parseRequest(queryRequestSchema, { kind: 'statistics', ...rest })),
      { message },
    );
});
